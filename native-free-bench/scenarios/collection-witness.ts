// Preloaded into every thread of a gateway by NODE_OPTIONS=--import: one line in a file for each collection, with the
// thread that had it. It costs nothing until there is a collection, and needs no V8 flag.

import { appendFileSync } from "node:fs";
import { isMainThread, threadName } from "node:worker_threads";
import { type Collection, collectionObserver } from "../harness/collections.ts";

/** In the environment: where the lines go. */
export const WITNESS_FILE = "TAILGATE_COLLECTIONS_FILE";

export interface WitnessedCollection extends Collection {
  /** "main", or the name that the worker was given. */
  readonly thread: string;
}

const file = process.env[WITNESS_FILE];
if (file !== undefined) {
  appendFileSync(file, ""); // a gateway without a collection was watched all the same
  const thread = isMainThread ? "main" : (threadName ?? "");
  collectionObserver((collection) => {
    const line: WitnessedCollection = { ...collection, thread };
    // Short lines are appended whole, whichever thread they come from.
    appendFileSync(file, `${JSON.stringify(line)}\n`);
  }).observe({ entryTypes: ["gc"] });
}
