// A change to a file that somebody in this process watches.

import { once } from "node:events";
import { watch } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";

/** Resolves when whoever watches the file has heard of the change: the system tells all of them at once. */
export async function watched(file: string, change: () => void): Promise<void> {
  const watcher = watch(file);
  const heard = once(watcher, "change");
  change();
  await heard;
  watcher.close();
  await nextTurn();
}
