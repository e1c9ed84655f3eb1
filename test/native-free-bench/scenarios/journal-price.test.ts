import assert from "node:assert/strict";
import { test } from "node:test";
import { MODES, measurePrice } from "../../../native-free-bench/scenarios/journal-price.ts";

test("the scenario of the journal's price runs: every mode there and back, and the disk alone", async () => {
  const told: string[] = [];
  const plan = {
    seconds: 0.5,
    warmup: 0,
    rounds: 1,
    rate: 500,
    "fast-rate": 0,
    accounts: 4,
    "bare-seconds": 0.1,
    "segment-bytes": 2 ** 20,
  };
  const prices = await measurePrice(plan, (text) => told.push(text));
  assert.equal(told.length, 2 * (MODES.length + 1));
  const [price] = prices;
  assert.ok(price && prices.length === 1);
  for (const mode of MODES) {
    assert.deepEqual(
      price.runs[mode].map(({ load }) => load.faults),
      [[], []],
    );
    for (const { shape, load } of price.runs[mode]) {
      // Every request that changed something is in the journal, or nothing is.
      if (mode === "none") assert.equal(shape, undefined);
      else assert.ok(shape && shape.records >= load.counts.accepted / 2, mode);
    }
  }
  assert.deepEqual(
    price.bare.map(({ writes }) => writes > 0),
    [true, true],
  );
});
