import assert from "node:assert/strict";
import { test } from "node:test";
import { Schedule } from "../../../src/tools/driver/schedule.ts";
import { SeededRandom } from "../../../src/tools/driver/seeded-random.ts";

test("constant arrivals are evenly spaced and do not drift", () => {
  const schedule = new Schedule(12_000, "constant", new SeededRandom(1));
  schedule.start(5_000);
  assert.equal(schedule.dueNs, 5_000);
  for (let send = 0; send < 1_200_000; send++) schedule.advance();
  assert.equal(Math.round(schedule.dueNs), 5_000 + 100e9);
});

test("poisson arrivals keep the rate and are as scattered as they should be", () => {
  const schedule = new Schedule(10_000, "poisson", new SeededRandom(7));
  schedule.start(0);
  const gaps: number[] = [];
  let before = schedule.dueNs;
  for (let send = 0; send < 200_000; send++) {
    schedule.advance();
    gaps.push(schedule.dueNs - before);
    before = schedule.dueNs;
  }
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
  assert.ok(Math.abs(mean / 100_000 - 1) < 0.02, `mean gap ${mean}`);
  // An exponential distribution's deviation equals its mean.
  assert.ok(Math.abs(Math.sqrt(variance) / mean - 1) < 0.03, `deviation ${Math.sqrt(variance)}`);
});

test("the same seed gives the same flow, another seed another", () => {
  const draw = (seed: number): number[] => {
    const random = new SeededRandom(seed);
    return Array.from({ length: 50 }, () => random.below(1_000));
  };
  assert.deepEqual(draw(3), draw(3));
  assert.notDeepEqual(draw(3), draw(4));
  assert.ok(draw(0).some((value) => value !== 0));
});
