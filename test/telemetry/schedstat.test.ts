import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { readTid } from "../../src/memory/thread-block.ts";
import { kernelThreads, Schedstat } from "../../src/telemetry/schedstat.ts";

test("a thread's time on the cores counts up while it works", () => {
  const schedstat = Schedstat.open(readTid());
  assert.ok(schedstat !== undefined);
  const { runNs, slices } = schedstat;
  assert.ok(runNs > 0 && slices > 0);
  const { user, system } = process.threadCpuUsage();
  // The kernel brings its counts up to date at its own ticks, of some milliseconds each.
  while (process.threadCpuUsage().user + process.threadCpuUsage().system < user + system + 30_000);
  assert.ok(schedstat.read());
  assert.ok(schedstat.runNs - runNs > 15e6, `${schedstat.runNs - runNs} ns`);
  schedstat.close();
});

test("a worker has the name that it was given, and is gone when it has ended", async () => {
  const worker = new Worker("setInterval(() => {}, 1000)", { eval: true, name: "lane-7" });
  await once(worker, "online");
  const thread = kernelThreads().find(({ name }) => name === "lane-7");
  assert.ok(thread !== undefined, JSON.stringify(kernelThreads()));
  const schedstat = Schedstat.open(thread.tid);
  assert.ok(schedstat !== undefined);
  await worker.terminate();
  while (kernelThreads().some(({ tid }) => tid === thread.tid)) await new Promise(setImmediate);
  assert.equal(schedstat.read(), false);
  assert.equal(Schedstat.open(thread.tid), undefined);
  schedstat.close();
});
