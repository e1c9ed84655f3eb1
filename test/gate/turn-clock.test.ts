import assert from "node:assert/strict";
import { test } from "node:test";
import { TurnClock } from "../../src/gate/turn-clock.ts";

test("bytes that woke the loop have waited since this turn began", () => {
  let idleMs = 0;
  const clock = new TurnClock(() => idleMs, 1_000);
  clock.onTurnEnd(2_000);
  idleMs += 5;
  clock.touch(9_000);
  assert.equal(clock.sinceNs(), 9_000);
  clock.touch(9_500);
  assert.equal(clock.sinceNs(), 9_000);
});

test("bytes found without a sleep may have waited since the previous turn began", () => {
  let idleMs = 0;
  const clock = new TurnClock(() => idleMs, 1_000);
  clock.onTurnEnd(2_000);
  idleMs += 5;
  clock.touch(9_000); // this turn holds the loop until
  clock.onTurnEnd(15_000_000);
  clock.touch(15_000_400);
  assert.equal(clock.sinceNs(), 9_000);
  clock.onTurnEnd(15_001_000);
  clock.touch(15_001_200);
  assert.equal(clock.sinceNs(), 15_000_000);
});

test("a turn in which nothing of ours ran still counts", () => {
  let idleMs = 0;
  const clock = new TurnClock(() => idleMs, 1_000);
  clock.onTurnEnd(2_000);
  clock.onTurnEnd(3_000);
  clock.touch(4_000);
  assert.equal(clock.sinceNs(), 2_000);
  clock.onTurnEnd(5_000);
  idleMs += 0.01; // a poll, not a sleep
  clock.touch(6_000);
  assert.equal(clock.sinceNs(), 3_000);
});

test("a tick comes before its turn's sleep: what woke the loop behind it had not been waiting", () => {
  let idleMs = 0;
  const clock = new TurnClock(() => idleMs, 0);
  clock.onTurnEnd(10_000_000);
  clock.onTicked(10_300_000);
  idleMs += 4;
  clock.touch(14_320_000);
  assert.equal(clock.sinceNs(), 14_320_000);
  clock.onTurnEnd(14_400_000);
  // The tick took long, and the bytes were there when it was over.
  clock.onTicked(29_000_000);
  clock.touch(29_010_000);
  assert.equal(clock.sinceNs(), 14_320_000);
});

test("what ran behind the sleep and was not the gate's held up what it reads next", () => {
  let idleMs = 0;
  const clock = new TurnClock(() => idleMs, 0);
  clock.onTurnEnd(10_000_000);
  idleMs += 4;
  clock.touch(29_000_000);
  assert.equal(clock.sinceNs(), 14_000_000);
  clock.onTurnEnd(29_100_000);
  // Another such turn, in which the gate had nothing to do.
  idleMs += 2;
  clock.onTurnEnd(50_000_000);
  clock.touch(50_010_000);
  assert.equal(clock.sinceNs(), 31_100_000);
});

test("a sleep that the tick should have ended long ago was none: bytes may have waited since it began", () => {
  let idleMs = 0;
  const clock = new TurnClock(() => idleMs, 0);
  clock.onTurnEnd(2_000_000);
  idleMs += 300;
  clock.touch(302_000_000);
  assert.equal(clock.sinceNs(), 2_000_000);
  assert.equal(clock.onTurnEnd(302_100_000), true);
  assert.equal(clock.stillNs(), 300_000_000);
  assert.equal(clock.busyNs(), 100_000);
  // The turn behind it found its bytes at once: they may be as old.
  clock.touch(302_200_000);
  assert.equal(clock.sinceNs(), 2_000_000);
  assert.equal(clock.onTurnEnd(302_300_000), false);
  assert.equal(clock.stillNs(), 0);
});

test("turns are counted from 1 on", () => {
  const clock = new TurnClock(() => 0, 1_000);
  assert.equal(clock.turn, 1);
  clock.onTurnEnd(2_000);
  clock.onTurnEnd(3_000);
  assert.equal(clock.turn, 3);
});

test("a woken thread that had no core had bytes waiting, though the loop calls it asleep", () => {
  let idleMs = 0;
  let coreWaitNs = 7e9; // of what was before
  const clock = new TurnClock(
    () => idleMs,
    0,
    () => coreWaitNs,
  );
  clock.onTurnEnd(10_000_000);
  idleMs += 20;
  coreWaitNs += 18e6;
  clock.touch(30_000_000);
  assert.equal(clock.sinceNs(), 12_000_000);
  assert.equal(clock.onTurnEnd(30_100_000), false);
  assert.equal(clock.busyNs(), 100_000);
  // The wait is told once.
  idleMs += 4;
  clock.touch(34_100_000);
  assert.equal(clock.sinceNs(), 34_100_000);
});

test("what a thread lost before the tick, or longer than it slept, did not hide in its sleep", () => {
  let idleMs = 0;
  let coreWaitNs = 0;
  const clock = new TurnClock(
    () => idleMs,
    0,
    () => coreWaitNs,
  );
  clock.onTurnEnd(10_000_000);
  coreWaitNs += 5e6;
  clock.onTicked(16_000_000);
  idleMs += 3;
  clock.touch(19_000_000);
  assert.equal(clock.sinceNs(), 19_000_000);
  clock.onTurnEnd(19_500_000);
  coreWaitNs += 5e6;
  idleMs += 3;
  clock.touch(22_500_000);
  assert.equal(clock.sinceNs(), 19_500_000);
});
