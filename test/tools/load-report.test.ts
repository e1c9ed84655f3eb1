import assert from "node:assert/strict";
import { test } from "node:test";
import { LOAD_PLAN_DEFAULTS } from "../../src/tools/driver/load-plan.ts";
import type { LoadProgress, LoadResult } from "../../src/tools/driver/load-result.ts";
import {
  progressLine,
  progressTitles,
  slaLine,
  summaryLines,
} from "../../src/tools/load-report.ts";
import { timeText } from "../../src/tools/terminal-text.ts";

const percentiles = (p999: number | null) => ({
  count: p999 === null ? 500 : 240_000,
  p50: 118_000,
  p90: 200_000,
  p99: 640_000,
  p999,
  p9999: null,
  max: 9_000_000,
});

const result = (p999: number | null, invalid: string[] = []): LoadResult => ({
  isValid: invalid.length === 0,
  invalid,
  faults: [],
  rate: { asked: 12_000, sent: 12_003.4 },
  seconds: 20,
  measuredFromMs: 0,
  counts: {
    sent: 276_013,
    accepted: 276_000,
    rejected: 0,
    explained: 13,
    unanswered: 0,
    unmatched: 0,
    late: 0,
    executions: 40_000,
    sharesBought: 4_000_000,
    sharesSold: 4_000_000,
  },
  unmatched: [],
  rejectCodes: {},
  latency: {
    response: percentiles(p999),
    service: percentiles(p999),
    rejected: percentiles(null),
    responseByRequest: { enter: percentiles(p999) },
  },
  lateness: percentiles(null),
  histogram: "",
  serviceHistogram: "",
  series: [],
  environment: {
    node: "v24",
    flags: [],
    cpu: "a cpu",
    cores: 2,
    commit: null,
    loadBefore: 0,
    loadAfter: 0,
    host: "here",
  },
  plan: { ...LOAD_PLAN_DEFAULTS, host: "127.0.0.1", port: 1, accounts: 16 },
});

test("the SLA line tells met from missed at exactly 8 ms", () => {
  assert.match(slaLine(result(8_000_000)), /met: P999 8.00 ms/);
  assert.match(slaLine(result(8_010_000)), /MISSED: P999 8.01 ms/);
});

test("without enough answers there is no verdict and no P999", () => {
  assert.match(slaLine(result(null)), /needs 10,000 answers/);
  assert.doesNotMatch(summaryLines(result(null)).join("\n"), /P999 /);
});

test("an invalid run shows why, and no latencies", () => {
  const text = summaryLines(result(2_000_000, ["the rate was missed"])).join("\n");
  assert.match(text, /INVALID +the rate was missed/);
  assert.doesNotMatch(text, /P50/);
  assert.match(slaLine(result(2_000_000, ["the rate was missed"])), /not judged/);
});

test("progress lines stand under their titles", () => {
  const progress: LoadProgress = {
    second: 7,
    phase: "measured",
    sentRate: 12_012.3,
    answeredRate: 11_998,
    executionRate: 2_000,
    waiting: 3,
    rejected: 0,
    response: percentiles(2_210_000),
    lateness: percentiles(null),
  };
  const line = progressLine(progress);
  const titles = progressTitles();
  assert.equal(line.length, titles.length);
  for (const [title, cell] of [
    ["sent/s", "12,012"],
    ["P999", "2.21 ms"],
    ["max", "9.00 ms"],
  ] as const) {
    assert.equal(line.indexOf(cell) + cell.length, titles.indexOf(` ${title} `) + 1 + title.length);
  }
  assert.match(progressLine({ ...progress, phase: "warm-up" }), /warm-up$/);

  // A terminal with 80 columns has no room for all of it, and shows each line as one.
  const narrow = progressLine({ ...progress, phase: "cool-down" }, 80);
  assert.ok(narrow.length <= 80, narrow);
  const narrowTitles = progressTitles(80).trim().split(/ {2,}/);
  assert.deepEqual(narrowTitles, ["time", "sent/s", "P50", "P99", "P999", "max", "late P99"]);
  assert.equal(narrow.trim().split(/ {2,}/).length, narrowTitles.length + 1);
  assert.equal(progressTitles(110), titles);
});

test("times are told in a unit that suits them", () => {
  assert.equal(timeText(118_400), "118 µs");
  assert.equal(timeText(2_214_000), "2.21 ms");
  assert.equal(timeText(17_840_000), "17.8 ms");
  assert.equal(timeText(2_500_000_000), "2.50 s");
  assert.equal(timeText(null), "–");
});
