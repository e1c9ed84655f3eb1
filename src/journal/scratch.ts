// A place for what nobody keeps: a directory that is removed afterwards, and a descriptor that swallows what is written.

import { closeSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Scratch {
  readonly directory: string;
  /** Of /dev/null. */
  readonly nowhere: number;
}

/** Returns what `use` returns. Throws what the file system throws. */
export function withScratch<Result>(name: string, use: (scratch: Scratch) => Result): Result {
  const directory = mkdtempSync(join(tmpdir(), `tailgate-${name}-${process.pid}-`));
  try {
    const nowhere = openSync("/dev/null", "w");
    try {
      return use({ directory, nowhere });
    } finally {
      closeSync(nowhere);
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
