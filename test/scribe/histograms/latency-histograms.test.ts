import assert from "node:assert/strict";
import { test } from "node:test";
import { build } from "hdr-histogram-js";
import { WINDOW_SECONDS, type WindowSeconds } from "../../../src/scribe/histograms/latency-view.ts";
import { LATENCY_NS_MAX, PRECISE } from "../../../src/telemetry/hdr-index.ts";
import { eventSeries, LANE_TIME } from "../../../src/telemetry/latency-series.ts";
import { HistogramRig } from "../../support/histogram-rig.ts";
import { fuzzSeed, SeededRandom } from "../../support/seeded-random.ts";

const logUniform = (random: SeededRandom): number =>
  Math.floor(Math.exp(Math.log(2e3) + (random.u32() / 2 ** 32) * Math.log(1e5)));

/** The library records each value by itself. */
function naiveStats(values: readonly number[]): object {
  const histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: LATENCY_NS_MAX,
    autoResize: false,
    numberOfSignificantValueDigits: PRECISE.digits,
  });
  for (const value of values) histogram.recordValue(value);
  const maxNs = Math.max(0, ...values);
  const at = (percent: number, samplesMin: number): number | undefined =>
    values.length < samplesMin
      ? undefined
      : Math.min(histogram.getValueAtPercentile(percent), maxNs);
  return {
    count: values.length,
    p50Ns: at(50, 1),
    p99Ns: at(99, 1),
    p999Ns: at(99.9, 10_000),
    p9999Ns: at(99.99, 100_000),
    maxNs,
  };
}

const seed = fuzzSeed();
test(`each window is what the library makes of its values one by one, FUZZ_SEED=${seed}`, () => {
  const random = new SeededRandom(seed);
  const rig = new HistogramRig();
  const seconds: number[][] = [];
  for (let second = 0; second < 75; second++) {
    const values: number[] = [];
    const count = random.chance(4) ? 0 : random.below(random.chance(10) ? 9000 : 900);
    for (let index = 0; index < count; index++) values.push(logUniform(random));
    for (const value of values) rig.answer(value, { type: random.pick(["O", "U", "X", "C"]) });
    seconds.push(values);
    rig.endSecond();
    if (second % 7 !== 0 && second < 70) continue;
    for (const window of WINDOW_SECONDS) {
      const expected = { seconds: window, ...naiveStats(seconds.slice(-window).flat()) };
      assert.deepEqual(rig.histograms.headline(window), expected, `second ${second}`);
    }
  }
});

test("a count that does not fit 16 bits is carried through all windows and out of them", () => {
  const rig = new HistogramRig();
  const COUNT = 70_000;
  for (let index = 0; index < COUNT; index++) rig.answer(123_456);
  rig.endSecond();
  for (const window of WINDOW_SECONDS) assert.equal(rig.histograms.headline(window).count, COUNT);
  for (let second = 1; second <= 60; second++) {
    rig.endSecond();
    for (const window of WINDOW_SECONDS) {
      const expected = second < window ? COUNT : 0;
      assert.equal(rig.histograms.headline(window).count, expected, `${window} s, ${second}`);
    }
  }
});

test("seconds in which the scribe slept count as seconds, and nothing of them is lost", () => {
  const rig = new HistogramRig();
  rig.answer(1e6);
  rig.endSecond();
  rig.answer(2e6);
  rig.sleep(8000);
  rig.run(100);
  assert.deepEqual(
    WINDOW_SECONDS.map((window) => rig.histograms.headline(window).count),
    [1, 2, 2],
  );
  rig.run(2000);
  assert.deepEqual(
    WINDOW_SECONDS.map((window) => rig.histograms.headline(window).count),
    [0, 1, 2],
  );
  rig.sleep(3_600_000);
  rig.run(1000);
  assert.equal(rig.histograms.headline(60).count, 0);
});

test("only accepted O U X M C that no peer held up make the headline and its stages", () => {
  const rig = new HistogramRig();
  for (const type of "OUXMCDEQ") {
    rig.answer(1e6, { type });
    rig.answer(2e6, { type, isRejected: true });
    rig.answer(3e6, { type, isPeerLimited: true });
  }
  rig.endSecond();
  const { count, maxNs } = rig.histograms.headline(1);
  assert.deepEqual({ count, maxNs }, { count: 5, maxNs: 1e6 });
  assert.equal(rig.histograms.stage("ring", 1).count, 5);
  assert.equal(rig.histograms.service(10).count, 5);
  assert.equal(rig.histograms.peerLimitedShare(60), 0.5);
  assert.equal(rig.histograms.answers().length, 24);
  assert.ok(rig.histograms.answers().every(({ stats }) => stats.count === 1));
});

test("a maximum is exact to the nanosecond, in each window as long as it is in it", () => {
  const rig = new HistogramRig();
  rig.answer(9_999_551);
  rig.answer(70e9);
  rig.endSecond();
  const longest = rig.histograms.headline(1);
  assert.equal(longest.maxNs, LATENCY_NS_MAX, "what is longer counts as the longest there is");
  rig.answer(9_999_551);
  rig.endSecond();
  assert.equal(rig.histograms.headline(1).maxNs, 9_999_551);
  assert.equal(rig.histograms.headline(1).p99Ns, 9_999_551, "no quantile is beyond it");
  assert.equal(rig.histograms.headline(10).maxNs, LATENCY_NS_MAX);
});

test("a gate that stands still at the end of its second hides no maximum", () => {
  const rig = new HistogramRig();
  rig.answer(5_000_000);
  rig.clock.advanceMs(1500);
  for (let tick = 0; tick < 10; tick++) rig.histograms.tick(rig.clock.nowNs());
  const { count, maxNs } = rig.histograms.headline(1);
  assert.equal(count, 1);
  assert.ok(maxNs >= 5_000_000 && maxNs < 5_005_000, "rounded up to its bucket's end");
});

test("an answer behind the end of its second is the longest of the one that it is counted in", () => {
  const rig = new HistogramRig();
  rig.answer(5_000_000);
  rig.run(510);
  rig.answer(62_228_155); // the next second has begun, and the scribe has not yet looked
  rig.run(10);
  const { count, maxNs } = rig.histograms.headline(1);
  assert.deepEqual([count, maxNs], [2, 62_228_155]);
  rig.answer(46_470_000);
  rig.run(1000);
  const next = rig.histograms.headline(1);
  assert.equal(next.count, 1);
  assert.ok(next.maxNs >= 46_470_000 && next.maxNs < 46_520_000, `${next.maxNs}: of its own`);
  assert.equal(rig.histograms.headline(10).maxNs, 62_228_155);
});

test("now is the shortest window with ten thousand samples, and says when there is none", () => {
  const nowAfter = (counts: readonly number[]): object => {
    const rig = new HistogramRig();
    for (const count of counts) {
      for (let index = 0; index < count; index++) rig.answer(1e6 + index);
      rig.endSecond();
    }
    const { seconds, isEnough, count, p999Ns } = rig.histograms.now();
    return { seconds, isEnough, count, hasP999: p999Ns !== undefined };
  };
  const enough = { isEnough: true, hasP999: true };
  assert.deepEqual(nowAfter([10_000]), { seconds: 1, count: 10_000, ...enough });
  assert.deepEqual(nowAfter([1, 9_999]), { seconds: 10, count: 10_000, ...enough });
  const elevenSeconds = [1, ...Array<number>(9).fill(0), 9_999];
  assert.deepEqual(nowAfter(elevenSeconds), { seconds: 60, count: 10_000, ...enough });
  const none = { seconds: 60, count: 9_999, isEnough: false, hasP999: false };
  assert.deepEqual(nowAfter([9_999]), none);
});

test("a P9999 is not told of below a hundred thousand samples", () => {
  const rig = new HistogramRig();
  const answer = (count: number): void => {
    for (let index = 0; index < count; index++) rig.answer(1e6);
    rig.endSecond();
  };
  answer(99_999);
  assert.equal(rig.histograms.headline(60).p9999Ns, undefined);
  answer(1);
  assert.equal(rig.histograms.headline(60).p9999Ns, 1e6);
});

test("lanes have times of their own, and those of all lanes together", () => {
  const rig = new HistogramRig({ lanes: 3 });
  for (const [lane, times] of rig.lanes.entries()) times.record(LANE_TIME.batch, (lane + 1) * 1e6);
  rig.endSecond();
  const { histograms } = rig;
  assert.deepEqual(
    [0, 1, 2].map((lane) => histograms.laneTime("batch", 1, lane).maxNs),
    [1e6, 2e6, 3e6],
  );
  assert.equal(histograms.laneTime("batch", 1).count, 3);
  assert.equal(histograms.laneTime("batch", 1).maxNs, 3e6);
  assert.equal(histograms.laneTime("journalSync", 1).count, 0);
  assert.equal(histograms.cumulative("batch").totalCount, 3);
});

test("unsolicited messages are kept apart by what they are", () => {
  const rig = new HistogramRig();
  for (const letter of ["E", "E", "C", "U"]) {
    rig.stages.record(eventSeries(letter.charCodeAt(0)), 1e6);
  }
  rig.endSecond();
  assert.deepEqual(
    (["E", "C", "other"] as const).map((type) => rig.histograms.event(type, 1).count),
    [2, 1, 1],
  );
});

test("a scribe that is started anew knows all there was, and has it in no window", () => {
  const rig = new HistogramRig();
  for (let index = 0; index < 100; index++) rig.answer(1_234_567);
  rig.endSecond();
  rig.restart();
  rig.answer(1000);
  rig.endSecond();
  assert.equal(rig.histograms.headline(60).count, 1);
  const cumulative = rig.histograms.cumulative("total");
  assert.equal(cumulative.totalCount, 101);
  assert.ok(cumulative.maxValue >= 1_234_567, "a bucket's end: the exact one went with the old");
});

test("shared counts that wrap go on counting", () => {
  const rig = new HistogramRig();
  rig.answer(5);
  rig.endSecond();
  // As after some days at full load: the value's own count is about to wrap, and the exact one far beyond.
  const words = new Uint32Array(rig.memory.gate.answers);
  const doubles = new Float64Array(rig.memory.gate.answers);
  const ADDED = 2 ** 32 - 2;
  const place = words.lastIndexOf(1);
  words[place] = 1 + ADDED;
  doubles[doubles.findIndex((double, index) => index >= 16 + 65 && double === 1)]! += ADDED;
  rig.endSecond();
  assert.equal(rig.histograms.headline(10).count, 1 + ADDED);
  for (let index = 0; index < 3; index++) rig.answer(5);
  rig.endSecond();
  assert.equal(rig.histograms.headline(1).count, 3);
  assert.equal(rig.histograms.cumulative("total").totalCount, 2 ** 32 + 2);
});

test("burn is the share of late answers over what is allowed, of as long as there was", () => {
  const rig = new HistogramRig();
  const answer = (count: number, late: number): void => {
    for (let index = 0; index < count; index++) rig.answer(index < late ? 8_000_001 : 8_000_000);
    rig.endSecond();
  };
  assert.deepEqual(rig.histograms.burn(300), { seconds: 0, count: 0, overSla: 0, ratio: 0 });
  answer(1000, 10);
  assert.deepEqual(rig.histograms.burn(300), { seconds: 1, count: 1000, overSla: 10, ratio: 10 });
  for (let second = 0; second < 300; second++) answer(0, 0);
  assert.deepEqual(rig.histograms.burn(300), { seconds: 300, count: 0, overSla: 0, ratio: 0 });
  answer(1000, 1);
  assert.deepEqual(rig.histograms.burn(3600), {
    seconds: 302,
    count: 2000,
    overSla: 11,
    ratio: 5.5,
  });
});

test("every series that moved is read, however many ticks that takes", () => {
  const rig = new HistogramRig({ lanes: 4 });
  for (const type of "OUXMCDEQ") {
    for (const isRejected of [false, true]) {
      for (const isPeerLimited of [false, true])
        rig.answer(1e6, { type, isRejected, isPeerLimited });
    }
  }
  rig.endSecond();
  assert.equal(rig.histograms.answers().length, 32);
  const stats = rig.histograms.answers().map(({ stats }) => stats.count);
  assert.deepEqual(new Set(stats), new Set([1]));
});

test("a window can be shown as the library knows it", () => {
  const rig = new HistogramRig();
  for (const value of [1e3, 1e6, 1e6]) rig.answer(value);
  rig.endSecond();
  const window: WindowSeconds = 10;
  const histogram = rig.histograms.window("total", window);
  assert.equal(histogram.totalCount, 3);
  assert.equal(histogram.maxValue, 1e6);
  assert.equal(histogram.minNonZeroValue, 1e3);
});
