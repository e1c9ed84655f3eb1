import assert from "node:assert/strict";
import { test } from "node:test";
import type { LoadResult } from "../../src/tools/driver/load-result.ts";
import type { LoadOutcome } from "../../src/tools/load-once.ts";
import type { RateLimit } from "../../src/tools/load-options.ts";
import {
  findMaxRate,
  judge,
  searchLine,
  searchSummary,
  searchTitles,
} from "../../src/tools/load-search.ts";

const LIMIT: RateLimit = { percentile: "p999", ns: 8e6, rateMax: 1_000_000, confirmations: 1 };

/** A run of which nothing but its tail is looked at. */
const resultOf = (p999: number | null, invalid: string[] = []): LoadResult =>
  ({
    isValid: invalid.length === 0,
    invalid,
    latency: { response: { count: 9_999, p999 } },
  }) as unknown as LoadResult;

test("a rate holds when its percentile is at most the limit, and not when that cannot be told", () => {
  assert.equal(judge(1, resultOf(8e6), LIMIT).isKept, true);
  assert.equal(judge(1, resultOf(8_000_001), LIMIT).why, "above 8.00 ms");
  assert.match(judge(1, resultOf(null), LIMIT).why, /9,999 answers are too few/);
  const invalid = judge(1, resultOf(1, ["the rate was missed"]), LIMIT);
  assert.deepEqual([invalid.isKept, invalid.ns], [false, null]);
  assert.equal(invalid.why, "INVALID: the rate was missed");
});

test("a search tells each run, and ends with the result of the rate that it found", async () => {
  const lines: string[] = [];
  const outcome = await findMaxRate(
    LIMIT,
    10_000,
    async (rate): Promise<LoadOutcome> => ({ result: resultOf(rate * 200), intervals: [] }),
    (step) => lines.push(searchLine("p999", step)),
  );
  assert.ok(outcome.rate !== null && outcome.rate <= 40_000 && outcome.rate > 38_000);
  assert.equal(outcome.best?.result.latency.response.p999, outcome.rate * 200);
  assert.equal(lines.length, outcome.steps.length);
  assert.match(lines[0] ?? "", /10,000\/s +2\.00 ms +yes$/);
  assert.match(lines.find((text) => text.includes(" no ")) ?? "", /80,000\/s .* above 8\.00 ms$/);
  assert.equal(searchTitles("p999").trimStart(), "rate      P999  holds");
  assert.match(searchSummary(outcome), /the highest rate found that keeps P999 ≤ 8\.00 ms$/);
});

test("when nothing holds, or nobody waited for the end, it says so", async () => {
  const never = await findMaxRate(
    LIMIT,
    100,
    async () => ({ result: resultOf(9e6), intervals: [] }),
    () => {},
  );
  assert.equal(searchSummary(never), "no rate that was tried keeps P999 ≤ 8.00 ms");
  let runs = 0;
  const ended = await findMaxRate(
    LIMIT,
    100,
    async () => (runs++ === 0 ? { result: resultOf(1e6), intervals: [] } : undefined),
    () => {},
  );
  assert.match(searchSummary(ended), /^100\/s .*, not confirmed$/);
});

test("a search that is ended while it lowers a rate tells one that has been seen to hold", async () => {
  const rates: number[] = [];
  const outcome = await findMaxRate(
    { ...LIMIT, rateMax: 40_000 },
    10_000,
    async (rate) => {
      rates.push(rate);
      // The highest rate held by luck, and not again.
      const p999 = rates.length <= 3 ? 1e6 : 9e6;
      return rates.length > 5 ? undefined : { result: resultOf(p999), intervals: [] };
    },
    () => {},
  );
  assert.deepEqual(rates, [10_000, 20_000, 40_000, 40_000, 40_000, 38_000]);
  assert.deepEqual([outcome.rate, outcome.isConfirmed], [20_000, false]);
  assert.equal(outcome.best?.result.latency.response.p999, 1e6);
});
