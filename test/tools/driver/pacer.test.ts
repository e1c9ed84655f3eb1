import assert from "node:assert/strict";
import { test } from "node:test";
import { PACE_ENDS, Pacer, paceNowNs } from "../../../src/tools/driver/pacer.ts";

test("what is due is sent in its turn, and other work of the loop gets its turns in between", async () => {
  const startNs = paceNowNs();
  const gapNs = 500_000;
  let sends = 0;
  let turnsOfOthers = 0;
  const beat = setInterval(() => turnsOfOthers++, 1);
  await new Pacer().start(() => {
    const dueNs = startNs + sends * gapNs;
    if (paceNowNs() >= dueNs) sends++;
    return sends === 40 ? PACE_ENDS : startNs + sends * gapNs;
  });
  clearInterval(beat);
  assert.equal(sends, 40);
  assert.ok(paceNowNs() - startNs >= 39 * gapNs, "the last one was sent before its time");
  assert.ok(turnsOfOthers > 0, "the loop never turned");
});

test("a pacer that is stopped does not ask again", async () => {
  const pacer = new Pacer();
  let calls = 0;
  await pacer.start(() => {
    calls++;
    if (calls === 3) pacer.stop();
    return 0;
  });
  assert.equal(calls, 3);
});

test("what the sender throws ends the pacing", async () => {
  const started = new Pacer().start(() => {
    throw new Error("no more numbers");
  });
  await assert.rejects(started, /no more numbers/);
});

test("a pacer that waits for what is far away is stopped", async () => {
  const pacer = new Pacer();
  let calls = 0;
  await pacer.start(() => {
    calls++;
    if (calls === 10) setImmediate(() => pacer.stop());
    return paceNowNs() + 3_600e9;
  });
  assert.ok(calls >= 10);
});
