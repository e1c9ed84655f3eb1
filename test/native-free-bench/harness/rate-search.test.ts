import assert from "node:assert/strict";
import { test } from "node:test";
import { RateSearch } from "../../../native-free-bench/harness/rate-search.ts";

const PLAN = { startRate: 10_000, rateMin: 1_000, rateMax: 400_000, precision: 1.1 };

/** Runs a search to its end against a target that keeps what `isKept` says. */
function searched(isKept: (rate: number, run: number) => boolean, plan = PLAN) {
  const search = new RateSearch(plan);
  const rates: number[] = [];
  for (let { rate } = search; rate !== undefined; rate = search.rate) {
    rates.push(rate);
    assert.ok(rates.length < 100, "the search does not end");
    search.onRun(isKept(rate, rates.length));
  }
  return { found: search.found, rates };
}

test("a limit anywhere is found to the precision, and what is found was kept twice", () => {
  for (const limit of [1_700, 9_900, 10_000, 12_345, 100_000, 399_000]) {
    const { found, rates } = searched((rate) => rate <= limit);
    assert.ok(found <= limit && found * 1.15 > limit, `${found} for a limit of ${limit}`);
    assert.equal(rates.at(-1), found);
    assert.equal(rates.filter((rate) => rate === found).length, 2);
  }
});

test("one disturbance decides nothing, wherever it strikes", () => {
  const limit = 75_000;
  const { found, rates } = searched((rate) => rate <= limit);
  for (let disturbed = 1; disturbed <= rates.length; disturbed++) {
    const again = searched((rate, run) => rate <= limit && run !== disturbed);
    assert.equal(again.found, found, `run ${disturbed} was disturbed`);
  }
});

test("a target that keeps nothing is told so, and one that keeps everything ends at the highest rate", () => {
  assert.equal(searched(() => false).found, 0);
  assert.equal(searched(() => true).found, PLAN.rateMax);
});

test("a machine that becomes slower for good ends the search as well", () => {
  const { found } = searched((rate, run) => rate <= (run < 12 ? 90_000 : 20_000));
  assert.ok(found <= 20_000 && found > 5_000, `${found}`);
  assert.equal(searched((_rate, run) => run < 6).found, 0);
});

test("a precision of one would never be reached and is refused", () => {
  assert.throws(() => new RateSearch({ ...PLAN, precision: 1 }), /above 1/);
});
