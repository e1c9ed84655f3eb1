import assert from "node:assert/strict";
import { test } from "node:test";
import { ClockWatch } from "../../src/main/clock-watch.ts";

function watched() {
  const told: string[] = [];
  const watch = new ClockWatch({
    info: (event, { eventAheadMs }) => told.push(`info ${event} ${eventAheadMs}`),
    warn: (event, { eventAheadMs, advice }) => told.push(`${event} ${eventAheadMs} ${advice}`),
  });
  return { told, look: (aheadMs: number) => watch.look("20261120A", aheadMs) };
}

test("a clock that is right, or nearly, is nothing to tell", () => {
  const { told, look } = watched();
  for (const aheadMs of [0, 1.5, -2, 999, -999]) look(aheadMs);
  assert.deepEqual(told, []);
});

test("that event time is off is told once, and so is that it is right again", () => {
  const { told, look } = watched();
  for (const aheadMs of [0, -3_600_000.4, -3_599_999, -1000, -501, -500, -700, 0]) look(aheadMs);
  assert.equal(told.length, 2);
  assert.match(told[0] ?? "", /^clock-off -3600000 .*from the next session on/);
  assert.equal(told[1], "info clock-right -500");
  look(7_200_000);
  assert.match(told[2] ?? "", /^clock-off 7200000 .*a roll does not help/);
});
