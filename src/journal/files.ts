// Every call to the file system that the journal, the outbox and the keeper make: synchronous, on the caller's thread,
// and behind an interface, so that tests can put a disk under them that tears, fills up, fails or loses power.
// Errors are Node's, with their `code` (ENOSPC, EIO …); the callers make Faults of them.

import * as fs from "node:fs";

const { O_NONBLOCK, O_RDONLY } = fs.constants;

export interface Files {
  /** Opens for reading and writing; makes the file when `isNew`, and fails when there is one. Returns a descriptor. */
  open(path: string, isNew: boolean): number;
  openToRead(path: string): number;
  close(descriptor: number): void;
  /** May write less than asked, as the kernel may. Returns the bytes written. */
  write(
    descriptor: number,
    bytes: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): number;
  /** May read less; 0 at the end of the file. */
  read(
    descriptor: number,
    bytes: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): number;
  /** fdatasync: what was written is on the disk when it returns. */
  sync(descriptor: number): void;
  size(descriptor: number): number;
  truncate(descriptor: number, bytes: number): void;
  exists(path: string): boolean;
  /** Names in the directory, sorted. */
  list(directory: string): string[];
  /** One directory; its parent must be there. */
  makeDirectory(directory: string): void;
  /** Makes new, renamed and removed names last: fsync of the directory. */
  syncDirectory(directory: string): void;
  rename(from: string, to: string): void;
  remove(path: string): void;
  /** How full the file system is that holds the path. */
  space(path: string): { readonly bytesFree: number; readonly usedShare: number };
}

export const realFiles: Files = {
  open: (path, isNew) => fs.openSync(path, isNew ? "wx+" : "r+", 0o600),
  // A pipe in a file's place would wait for a writer.
  openToRead: (path) => fs.openSync(path, O_RDONLY | O_NONBLOCK),
  close: (descriptor) => fs.closeSync(descriptor),
  write: (descriptor, bytes, offset, length, position) =>
    fs.writeSync(descriptor, bytes, offset, length, position),
  read: (descriptor, bytes, offset, length, position) =>
    fs.readSync(descriptor, bytes, offset, length, position),
  sync: (descriptor) => fs.fdatasyncSync(descriptor),
  size: (descriptor) => fs.fstatSync(descriptor).size,
  truncate: (descriptor, bytes) => fs.ftruncateSync(descriptor, bytes),
  exists: (path) => fs.existsSync(path),
  list: (directory) => fs.readdirSync(directory).sort(),
  makeDirectory: (directory) => fs.mkdirSync(directory),
  syncDirectory: (directory) => {
    const descriptor = fs.openSync(directory, "r");
    try {
      fs.fsyncSync(descriptor);
    } finally {
      fs.closeSync(descriptor);
    }
  },
  rename: (from, to) => fs.renameSync(from, to),
  remove: (path) => fs.unlinkSync(path),
  space: (path) => {
    const { blocks, bavail, bfree, bsize } = fs.statfsSync(path);
    // As df counts: what only root may use is not there for us.
    const used = blocks - bfree;
    const total = used + bavail;
    return { bytesFree: bavail * bsize, usedShare: total === 0 ? 0 : used / total };
  },
};
