// A place for what nobody keeps: a directory that is removed afterwards, in memory where the system has such, and a
// descriptor that swallows what is written.

import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statfsSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Linux has it in memory. */
const MEMORY_DIRECTORY = "/dev/shm";
/** statfs(2): TMPFS_MAGIC. */
const TMPFS_TYPE = 0x01021994;

export interface Scratch {
  readonly directory: string;
  /** No disk is behind it: a sync costs nothing. */
  readonly isInMemory: boolean;
  /** Of /dev/null. */
  readonly nowhere: number;
}

/** A process that was killed leaves its own, which takes memory until the machine is started anew. */
const LEFTOVER_MS = 600_000;

/** Returns what `use` returns. Throws what the file system throws. */
export function withScratch<Result>(name: string, use: (scratch: Scratch) => Result): Result {
  const directory = makeDirectory(`tailgate-${name}-`);
  try {
    const isInMemory = statfsSync(directory).type === TMPFS_TYPE;
    const nowhere = openSync("/dev/null", "w");
    try {
      return use({ directory, isInMemory, nowhere });
    } finally {
      closeSync(nowhere);
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function makeDirectory(kind: string): string {
  const prefix = `${kind}${process.pid}-`;
  // Whoever says where temporary files belong is obeyed.
  if (process.env.TMPDIR === undefined) {
    try {
      removeLeftovers(MEMORY_DIRECTORY, kind);
      return mkdtempSync(join(MEMORY_DIRECTORY, prefix));
    } catch {
      // another system, or one that keeps its memory
    }
  }
  return mkdtempSync(join(tmpdir(), prefix));
}

function removeLeftovers(parent: string, kind: string): void {
  for (const name of readdirSync(parent)) {
    if (!name.startsWith(kind)) continue;
    const path = join(parent, name);
    try {
      if (Date.now() - statSync(path).mtimeMs < LEFTOVER_MS) continue;
      rmSync(path, { recursive: true, force: true });
    } catch {
      // another user's, or removed meanwhile
    }
  }
}
