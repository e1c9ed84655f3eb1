import assert from "node:assert/strict";
import { test } from "node:test";
import { type Probe, type RateFound, searchRate } from "../../../src/tools/driver/rate-search.ts";

interface Search {
  readonly found: RateFound;
  readonly rates: readonly number[];
}

async function search(holds: Probe, startRate = 10_000, rateMax = 1_000_000): Promise<Search> {
  const rates: number[] = [];
  const found = await searchRate({ startRate, rateMax, confirmations: 2 }, (rate) => {
    rates.push(rate);
    return holds(rate);
  });
  return { found, rates };
}

/** Holds up to a limit. */
const upTo =
  (limit: number): Probe =>
  async (rate) =>
    rate <= limit;

test("the highest rate is found within five per cent, wherever it is", async () => {
  for (const limit of [160, 999, 10_000, 10_400, 57_123, 640_000]) {
    const { found, rates } = await search(upTo(limit));
    assert.ok(found.isConfirmed);
    assert.ok(found.rate !== null && found.rate <= limit && found.rate > limit / 1.06, `${limit}`);
    assert.ok(rates.length < 20, `${rates.length} runs for ${limit}`);
    assert.deepEqual(rates.slice(-2), [found.rate, found.rate], "it was confirmed twice");
  }
});

test("the rate is doubled until it does not hold", async () => {
  const { rates } = await search(upTo(50_000));
  assert.deepEqual(rates.slice(0, 4), [10_000, 20_000, 40_000, 80_000]);
});

test("nothing above the highest rate allowed is tried", async () => {
  const { found, rates } = await search(upTo(1e9), 10_000, 75_000);
  assert.equal(found.rate, 75_000);
  assert.equal(Math.max(...rates), 75_000);
});

test("a rate that never holds is given up", async () => {
  const { found, rates } = await search(upTo(0));
  assert.deepEqual(found, { rate: null, isConfirmed: false });
  assert.ok(Math.min(...rates) >= 10_000 / 100);
});

test("a rate that held by luck is not believed", async () => {
  let lucky = true;
  const { found } = await search(async (rate) => {
    if (rate <= 30_000) return true;
    const holds = lucky && rate === 40_000;
    if (holds) lucky = false;
    return holds;
  });
  assert.ok(found.isConfirmed);
  assert.ok(found.rate !== null && found.rate <= 30_000 && found.rate > 28_000, `${found.rate}`);
});

test("a search that is ended tells what it has", async () => {
  let runs = 0;
  const { found } = await search(async (rate) => {
    runs++;
    return runs > 3 ? undefined : rate <= 50_000;
  });
  assert.deepEqual(found, { rate: 40_000, isConfirmed: false });
  assert.equal((await search(async () => undefined)).found.rate, null);
});
