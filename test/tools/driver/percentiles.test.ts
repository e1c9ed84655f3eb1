import assert from "node:assert/strict";
import { test } from "node:test";
import { LatencyHistogram } from "../../../src/tools/driver/percentiles.ts";

function filled(count: number): LatencyHistogram {
  const histogram = new LatencyHistogram(3);
  for (let sample = 1; sample <= count; sample++) histogram.record(sample * 1_000);
  return histogram;
}

test("P999 is told from ten thousand samples on, and not from one less", () => {
  assert.equal(filled(9_999).percentiles().p999, null);
  const { p999 } = filled(10_000).percentiles();
  assert.ok(p999 !== null && Math.abs(p999 / 9_990_000 - 1) < 0.002, `P999 ${p999}`);
});

test("P9999 is told from a hundred thousand samples on, and not from one less", () => {
  assert.equal(filled(99_999).percentiles().p9999, null);
  assert.notEqual(filled(100_000).percentiles().p9999, null);
});

test("the maximum is exact, and values beyond the range are clamped, not lost", () => {
  const histogram = new LatencyHistogram(2);
  histogram.record(123_457);
  assert.equal(histogram.percentiles().max, 123_457);
  histogram.record(-5);
  histogram.record(3_600e9);
  assert.equal(histogram.count, 3);
  assert.equal(histogram.percentiles().max, 3_600e9);
});

test("an empty histogram knows nothing", () => {
  const { count, p50, max } = new LatencyHistogram(3).percentiles();
  assert.deepEqual({ count, p50, max }, { count: 0, p50: null, max: null });
});
