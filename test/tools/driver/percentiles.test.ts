import assert from "node:assert/strict";
import { test } from "node:test";
import { build, decodeFromCompressedBase64 } from "hdr-histogram-js";
import { LatencyHistogram } from "../../../src/tools/driver/percentiles.ts";
import { SeededRandom } from "../../../src/tools/driver/seeded-random.ts";

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

test("no percentile is above the maximum", () => {
  const histogram = new LatencyHistogram(2);
  for (let sample = 0; sample < 10_000; sample++) histogram.record(344_200_001);
  const { p50, p999, max } = histogram.percentiles();
  assert.deepEqual([p50, p999, max], [344_200_001, 344_200_001, 344_200_001]);
});

test("percentiles and encodings are the library's own", () => {
  const random = new SeededRandom(5);
  const ours = new LatencyHistogram(3);
  const library = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: 60e9,
    numberOfSignificantValueDigits: 3,
    bitBucketSize: 32,
    autoResize: false,
  });
  for (let sample = 0; sample < 120_000; sample++) {
    const ns = Math.floor(100 * 1.0002 ** random.below(100_000));
    ours.record(ns);
    library.recordValue(Math.min(ns, 60e9));
  }
  const { p50, p99, p999, p9999 } = ours.percentiles();
  assert.deepEqual(
    [p50, p99, p999, p9999],
    [50, 99, 99.9, 99.99].map((percentile) => library.getValueAtPercentile(percentile)),
  );
  const decoded = decodeFromCompressedBase64(ours.encoded());
  assert.equal(decoded.totalCount, 120_000);
  assert.equal(decoded.getValueAtPercentile(99.9), p999);
});

test("what was taken out can be put in elsewhere, and nothing stays behind", () => {
  const histogram = filled(1_000);
  const before = histogram.percentiles();
  const sparse = histogram.take();
  assert.equal(histogram.percentiles().count, 0);
  const other = new LatencyHistogram(3);
  other.addSparse(sparse);
  assert.deepEqual(other.percentiles(), before);
});

test("two histograms put together are that of all samples", () => {
  for (const [first, second] of [
    [1_000, 30],
    [30, 1_000],
  ] as const) {
    const [together, all] = [filled(first), filled(first)];
    together.add(filled(second));
    for (let sample = 1; sample <= second; sample++) all.record(sample * 1_000);
    assert.deepEqual(together.percentiles(), all.percentiles());
  }
});
