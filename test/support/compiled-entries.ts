// Stand-ins for all that src/compile-all.mjs compiles.

import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

export const COMPILE_ALL = resolve(import.meta.dirname, "../../src/compile-all.mjs");

/** A folder of sources with the real compile-all.mjs, each of whose entries is `text`. Returns how many there are. */
export function writeEntries(sources: string, text: string): number {
  copyFileSync(COMPILE_ALL, join(sources, "compile-all.mjs"));
  const entries = [...readFileSync(COMPILE_ALL, "utf8").matchAll(/"\.\/(.*\.ts)"/g)];
  for (const [, entry = ""] of entries) {
    mkdirSync(join(sources, dirname(entry)), { recursive: true });
    writeFileSync(join(sources, entry), text);
  }
  return entries.length;
}
