// A place for what nobody keeps: a directory that is removed afterwards, in memory where the system has such, and a
// descriptor that swallows what is written.

import { closeSync, mkdtempSync, openSync, rmSync, statfsSync } from "node:fs";
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

/** Returns what `use` returns. Throws what the file system throws. */
export function withScratch<Result>(name: string, use: (scratch: Scratch) => Result): Result {
  const directory = makeDirectory(`tailgate-${name}-${process.pid}-`);
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

function makeDirectory(prefix: string): string {
  // Whoever says where temporary files belong is obeyed.
  if (process.env.TMPDIR === undefined) {
    try {
      return mkdtempSync(join(MEMORY_DIRECTORY, prefix));
    } catch {
      // another system, or one that keeps its memory
    }
  }
  return mkdtempSync(join(tmpdir(), prefix));
}
