import assert from "node:assert/strict";
import { test } from "node:test";
import { EventClock } from "../../src/gate/event-clock.ts";
import { ManualClock } from "../support/manual-clock.ts";

const MIDNIGHT = Date.UTC(2026, 10, 20, 5);

function started(notBeforeNs = 0): { time: ManualClock; clock: EventClock } {
  const time = new ManualClock();
  return { time, clock: new EventClock(time, MIDNIGHT, time.ns, notBeforeNs) };
}

function pass(time: ManualClock, clock: EventClock, ms: number): void {
  for (let passed = 0; passed < ms; passed += 50) {
    time.advanceMs(50);
    clock.correct(time.ns);
  }
}

test("event time counts from midnight", () => {
  const { time, clock } = started();
  assert.equal(clock.at(time.ns), 10 * 3_600 * 1e9);
  time.advanceMs(7);
  assert.equal(clock.at(time.ns), 10 * 3_600 * 1e9 + 7e6);
});

test("a wall clock stepped forward is followed slowly, never jumped to", () => {
  const { time, clock } = started();
  const before = clock.at(time.ns);
  time.wallMs += 1_000;
  pass(time, clock, 10_000);
  const passed = clock.at(time.ns) - before;
  assert.ok(passed > 10_000e6 && passed <= 10_005e6 + 1, `${passed}`);
  pass(time, clock, 3_000_000);
  const difference = (time.wallMs - MIDNIGHT) * 1e6 - clock.at(time.ns);
  assert.ok(Math.abs(difference) <= 2e6, `${difference}`);
});

test("a wall clock stepped back never takes event time back", () => {
  const { time, clock } = started();
  time.wallMs -= 3_600_000;
  let latest = clock.at(time.ns);
  for (let tick = 0; tick < 1_000; tick++) {
    time.advanceMs(50);
    const before = clock.at(time.ns);
    clock.correct(time.ns);
    const after = clock.at(time.ns);
    assert.ok(before > latest && after >= before);
    latest = after;
  }
});

test("a restart goes on from where the session was, and time passes even if the wall clock was stepped back", () => {
  const reached = 11 * 3_600 * 1e9; // an hour ahead of the wall clock
  const { time, clock } = started(reached);
  assert.equal(clock.at(time.ns), reached);
  pass(time, clock, 1_000);
  const passed = clock.at(time.ns) - reached;
  assert.ok(passed >= 999.5e6 && passed < 1_000e6, `${passed}`);
});

test("whole milliseconds of the wall clock make no difference", () => {
  const { time, clock } = started();
  const before = clock.at(time.ns);
  time.wallMs += 1;
  pass(time, clock, 1_000);
  assert.equal(clock.at(time.ns) - before, 1_000e6);
});
