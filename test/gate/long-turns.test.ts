import assert from "node:assert/strict";
import { test } from "node:test";
import { threadCpuMs } from "../../src/base/thread-cpu.ts";
import { LongTurns } from "../../src/gate/long-turns.ts";
import { TurnClock } from "../../src/gate/turn-clock.ts";
import { EVENT_KIND, THREAD } from "../../src/telemetry/event-record.ts";
import { GateTelemetry } from "../../src/telemetry/gate-telemetry.ts";
import { createTelemetryMemory } from "../../src/telemetry/telemetry-memory.ts";
import { SeenEvents } from "../support/seen-events.ts";

const MS = 1e6;

test("a turn over a millisecond is long, its sleep left out, whoever's callback came first", () => {
  let idleMs = 0;
  const clock = new TurnClock(() => idleMs, 0);
  idleMs += 7;
  assert.equal(clock.onTurnEnd(8 * MS), false);
  assert.equal(clock.busyNs(), MS);
  idleMs += 10;
  // What ran before was not ours: the gate's first callback came when all was over.
  clock.touch(30 * MS);
  assert.equal(clock.onTurnEnd(30 * MS), true);
  assert.equal(clock.busyNs(), 12 * MS);
});

test("of a long turn it is told how long the thread was on a core at the least", () => {
  const memory = createTelemetryMemory(1, 1);
  const telemetry = new GateTelemetry(memory, { slaNs: 8 * MS, tailNs: 5 * MS });
  const seen = new SeenEvents(memory.gate.events);
  let idleMs = 0;
  let cpuMs = 0;
  const turns = new LongTurns(
    telemetry,
    () => idleMs,
    () => cpuMs,
    0,
  );
  // 20 ms: 2 of them short turns, 4 asleep, 14 in one turn, of which it had a core for 9.
  idleMs += 4;
  cpuMs += 11;
  turns.onLongTurn(20 * MS, 14 * MS);
  // Another one right behind it, that had its core all the time.
  cpuMs += 3;
  turns.onLongTurn(23 * MS, 3 * MS);
  turns.look(25 * MS);
  const common = { kind: EVENT_KIND.LONG_TURN, thread: THREAD.GATE, detail: 0 };
  assert.deepEqual(seen.take(), [
    { ...common, startNs: 6 * MS, durationNs: 14 * MS, value: 9 * MS },
    { ...common, startNs: 20 * MS, durationNs: 3 * MS, value: 3 * MS },
  ]);
});

test("a thread's time on a core counts up while it works", () => {
  const before = threadCpuMs();
  while (threadCpuMs() === before);
  assert.ok(threadCpuMs() > before);
});

test("a turn in which the process stood still is told, and the work behind it when it was long as well", () => {
  const memory = createTelemetryMemory(1, 1);
  const telemetry = new GateTelemetry(memory, { slaNs: 8 * MS, tailNs: 5 * MS });
  const seen = new SeenEvents(memory.gate.events);
  let idleMs = 0;
  let coreWaitNs = 0;
  const clock = new TurnClock(
    () => idleMs,
    0,
    () => coreWaitNs,
  );
  const turns = new LongTurns(
    telemetry,
    () => idleMs,
    () => 0,
    0,
  );
  idleMs += 300;
  assert.equal(clock.onTurnEnd(300.5 * MS), true);
  turns.onTurn(300.5 * MS, clock);
  idleMs += 40;
  coreWaitNs += 33 * MS;
  assert.equal(clock.onTurnEnd(343.5 * MS), true);
  turns.onTurn(343.5 * MS, clock);
  const ofGate = { thread: THREAD.GATE, value: 0, detail: 0 };
  assert.deepEqual(seen.take(), [
    { ...ofGate, kind: EVENT_KIND.STOOD_STILL, startNs: 0, durationNs: 300 * MS },
    {
      ...ofGate,
      kind: EVENT_KIND.STOOD_STILL,
      startNs: 300.5 * MS,
      durationNs: 40 * MS,
      value: 33 * MS,
    },
    { ...ofGate, kind: EVENT_KIND.LONG_TURN, startNs: 340.5 * MS, durationNs: 3 * MS },
  ]);
});
