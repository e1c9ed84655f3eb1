import assert from "node:assert/strict";
import { test } from "node:test";
import { startClock, systemWallClock } from "../../src/base/clock.ts";
import { EpochOffset } from "../../src/base/epoch-offset.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { fuzzSeed, SeededRandom } from "../support/seeded-random.ts";

const NS_PER_MS = 1_000_000n;
const epochNs = ([seconds, nanoseconds]: [number, number]): bigint =>
  BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds);

/** A wall clock that is cut to milliseconds, and begins at a moment that is no whole one. */
class CutClock extends ManualClock {
  trueNs = 1_795_000_000_123_456_789n;

  override nowNs(): number {
    return this.ns;
  }
  override epochMs(): number {
    return Number((this.trueNs + BigInt(this.ns)) / NS_PER_MS);
  }
}

const seed = fuzzSeed();
test(`many looks find the wall clock to some microseconds, whatever it is cut to (seed ${seed})`, () => {
  const random = new SeededRandom(seed);
  const clock = new CutClock();
  const offset = new EpochOffset(clock, clock);
  for (let look = 0; look < 1000; look++) {
    clock.ns += 10_000_000 + random.below(1_000_000);
    offset.look();
  }
  const early = clock.trueNs + BigInt(clock.ns) - epochNs(offset.timeOf(clock.ns));
  assert.ok(early >= 0n && early < 50_000n, `${early} ns too early`);
});

test("times are exact among each other, before and after a second is full", () => {
  const clock = new CutClock();
  const offset = new EpochOffset(clock, clock);
  const first = epochNs(offset.timeOf(0));
  for (const ns of [1, 999_999, 543_000_000, 999_999_999, 1e9, 1e9 + 1, 8.64e15 + 1]) {
    const time = offset.timeOf(ns);
    assert.equal(epochNs(time) - first, BigInt(ns));
    assert.ok(time[1] >= 0 && time[1] < 1e9);
  }
});

test("a wall clock that is set is followed, forward and back", () => {
  const clock = new CutClock();
  const offset = new EpochOffset(clock, clock);
  for (const stepNs of [3_600_000_000_000n, -7_200_000_000_000n]) {
    clock.trueNs += stepNs;
    clock.advanceMs(10);
    offset.look();
    const early = clock.trueNs + BigInt(clock.ns) - epochNs(offset.timeOf(clock.ns));
    assert.ok(early >= 0n && early < NS_PER_MS, `${early} ns too early`);
  }
});

test("a look in whose middle the thread stood still is no look", () => {
  const clock = new CutClock();
  const offset = new EpochOffset(clock, clock);
  const before = offset.timeOf(0);
  clock.epochMs = (): number => {
    clock.ns += 5_000_000;
    return Number((clock.trueNs + BigInt(clock.ns)) / NS_PER_MS);
  };
  offset.look();
  assert.deepEqual(offset.timeOf(0), before);
});

test("the machine's own clocks agree to a millisecond", () => {
  const { clock } = startClock();
  const offset = new EpochOffset(clock, systemWallClock);
  for (let look = 0; look < 100; look++) offset.look();
  const before = BigInt(Date.now()) * NS_PER_MS;
  const between = epochNs(offset.timeOf(clock.nowNs()));
  const after = BigInt(Date.now() + 1) * NS_PER_MS;
  assert.ok(between > before - 2n * NS_PER_MS && between < after + NS_PER_MS);
});

test("who is interrupted between the two clocks at the start is put right at once", () => {
  class InterruptedClock extends CutClock {
    private looks = 0;

    override epochMs(): number {
      const ms = super.epochMs();
      if (this.looks++ === 0) this.ns += 7_000_000;
      return ms;
    }
  }
  const clock = new InterruptedClock();
  const offset = new EpochOffset(clock, clock);
  const early = clock.trueNs + BigInt(clock.ns) - epochNs(offset.timeOf(clock.ns));
  assert.ok(early >= 0n && early < NS_PER_MS, `${early} ns too early`);
});
