import assert from "node:assert/strict";
import { test } from "node:test";
import { BusyInstruments } from "../../../src/venue/book/busy-instruments.ts";
import { NO_INSTRUMENT } from "../../../src/venue/instruments.ts";

test("busy instruments get their turns in a circle, all of them at once if need be", () => {
  const busy = new BusyInstruments(3);
  assert.equal(busy.first(), NO_INSTRUMENT);
  for (const instrument of [2, 0, 1]) busy.add(instrument);
  assert.throws(() => busy.add(0), /busy twice/);
  const turns: number[] = [];
  for (let turn = 0; turn < 7; turn++) {
    const instrument = busy.first();
    turns.push(instrument);
    busy.removeFirst();
    assert(!busy.has(instrument));
    busy.add(instrument);
  }
  assert.deepEqual(turns, [2, 0, 1, 2, 0, 1, 2]);
  for (let left = 3; left > 0; left--) busy.removeFirst();
  assert.equal(busy.count, 0);
  assert.throws(() => busy.removeFirst(), /no instrument/);
});
