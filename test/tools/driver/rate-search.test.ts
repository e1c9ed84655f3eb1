import assert from "node:assert/strict";
import { test } from "node:test";
import { RateSearch, type RateSearchPlan } from "../../../src/tools/driver/rate-search.ts";

const PLAN: RateSearchPlan = {
  startRate: 10_000,
  rateMin: 100,
  rateMax: 1_000_000,
  precision: 1.05,
  confirmations: 2,
};

type Holds = (rate: number, run: number) => boolean;

/** Runs a search to its end, or for so many runs, against a target that holds as `holds` says. */
function searched(holds: Holds, plan: Partial<RateSearchPlan> = {}, runsMax = 100) {
  const search = new RateSearch({ ...PLAN, ...plan });
  const rates: number[] = [];
  for (let { rate } = search; rate !== undefined && rates.length < runsMax; rate = search.rate) {
    rates.push(rate);
    assert.ok(rates.length < 100, "the search does not end");
    search.onRun(holds(rate, rates.length));
  }
  return { found: search.found, isConfirmed: search.isConfirmed, rates };
}

const upTo =
  (limit: number): Holds =>
  (rate) =>
    rate <= limit;

test("a limit anywhere is found to the precision, and what is found held as often as asked for", () => {
  for (const confirmations of [0, 1, 2]) {
    for (const limit of [160, 999, 10_000, 10_400, 57_123, 640_000]) {
      const { found, isConfirmed, rates } = searched(upTo(limit), { confirmations });
      assert.ok(isConfirmed);
      assert.ok(found <= limit && found > limit / 1.06, `${found} for a limit of ${limit}`);
      assert.ok(rates.length < 30, `${rates.length} runs for ${limit}`);
      assert.equal(rates.filter((rate) => rate === found).length, 1 + confirmations);
    }
  }
});

test("a limit far below a hundred is found to one", () => {
  for (let limit = 1; limit < 40; limit++) {
    const { found } = searched(upTo(limit), { startRate: 8, rateMin: 1 });
    assert.ok(found <= limit && limit - found <= 1, `${found} for a limit of ${limit}`);
  }
});

test("the rate is doubled until it does not hold, twice", () => {
  const { rates } = searched(upTo(50_000));
  assert.deepEqual(rates.slice(0, 6), [10_000, 20_000, 40_000, 80_000, 80_000, 56_500]);
});

test("nothing above the highest rate allowed is tried", () => {
  const { found, rates } = searched(() => true, { rateMax: 75_000 });
  assert.equal(found, 75_000);
  assert.equal(Math.max(...rates), 75_000);
});

test("a rate that never holds is given up", () => {
  const { found, isConfirmed, rates } = searched(() => false);
  assert.deepEqual([found, isConfirmed], [0, false]);
  assert.ok(Math.min(...rates) >= PLAN.rateMin);
});

test("one disturbance decides nothing, wherever it strikes", () => {
  const holds = upTo(75_000);
  const { found, rates } = searched(holds);
  for (let disturbed = 1; disturbed <= rates.length; disturbed++) {
    const again = searched((rate, run) => holds(rate, run) && run !== disturbed);
    assert.equal(again.found, found, `run ${disturbed} was disturbed`);
  }
});

test("a rate that held by luck is not believed", () => {
  let isLucky = true;
  const { found, isConfirmed } = searched((rate) => {
    if (rate <= 30_000) return true;
    const holds = isLucky && rate === 40_000;
    if (holds) isLucky = false;
    return holds;
  });
  assert.ok(isConfirmed);
  assert.ok(found <= 30_000 && found > 25_000, `${found}`);
});

test("a machine that becomes slower for good ends the search as well", () => {
  const { found } = searched((rate, run) => rate <= (run < 12 ? 90_000 : 20_000));
  assert.ok(found <= 20_000 && found > 5_000, `${found}`);
  assert.equal(searched((_rate, run) => run < 6).found, 0);
});

test("the lowest rate of all that is not confirmed ends the search", () => {
  const { found, isConfirmed, rates } = searched((_rate, run) => run === 1, {
    startRate: 1,
    rateMin: 1,
  });
  assert.deepEqual([found, isConfirmed], [0, false]);
  assert.deepEqual(rates, [1, 2, 2, 1, 1]);
});

test("a search that is ended tells what it has", () => {
  const { found, isConfirmed } = searched(upTo(50_000), {}, 4);
  assert.deepEqual([found, isConfirmed], [40_000, false]);
});

test("a precision of one would never be reached and is refused", () => {
  assert.throws(() => new RateSearch({ ...PLAN, precision: 1 }), /above 1/);
});
