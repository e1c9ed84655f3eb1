import assert from "node:assert/strict";
import { test } from "node:test";
import { RecentCount, RecentPeak } from "../../../src/scribe/metrics/recent-counts.ts";

test("an increase is that of the last slots, or since the first look", () => {
  const recent = new RecentCount(3, 10);
  assert.equal(recent.increase(5), 0);
  assert.equal(recent.perSecond(5e9, 5), 0);
  recent.note(100, 1);
  assert.equal(recent.increase(5), 4);
  recent.note(105, 2); // within the slot: the look before it stays
  recent.note(110, 3);
  recent.note(120, 7);
  assert.equal(recent.increase(9), 8);
  recent.note(130, 9);
  assert.equal(recent.increase(9), 6, "the oldest is gone");
});

test("a rate is the increase over the time that it took", () => {
  const recent = new RecentCount(4, 1e9);
  recent.note(1e9, 100);
  assert.equal(recent.perSecond(1e9, 100), 0);
  assert.equal(recent.perSecond(3e9, 500), 200);
});

test("a peak is forgotten after the last of its slots, also when nobody looked meanwhile", () => {
  const recent = new RecentPeak(3, 10);
  assert.equal(recent.peak, 0);
  recent.note(5, 40);
  recent.note(6, 10);
  assert.equal(recent.peak, 40);
  recent.note(29, 20);
  assert.equal(recent.peak, 40);
  recent.note(30, 5);
  assert.equal(recent.peak, 20);
  recent.note(1000, 1);
  assert.equal(recent.peak, 1);
});
