// Which build this is: a digest of all sources that decide what a lane answers and how its state is kept. A checkpoint is
// used by the build that wrote it alone; a journal of another build is compared record by record. Main thread, at start.

import { createHash } from "node:crypto";
import { closeSync, openSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";
import { assert } from "../base/assert.ts";

/** Folders of src that a lane is made of. */
const FOLDERS = ["base", "memory", "protocol", "venue", "lane", "journal"];
const ID_LETTERS = 16;

/** No source is longer. */
const SOURCE_BYTES_MAX = 2 ** 18;

/** 16 hexadecimal letters. `source` is the folder that has them all: src. */
export function buildId(source: string): string {
  const hash = createHash("sha256");
  // One buffer for all: a megabyte of sources would stay in the process's memory for good.
  const bytes = Buffer.allocUnsafe(SOURCE_BYTES_MAX);
  for (const folder of FOLDERS) {
    const names = readdirSync(join(source, folder), { recursive: true, encoding: "utf8" });
    for (const name of names.filter((file) => file.endsWith(".ts")).sort()) {
      const length = readInto(bytes, join(source, folder, name));
      // With its length, so that nothing can move from one file to the next unseen.
      hash.update(`${folder}/${name}\n${length}\n`).update(bytes.subarray(0, length));
    }
  }
  return hash.digest("hex").slice(0, ID_LETTERS);
}

function readInto(bytes: Buffer, path: string): number {
  const descriptor = openSync(path, "r");
  try {
    const length = readSync(descriptor, bytes, 0, bytes.length, 0);
    assert(length < bytes.length, "a source is longer than any should be");
    return length;
  } finally {
    closeSync(descriptor);
  }
}
