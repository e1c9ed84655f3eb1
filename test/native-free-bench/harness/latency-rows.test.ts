import assert from "node:assert/strict";
import { test } from "node:test";
import {
  invalidText,
  percentileCells,
  ratioTexts,
  validResponses,
} from "../../../native-free-bench/harness/latency-rows.ts";
import type { LoadResult } from "../../../src/tools/driver/load-result.ts";

/** A run of which nothing but its latencies is looked at. */
const loadOf = (ms: number, isValid = true): LoadResult => {
  const ns = ms * 1e6;
  const response = { count: 1, p50: ns, p90: ns, p99: ns, p999: null, p9999: null, max: ns };
  return { isValid, invalid: [], latency: { response } } as unknown as LoadResult;
};

test("cells are medians of the runs that are valid; what no run could tell is a dash", () => {
  const loads = [loadOf(1), loadOf(99, false), loadOf(3)];
  assert.deepEqual(percentileCells(validResponses(loads)), ["2.00 ms", "2.00 ms", "–"]);
  assert.equal(invalidText(loads), "1 of 3");
});

test("a ratio is to the runs of its own round, beside what these are to each other", () => {
  const plain = [loadOf(1), loadOf(1.1), loadOf(10), loadOf(11)];
  const others = [loadOf(2.1), loadOf(2.1), loadOf(21), loadOf(99, false)];
  const [p50, , p999] = ratioTexts(plain, others);
  assert.equal(p50, "P50 ×2.00 (2.00 … 2.00), A/A ×1.10 (1.10 … 1.10): beyond noise");
  assert.equal(p999, "P999 not measured");
});
