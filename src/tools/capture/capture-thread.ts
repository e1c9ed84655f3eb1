// Entry of the thread that makes a file for npm run capture: it reads and writes without a pause, so that signals reach
// the main thread alone.

import { parentPort, workerData } from "node:worker_threads";
import type { CaptureOptions } from "../capture-options.ts";
import { makeCapture } from "./make-capture.ts";
import type { NewFileNames } from "./new-file.ts";

export interface CaptureThreadData {
  readonly options: CaptureOptions;
  readonly names: NewFileNames;
}

const { options, names } = workerData as CaptureThreadData;
parentPort?.postMessage(makeCapture(options, names));
