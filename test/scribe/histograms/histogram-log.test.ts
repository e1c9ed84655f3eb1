import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { HistogramLogReader, type JsHistogram, listTags } from "hdr-histogram-js";
import { STAGE_NAMES } from "../../../src/telemetry/latency-series.ts";
import { HistogramRig } from "../../support/histogram-rig.ts";
import { fuzzSeed, SeededRandom } from "../../support/seeded-random.ts";

const NO_TAG = "NO TAG";

const logsOf = ({ directory }: HistogramRig): string[] =>
  readdirSync(directory)
    .filter((name) => /^latency-.*\.hlog$/.test(name))
    .sort()
    .map((name) => readFileSync(join(directory, name), "utf8"));

/** By the library's own reader. */
function intervalsOf(log: string): JsHistogram[] {
  const reader = new HistogramLogReader(log);
  const intervals: JsHistogram[] = [];
  for (;;) {
    const interval = reader.nextIntervalHistogram();
    if (interval === null) return intervals;
    intervals.push(interval as JsHistogram);
  }
}

const sum = (histograms: readonly JsHistogram[]): number =>
  histograms.reduce((total, { totalCount }) => total + totalCount, 0);

const seed = fuzzSeed();
test(`the library reads a log whose sums are the counts, FUZZ_SEED=${seed}`, () => {
  const random = new SeededRandom(seed);
  const rig = new HistogramRig({ hlog: true });
  let count = 0;
  let longestNs = 0;
  let sleeps = 0;
  for (let second = 0; second < 34; second++) {
    for (let left = random.below(50); left > 0; left--) {
      const totalNs = 1000 + random.below(5e7);
      rig.answer(totalNs, { type: random.pick(["O", "U", "X"]) });
      rig.answer(totalNs * 2, { isRejected: true });
      longestNs = Math.max(longestNs, totalNs);
      count++;
    }
    if (random.chance(10)) {
      rig.sleep(3000);
      sleeps++;
    }
    rig.endSecond();
  }
  rig.histograms.close();
  const [log = "", ...others] = logsOf(rig);
  assert.deepEqual(others, []);
  assert.deepEqual(listTags(log), [NO_TAG, ...STAGE_NAMES]);
  const intervals = intervalsOf(log);
  const totals = intervals.filter(({ tag }) => tag === NO_TAG);
  assert.equal(sum(totals), count);
  assert.equal(sum(totals), rig.histograms.cumulative("total").totalCount);
  assert.ok(totals.length > 20 && totals.every(({ totalCount }) => totalCount > 0));
  const longest = Math.max(...totals.map(({ maxValue }) => maxValue));
  assert.ok(longest >= longestNs && longest < longestNs * 1.001);
  for (const name of STAGE_NAMES) {
    const stages = intervals.filter(({ tag }) => tag === name);
    assert.equal(sum(stages), count, name);
    const most = Math.ceil((34 + 3 * sleeps) / 10) + 1;
    assert.ok(stages.length >= 3 && stages.length <= most, `${stages.length} times ${name}`);
  }
});

test("an interval is a second of the wall clock, and stages are ten", () => {
  const rig = new HistogramRig({ hlog: true });
  const zeroMs = rig.clock.epochMs() - rig.clock.nowNs() / 1e6;
  for (let second = 0; second < 11; second++) {
    rig.answer(1e6);
    rig.endSecond();
  }
  rig.histograms.close();
  const intervals = intervalsOf(logsOf(rig)[0] ?? "");
  const totals = intervals.filter(({ tag }) => tag === NO_TAG);
  const secondOf = (ms: number): number => (ms - zeroMs) / 1000;
  for (const [index, { startTimeStampMsec, endTimeStampMsec }] of totals.entries()) {
    assert.ok(Math.abs(secondOf(startTimeStampMsec) - (100 + index)) < 0.002);
    assert.ok(Math.abs(endTimeStampMsec - startTimeStampMsec - 1000) < 1);
  }
  const ring = intervals.filter(({ tag }) => tag === "ring");
  assert.deepEqual(
    ring.map(({ totalCount }) => totalCount),
    [10, 1],
  );
  const [first] = ring;
  assert.ok(first && Math.abs(first.endTimeStampMsec - first.startTimeStampMsec - 10_000) < 1);
});

test("a file that is begun behind a step of the wall clock has its time", () => {
  const rig = new HistogramRig({ hlog: true });
  const random = new SeededRandom(7);
  const zeroMs = rig.clock.epochMs() - rig.clock.nowNs() / 1e6;
  const baseOf = (log: string | undefined): number =>
    1000 * Number(/^#\[BaseTime: (\S+)/m.exec(log ?? "")?.[1]);
  while (readdirSync(rig.directory).length < 2) {
    for (let index = 0; index < 20_000; index++) rig.answer(1000 + random.below(1e9));
    rig.endSecond();
    if (readdirSync(rig.directory).length === 1) rig.clock.wallMs += 3_600_000;
  }
  rig.histograms.close();
  const steppedMs = rig.clock.epochMs() - rig.clock.nowNs() / 1e6 - zeroMs;
  assert.ok(steppedMs >= 3_600_000);
  const [first, second] = logsOf(rig).map(baseOf);
  assert.ok(Math.abs((first ?? 0) - zeroMs) <= 1);
  assert.ok(Math.abs((second ?? 0) - zeroMs - steppedMs) <= 1);
});

test("the format is 1.3, and a maximum stands there exactly, in milliseconds", () => {
  const rig = new HistogramRig({ hlog: true });
  rig.answer(9_999_551);
  rig.endSecond();
  rig.histograms.close();
  const log = logsOf(rig)[0] ?? "";
  assert.match(log, /^#\[Histogram log format version 1\.3\]$/m);
  const start = /^#\[StartTime: (\d+\.\d{3}) \(seconds since epoch\), /m.exec(log)?.[1];
  const base = /^#\[BaseTime: (\d+\.\d{3}) \(seconds since epoch\)\]$/m.exec(log)?.[1];
  assert.ok(start !== undefined && start === base, "no interval begins before the start");
  assert.match(log, /^"StartTimestamp","Interval_Length","Interval_Max",/m);
  assert.match(log, /^100\.000,1\.000,10\.000,HISTF/m);
});

test("nothing is logged when nothing came, and no file is made", () => {
  const rig = new HistogramRig({ hlog: true });
  rig.run(12_000);
  rig.histograms.close();
  assert.deepEqual(logsOf(rig), []);
});

test("each file of a long log can be read by itself", () => {
  const rig = new HistogramRig({ hlog: true });
  const random = new SeededRandom(7);
  let count = 0;
  while (readdirSync(rig.directory).length < 3) {
    for (let index = 0; index < 20_000; index++) rig.answer(1000 + random.below(1e9));
    count += 20_000;
    rig.endSecond();
  }
  rig.histograms.close();
  const totals = logsOf(rig).map((log) =>
    sum(intervalsOf(log).filter(({ tag }) => tag === NO_TAG)),
  );
  assert.equal(totals.length, 3);
  assert.ok(totals.every((total) => total > 0));
  assert.equal(
    totals.reduce((a, b) => a + b, 0),
    count,
  );
});

test("a directory that cannot be written is told of, and windows go on", () => {
  const rig = new HistogramRig({ hlog: true, directory: "/dev/null/telemetry" });
  rig.answer(1e6);
  rig.endSecond();
  assert.equal(rig.histograms.headline(1).count, 1);
  assert.equal(rig.writeFailures, 1);
  assert.match(rig.said.join(), /latency-\*\.hlog is not written, ENOTDIR/);
});
