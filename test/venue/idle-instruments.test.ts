import assert from "node:assert/strict";
import { test } from "node:test";
import { IdleInstruments } from "../../src/venue/idle-instruments.ts";

test("the first is who has had no order for longest, and whoever gets one is in the list no more", () => {
  const idle = new IdleInstruments(3);
  assert.deepEqual([idle.count, idle.first()], [0, -1]);
  for (const instrument of [0, 1, 2]) idle.add(instrument);
  idle.takeOrder(0);
  assert.deepEqual([idle.count, idle.first()], [2, 1]);
  idle.takeOrder(2);
  idle.takeOrder(1);
  assert.deepEqual([idle.count, idle.first()], [0, -1]);
  idle.takeOrder(1);
  idle.giveOrder(1);
  assert.deepEqual([idle.count, idle.first()], [0, -1]);
  idle.giveOrder(2);
  idle.giveOrder(1);
  assert.deepEqual([idle.count, idle.first()], [2, 2]);
});

test("more orders are not given back than were taken", () => {
  const idle = new IdleInstruments(1);
  idle.add(0);
  assert.throws(() => idle.giveOrder(0), /never took/);
});
