import assert from "node:assert/strict";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { startClock, systemWallClock } from "../../src/base/clock.ts";

test("the clock starts above all small integers, never goes back and counts whole nanoseconds", () => {
  const { clock } = startClock();
  let before = clock.nowNs();
  assert.ok(before >= 2 ** 32 && before < 2 ** 32 + 1e9, `${before} ns`);
  for (let reading = 0; reading < 10_000; reading++) {
    const now = clock.nowNs();
    assert.ok(now >= before);
    assert.ok(Number.isSafeInteger(now));
    before = now;
  }
});

test("a worker that joins the clock is never ahead of the thread it asks, nor behind", async () => {
  const { clock, baseNs } = startClock();
  const worker = new Worker(new URL("../support/clock-worker.ts", import.meta.url), {
    workerData: baseNs,
  });
  try {
    const ask = (): Promise<number> =>
      new Promise((answered) => {
        worker.once("message", answered);
        worker.postMessage(undefined);
      });
    const toleranceNs = 20_000; // a bracket cut by the scheduler; the usual error is below 200 ns
    for (let round = 0; round < 200; round++) {
      const asked = clock.nowNs();
      const theirs = await ask();
      const answered = clock.nowNs();
      assert.ok(theirs >= asked - toleranceNs, `${asked - theirs} ns behind`);
      assert.ok(theirs <= answered + toleranceNs, `${theirs - answered} ns ahead`);
    }
  } finally {
    await worker.terminate();
  }
});

test("the wall clock is the machine's", () => {
  const before = Date.now();
  const epochMs = systemWallClock.epochMs();
  assert.ok(epochMs >= before && epochMs <= Date.now());
});
