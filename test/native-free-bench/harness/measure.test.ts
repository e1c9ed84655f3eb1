import assert from "node:assert/strict";
import { test } from "node:test";
import { measure, medianOf } from "../../../native-free-bench/harness/measure.ts";

const SIZE = { count: 10, rounds: 2 };

test("every case runs in each round, and once more before they count", async () => {
  let runs = 0;
  const run = (count: number): number => {
    runs++;
    return count;
  };
  const results = await measure([{ name: "empty", run }], SIZE);
  assert.equal(runs, 3);
  assert.equal(results.length, 1);
  assert.equal(results[0]?.checksum, 10);
  assert.equal(results[0]?.nsOverEmpty, 0);
});

test("work that differs from round to round is no result", async () => {
  let checksum = 0;
  const moving = { name: "moving", run: () => checksum++ };
  await assert.rejects(measure([moving], SIZE), /moving: the work differs/);
});

test("the median of an even number lies between the two in the middle", () => {
  assert.equal(medianOf([4, 1, 3]), 3);
  assert.equal(medianOf([4, 1, 3, 2]), 2.5);
});
