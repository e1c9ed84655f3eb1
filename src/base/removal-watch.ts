// Tells when a file that somebody relies on has no longer its name: it was removed, renamed or replaced. Any thread.

import { type FSWatcher, statSync, watch } from "node:fs";

export class RemovalWatch {
  private readonly path: string;
  private readonly inode: number | undefined;
  private readonly watcher: FSWatcher | undefined;

  /** Of the file that is there now. `onRemoved` is called once; an event of the file's own that is none is not told. */
  constructor(path: string, onRemoved: () => void) {
    this.path = path;
    this.inode = inodeOf(path);
    this.watcher = watchFile(path, () => {
      if (!this.isRemoved) return;
      this.close();
      onRemoved();
    });
  }

  /** One whose directory was closed to us, say, is not known to be removed. */
  get isRemoved(): boolean {
    try {
      return inodeOf(this.path) !== this.inode;
    } catch {
      return false; // who cannot look goes on
    }
  }

  close(): void {
    this.watcher?.close();
  }
}

/** Asks for its name alone: to open and close a file would end our own lock on it. */
const inodeOf = (path: string): number | undefined =>
  statSync(path, { throwIfNoEntry: false })?.ino;

/** Undefined: the system has no more to give, and the file is as it would be without this. */
function watchFile(path: string, onChange: () => void): FSWatcher | undefined {
  try {
    return watch(path, { persistent: false }, onChange).on("error", () => undefined);
  } catch {
    return undefined; // a guard against a mistake is not worth a start
  }
}
