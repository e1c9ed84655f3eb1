import assert from "node:assert/strict";
import { test } from "node:test";
import { ARRIVALS, Schedule } from "../../../src/tools/driver/schedule.ts";
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

/** Intended times of the first so many messages, in seconds. */
function times(schedule: Schedule, count: number): number[] {
  schedule.start(0);
  return Array.from({ length: count }, () => {
    const { dueNs } = schedule;
    schedule.advance();
    return dueNs / 1e9;
  });
}

test("bursts come together, and as often as the mean rate says", () => {
  const shape = { burstSize: 50, rampSeconds: 0 };
  const all = times(new Schedule(1_000, "bursts", new SeededRandom(1), shape), 1_000);
  for (const [place, at] of all.entries()) {
    assert.equal(Math.round(at * 1_000), Math.floor(place / 50) * 50);
  }
});

test("on a ramp the rate rises in a straight line, for all kinds of arrivals", () => {
  for (const arrivals of ARRIVALS) {
    const shape = { burstSize: 10, rampSeconds: 4 };
    const all = times(new Schedule(10_000, arrivals, new SeededRandom(3), shape), 40_000);
    const within = (from: number, to: number): number =>
      all.filter((at) => at >= from && at < to).length;
    // 1/16 of the ramp's 20,000 messages in each first quarter, then 3/16, 5/16, 7/16, and the full rate behind it.
    const seen = [within(0, 1), within(1, 2), within(2, 3), within(3, 4), within(4, 5)];
    for (const [second, expected] of [1_250, 3_750, 6_250, 8_750, 10_000].entries()) {
      const count = seen[second] ?? 0;
      assert.ok(Math.abs(count - expected) < 5 * Math.sqrt(expected), `${arrivals}: ${seen}`);
    }
    assert.deepEqual(
      all,
      all.toSorted((a, b) => a - b),
    );
  }
});
