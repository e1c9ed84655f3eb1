// Waits for what another process or thread does to files.

import { once } from "node:events";
import fs from "node:fs";

/** Resolves when that is so. Looks whenever something in the directory has changed. */
export async function untilFiles(directory: string, isSo: () => boolean): Promise<void> {
  const watcher = fs.watch(directory);
  try {
    while (!isSo()) await once(watcher, "change");
  } finally {
    watcher.close();
  }
}
