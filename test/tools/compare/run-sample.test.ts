import assert from "node:assert/strict";
import { test } from "node:test";
import { sampleOf } from "../../../src/tools/compare/run-sample.ts";

const PLACE = { block: 0, side: "B", phase: "blocks", startedMs: 0 } as const;
const GOOD = {
  isValid: true,
  faults: [],
  latency: { response: { count: 5, p50: 1, p99: null, max: 9 } },
};
const sample = (result: unknown, status: number | null = 0, death?: string) =>
  sampleOf(PLACE, { result, status, stderr: "line\nlast words\n" }, death);

test("a valid run gives its percentiles, and null where it told none", () => {
  const run = sample(GOOD);
  assert.equal(run.problem, null);
  assert.deepEqual(run.percentiles, {
    ...{ p50: 1, p90: null, p99: null, p999: null, p9999: null, max: 9 },
  });
});

test("why a run does not count is told in words", () => {
  assert.equal(sample(undefined, 3).problem, "no result, status 3 last words");
  assert.equal(sample({ ...GOOD, isValid: false, invalid: ["late"] }, 1).problem, "invalid: late");
  assert.equal(sample({ ...GOOD, faults: ["lost"] }, 1).problem, "fault: lost");
  assert.equal(sample(GOOD, 1).problem, "ended with status 1");
  assert.equal(sample({}, 0).problem, "invalid: it does not say why");
  const dead = sample(undefined, 1, "the gateway ended by SIGSEGV");
  assert.equal(dead.problem, "fault: the gateway ended by SIGSEGV");
  assert.deepEqual(dead.faults, ["the gateway ended by SIGSEGV"]);
});

test("whatever else a tool prints is no number", () => {
  const odd = { p50: "1", p90: -1, p99: 0, p999: Number.NaN, p9999: {}, max: null };
  for (const result of [
    null,
    7,
    "x",
    [],
    { ...GOOD, latency: { response: odd }, series: [null, 1, {}] },
  ]) {
    const run = sample(result);
    assert.ok(Object.values(run.percentiles).every((value) => value === null));
    assert.deepEqual(run.series, []);
  }
});

test("accepted and rejected requests are counted where the tool counts both", () => {
  assert.deepEqual(sample({ ...GOOD, counts: { accepted: 7, rejected: 2 } }).answers, {
    ...{ accepted: 7, rejected: 2 },
  });
  for (const counts of [undefined, null, 3, {}, { accepted: 7 }, { accepted: -1, rejected: 1 }]) {
    assert.equal(sample({ ...GOOD, counts }).answers, undefined);
  }
});

test("a series is of this run, and no longer than a chart can show", () => {
  const point = (second: number) => ({ second, sent: 1, p99: 5, max: 9 });
  const secondsOf = (series: unknown[]): number[] =>
    sample({ ...GOOD, series }).series.map(({ second }) => second);
  assert.deepEqual(secondsOf([-1, 0, 1, 3600, 1_795_355_571].map(point)), [0, 1, 3600]);
  assert.equal(secondsOf(Array.from({ length: 50_000 }, () => point(1))).length, 10_000);
});
