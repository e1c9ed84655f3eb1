import assert from "node:assert/strict";
import { test } from "node:test";
import { ringSlotsRecommended } from "../../../src/scribe/metrics/ring-model.ts";

test("850 records a second and a pause of 47 ms want 128 slots", () => {
  assert.equal(ringSlotsRecommended(850, 47e6), 128);
});

test("a whole power of two is enough, and a little more wants the next one", () => {
  assert.equal(ringSlotsRecommended(1000 / 2.3, 64e6), 64);
  assert.equal(ringSlotsRecommended(1001 / 2.3, 64e6), 128);
});

test("without a load or a pause the smallest ring will do", () => {
  assert.equal(ringSlotsRecommended(0, 47e6), 2);
  assert.equal(ringSlotsRecommended(850, 0), 2);
});

test("50,000 orders a second pass a pause of 30 ms in the default ring", () => {
  assert.equal(ringSlotsRecommended(50_000, 30e6), 4096);
});
