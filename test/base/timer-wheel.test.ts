import assert from "node:assert/strict";
import { test } from "node:test";
import { type TimerSink, TimerWheel } from "../../src/base/timer-wheel.ts";
import { NaiveTimerWheel } from "../support/naive-timer-wheel.ts";
import { fuzzSeed, SeededRandom } from "../support/seeded-random.ts";

const TICK_MS = 5;

class FiredTimers implements TimerSink {
  readonly timers: number[] = [];
  onTimer(timer: number): void {
    this.timers.push(timer);
  }
}

test("a timer fires at its deadline and not a millisecond before", () => {
  const wheel = new TimerWheel(1, TICK_MS, 8);
  const fired = new FiredTimers();
  wheel.schedule(0, 15);
  assert.equal(wheel.advance(14, 10, fired), 0);
  assert.equal(wheel.isScheduled(0), true);
  assert.equal(wheel.advance(15, 10, fired), 1);
  assert.equal(wheel.isScheduled(0), false);
  assert.deepEqual(fired.timers, [0]);
});

test("a deadline between two ticks waits for the later one", () => {
  const wheel = new TimerWheel(1, TICK_MS, 8);
  wheel.schedule(0, 11);
  assert.equal(wheel.advance(14, 10, new FiredTimers()), 0);
  assert.equal(wheel.advance(15, 10, new FiredTimers()), 1);
});

test("a deadline beyond the wheel's horizon waits for its round", () => {
  const wheel = new TimerWheel(2, TICK_MS, 8); // the horizon is 40 ms
  const fired = new FiredTimers();
  wheel.schedule(0, 10 + 3 * 40);
  wheel.schedule(1, 10);
  for (let nowMs = 0; nowMs < 130; nowMs += TICK_MS) wheel.advance(nowMs, 10, fired);
  assert.deepEqual(fired.timers, [1]);
  wheel.advance(130, 10, fired);
  assert.deepEqual(fired.timers, [1, 0]);
});

test("a bounded advance leaves the rest for the next one, in order", () => {
  const wheel = new TimerWheel(5, TICK_MS, 8);
  const fired = new FiredTimers();
  for (const [timer, deadlineMs] of [10, 10, 5, 15, 5].entries()) wheel.schedule(timer, deadlineMs);
  assert.equal(wheel.advance(100, 3, fired), 3);
  assert.equal(wheel.isBehind, true);
  assert.equal(wheel.advance(100, 3, fired), 2);
  assert.equal(wheel.isBehind, false);
  assert.deepEqual(fired.timers, [2, 4, 0, 1, 3]);
});

test("a timer that schedules itself into the past fires once per advance", () => {
  const wheel = new TimerWheel(1, TICK_MS, 8);
  const again: TimerSink = { onTimer: (timer) => wheel.schedule(timer, 0) };
  wheel.schedule(0, 5);
  assert.equal(wheel.advance(100, 10, again), 1);
  assert.equal(wheel.advance(104, 10, again), 0);
  assert.equal(wheel.advance(105, 10, again), 1);
});

test("a timer may cancel the one that would fire after it", () => {
  const wheel = new TimerWheel(3, TICK_MS, 8);
  const fired: number[] = [];
  for (const timer of [0, 1, 2]) wheel.schedule(timer, 5);
  wheel.advance(5, 10, {
    onTimer(timer) {
      fired.push(timer);
      wheel.cancel(timer + 1);
    },
  });
  assert.deepEqual(fired, [0, 2]);
});

test("a first advance far into the epoch is no walk over all the ticks before it", () => {
  const wheel = new TimerWheel(2, TICK_MS, 8);
  const fired = new FiredTimers();
  const nowMs = 1.7e12;
  wheel.schedule(0, nowMs + 5);
  wheel.schedule(1, nowMs - 5);
  wheel.advance(nowMs, 10, fired);
  wheel.advance(nowMs + 5, 10, fired);
  assert.deepEqual(fired.timers, [1, 0]);
});

const seed = fuzzSeed();

test(`the wheel agrees with a plain list over random flow (FUZZ_SEED=${seed})`, () => {
  const random = new SeededRandom(seed);
  for (let run = 0; run < 60; run++) {
    const timers = 1 + random.below(40);
    const wheel = new TimerWheel(timers, TICK_MS, 2 ** random.below(6));
    const twin = new NaiveTimerWheel(TICK_MS);
    let nowMs = random.below(1000);

    const change = (): void => {
      const timer = random.below(timers);
      if (random.below(4) === 0) {
        wheel.cancel(timer);
        twin.cancel(timer);
      } else {
        const deadlineMs = Math.max(0, nowMs + random.below(400) - 50);
        wheel.schedule(timer, deadlineMs);
        twin.schedule(timer, deadlineMs);
      }
      assert.equal(wheel.isScheduled(timer), twin.isScheduled(timer));
    };
    const sink: TimerSink = {
      onTimer(timer) {
        assert.equal(timer, twin.takeDue());
        while (random.below(2) === 0) change();
      },
    };

    for (let step = 0; step < 300; step++) {
      for (let changes = random.below(5); changes > 0; changes--) change();
      nowMs += random.below(random.below(50) === 0 ? 2000 : 20);
      twin.advanceTo(nowMs);
      const actionsMax = 1 + random.below(8);
      const fired = wheel.advance(nowMs, actionsMax, sink);
      if (fired < actionsMax)
        assert.equal(twin.takeDue(), undefined, "a due timer was left behind");
      assert.equal(wheel.scheduledCount, twin.scheduledCount);
    }
  }
});

test("a timer tells when it is due, in whole ticks, and not any more when it has fired", () => {
  const wheel = new TimerWheel(2, TICK_MS, 8);
  wheel.schedule(1, 12);
  assert.equal(wheel.dueMs(0), undefined);
  assert.equal(wheel.dueMs(1), 15);
  wheel.advance(15, 10, new FiredTimers());
  assert.equal(wheel.dueMs(1), undefined);
});
