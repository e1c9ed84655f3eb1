import assert from "node:assert/strict";
import { test } from "node:test";
import { Alarm } from "../../../src/tools/driver/alarm.ts";

test("an alarm rings once for each moment, and not before it", async () => {
  let rings = 0;
  let heard = (): void => {};
  const alarm = new Alarm();
  await alarm.open(() => {
    rings++;
    heard();
  });
  for (const waitMs of [0.2, 3, 0, 1]) {
    const dueMs = performance.now() + waitMs;
    const { promise, resolve } = Promise.withResolvers<void>();
    heard = resolve;
    alarm.set(dueMs);
    await promise;
    // Two clocks of one machine are put on one scale to a microsecond or so.
    assert.ok(performance.now() > dueMs - 0.01, "it rang too early");
  }
  assert.equal(rings, 4);
  await alarm.close();
});

test("an alarm that is closed while it waits rings no more and keeps nothing alive", async () => {
  const alarm = new Alarm();
  await alarm.open(() => assert.fail("it rang"));
  alarm.set(performance.now() + 3_600_000);
  await alarm.close();
});
