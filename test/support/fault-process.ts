// A process that ends the way its first argument says.

import { isMainThread, Worker, workerData } from "node:worker_threads";
import { exitOn, exitWorkerOn, type Fault } from "../../src/base/fault.ts";
import { armLastResort } from "../../src/base/last-resort.ts";

const blockFor = (timeMs: number): void => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, timeMs);
};

const [how, fault] = process.argv.slice(2);

if (!isMainThread) {
  exitWorkerOn(workerData as Fault);
} else if (how === "main") {
  exitOn(JSON.parse(fault ?? "") as Fault);
} else if (how === "no-room") {
  // No program can be given that much: what Node throws then, it throws for ENOMEM, too.
  process.env.TAILGATE_TEST = "x".repeat(2 ** 18);
  exitOn(JSON.parse(fault ?? "") as Fault);
} else if (how === "worker") {
  const worker = new Worker(new URL(import.meta.url), { workerData: JSON.parse(fault ?? "") });
  worker.on("exit", (status) => process.exit(status));
  blockFor(300); // the worker's line must not need our event loop
} else if (how === "hang") {
  armLastResort();
  blockFor(60_000);
}
