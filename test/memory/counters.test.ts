import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CounterReader,
  CounterWriter,
  createCounters,
  detachCounter,
  GATE_COUNTERS,
  LANE_COUNTERS,
} from "../../src/memory/counters.ts";
import { DETACH_REASON } from "../../src/memory/inbound-record.ts";

test("every counter has an index of its own, without gaps", () => {
  for (const table of [GATE_COUNTERS, LANE_COUNTERS]) {
    const indexes = Object.values(table);
    assert.deepEqual(indexes, [...indexes.keys()]);
  }
});

test("a reader sees what the writer counts, beyond 32 bits", () => {
  const memory = createCounters(LANE_COUNTERS);
  const writer = new CounterWriter(memory);
  const reader = new CounterReader(memory);
  writer.add(LANE_COUNTERS.sharesExecuted, 2 ** 40);
  writer.add(LANE_COUNTERS.sharesExecuted, 1);
  writer.set(LANE_COUNTERS.accounts, 3);
  assert.equal(reader.read(LANE_COUNTERS.sharesExecuted), 2 ** 40 + 1);
  const all = reader.readAll(LANE_COUNTERS);
  assert.equal(all.accounts, 3);
  assert.equal(all.outputs, 0);
  assert.equal(Object.keys(all).length, Object.keys(LANE_COUNTERS).length);
});

test("every reason to detach has its counter, named after it", () => {
  const names = Object.keys(GATE_COUNTERS);
  for (const [reason, code] of Object.entries(DETACH_REASON)) {
    assert.equal(names[detachCounter(code)]?.toLowerCase(), `detaches${reason.toLowerCase()}`);
  }
});
