// Makes a file on a thread of its own, so that a signal that ends the tool leaves no part of a file behind.

import { once } from "node:events";
import { constants } from "node:os";
import { Worker } from "node:worker_threads";
import type { CaptureOptions } from "../capture-options.ts";
import type { CaptureThreadData } from "./capture-thread.ts";
import { type Made, makeCapture } from "./make-capture.ts";
import { discard, isStream, type NewFileNames } from "./new-file.ts";

const ENTRY = new URL("./capture-thread.ts", import.meta.url);
/** Of a shell, for who was ended by a signal. */
const SIGNAL_STATUS = 128;

/** Rejects with what nobody expected; there is no part of a file then, either. */
export async function makeOnThread(options: CaptureOptions, names: NewFileNames): Promise<Made> {
  // Where nothing is to be taken away a signal may do what it always does: a pipe that nobody reads cannot be opened.
  if (isStream(names)) return makeCapture(options, names);
  const workerData: CaptureThreadData = { options, names };
  const worker = new Worker(ENTRY, { workerData });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      const end = (): never => {
        discard(names);
        process.exit(SIGNAL_STATUS + constants.signals[signal]);
      };
      void worker.terminate().then(end, end);
    });
  }
  try {
    const [made] = (await once(worker, "message")) as [Made];
    return made;
  } catch (error) {
    discard(names);
    throw error;
  }
}
