// Which build this is: a digest of all sources that decide what a lane answers and how its state is kept. A checkpoint is
// used by the build that wrote it alone; a journal of another build is compared record by record. Main thread, at start.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Folders of src that a lane is made of. */
const FOLDERS = ["base", "memory", "protocol", "venue", "lane", "journal"];
const ID_LETTERS = 16;

/** 16 hexadecimal letters. `source` is the folder that has them all: src. */
export function buildId(source: string): string {
  const hash = createHash("sha256");
  for (const folder of FOLDERS) {
    const names = readdirSync(join(source, folder), { recursive: true, encoding: "utf8" });
    for (const name of names.filter((file) => file.endsWith(".ts")).sort()) {
      const text = readFileSync(join(source, folder, name));
      // With its length, so that nothing can move from one file to the next unseen.
      hash.update(`${folder}/${name}\n${text.length}\n`).update(text);
    }
  }
  return hash.digest("hex").slice(0, ID_LETTERS);
}
