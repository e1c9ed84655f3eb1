import assert from "node:assert/strict";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { threadCpuMs } from "../../src/base/thread-cpu.ts";

const BUSY_MS = 50;
const MODULE = new URL("../../src/base/thread-cpu.ts", import.meta.url).href;
const BUSY = `
  import("${MODULE}").then(({ threadCpuMs }) => {
    while (threadCpuMs() < ${BUSY_MS});
    require("node:worker_threads").parentPort.postMessage(threadCpuMs());
  });
`;

test("a thread counts what it works, not what it sleeps or others work", async (t) => {
  const worker = new Worker(BUSY, { eval: true });
  t.after(() => worker.terminate());
  const otherMs = await new Promise<number>((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
  assert.ok(otherMs >= BUSY_MS);

  const beganAt = performance.now();
  const before = threadCpuMs();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BUSY_MS);
  while (threadCpuMs() - before < 1);
  const workedMs = threadCpuMs() - before;
  assert.ok(workedMs <= performance.now() - beganAt - BUSY_MS / 2, `${workedMs} ms`);
});
