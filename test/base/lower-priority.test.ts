import assert from "node:assert/strict";
import { once } from "node:events";
import { getPriority } from "node:os";
import { test } from "node:test";
import { Worker } from "node:worker_threads";

/** Place of the niceness behind a thread's name in /proc/…/stat. */
const NICE_FIELD = 16;

test("a worker that yields lowers its own thread's priority, and nobody else's", async () => {
  const before = getPriority();
  const worker = new Worker(new URL("../support/nice-worker.ts", import.meta.url));
  const [stat] = (await once(worker, "message")) as [string];
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  assert.equal(Number(fields[NICE_FIELD]), 10);
  assert.equal(getPriority(), before);
  await worker.terminate();
});
