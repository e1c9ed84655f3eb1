import assert from "node:assert/strict";
import { test } from "node:test";
import { JOURNAL_CALL } from "../../src/journal/journal-times.ts";
import { BatchStamps } from "../../src/lane/batch-stamps.ts";
import { HomeWatch } from "../../src/lane/home-watch.ts";
import { JournalWatch } from "../../src/lane/journal-watch.ts";
import { LaneWatch } from "../../src/lane/lane-watch.ts";
import { EVENT_KIND, THREAD } from "../../src/telemetry/event-record.ts";
import { COARSE } from "../../src/telemetry/hdr-index.ts";
import { LaneTelemetry } from "../../src/telemetry/lane-telemetry.ts";
import { LANE_TIME } from "../../src/telemetry/latency-series.ts";
import { CountsReader } from "../../src/telemetry/shared-counts.ts";
import { createTelemetryMemory } from "../../src/telemetry/telemetry-memory.ts";
import { LaneRig } from "../support/lane-rig.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { SeenEvents } from "../support/seen-events.ts";

const MS = 1e6;
const LANE = 2;

function recorded() {
  const memory = createTelemetryMemory(LANE + 1, 1).lanes[LANE]!;
  const telemetry = new LaneTelemetry(memory, LANE);
  const times = new CountsReader(memory.times, COARSE);
  return { telemetry, times, seen: new SeenEvents(memory.events) };
}
const ofLane = { thread: THREAD.LANE + LANE, detail: LANE, value: 0 };

test("every batch is counted, and one over a millisecond told with its records", () => {
  const { telemetry, times, seen } = recorded();
  const watch = new LaneWatch(telemetry, new ManualClock());
  const stamps = new BatchStamps(8);
  stamps.laneNs = 5 * MS;
  stamps.count = 3;
  for (const durableNs of [6 * MS, 8 * MS]) {
    stamps.durableNs = durableNs;
    watch.onBatch(stamps);
  }
  assert.equal(times.count(LANE_TIME.batch), 2);
  assert.equal(times.sumNs(LANE_TIME.batch), 4 * MS);
  const { LONG_BATCH: kind } = EVENT_KIND;
  assert.deepEqual(seen.take(), [
    { ...ofLane, kind, startNs: 5 * MS, durationNs: 3 * MS, value: 3 },
  ]);
});

test("an outbound ring is full from the first attempt in vain to the one that succeeds", () => {
  const { telemetry, seen } = recorded();
  const clock = new ManualClock(10 * MS);
  const watch = new LaneWatch(telemetry, clock);
  const attempt = (isDone: boolean): void => {
    watch.onHandOver(isDone);
    clock.ns += 2 * MS;
  };
  for (const isDone of [true, false, false, false, true, true]) attempt(isDone);
  const { OUTBOUND_FULL: kind } = EVENT_KIND;
  assert.deepEqual(seen.take(), [{ ...ofLane, kind, startNs: 12 * MS, durationNs: 6 * MS }]);
  // Over within the millisecond.
  watch.onHandOver(false);
  watch.onHandOver(true);
  assert.deepEqual(seen.take(), []);
});

test("a slow reading is told", () => {
  const { telemetry, seen } = recorded();
  const clock = new ManualClock(10 * MS);
  new LaneWatch(telemetry, clock).onSlowRead(7 * MS);
  const { SLOW_OUTBOX_READ: kind } = EVENT_KIND;
  assert.deepEqual(seen.take(), [{ ...ofLane, kind, startNs: 7 * MS, durationNs: 3 * MS }]);
});

test("a stay at home is told when it was long, and the first absence is none", () => {
  const { telemetry, times, seen } = recorded();
  const looks: number[] = [];
  let closed = 0;
  const cpuWait = { look: (nowNs: number) => void looks.push(nowNs), close: () => void closed++ };
  const home = new HomeWatch(telemetry, cpuWait);
  home.onReturn(50 * MS);
  home.onLeave(60 * MS);
  home.onReturn(60.5 * MS);
  home.onLeave(70 * MS);
  home.onReturn(1074 * MS);
  const { LONG_TURN: kind } = EVENT_KIND;
  const { thread } = ofLane;
  assert.deepEqual(seen.take(), [
    { kind, thread, startNs: 70 * MS, durationNs: 1004 * MS, value: -1, detail: 0 },
  ]);
  assert.equal(times.second, 1);
  assert.deepEqual(looks, [50 * MS, 60.5 * MS, 1074 * MS]);
  home.close();
  assert.equal(closed, 1);
});

test("journal calls are counted, and the long ones told as what they are", () => {
  const { telemetry, times, seen } = recorded();
  const watch = new JournalWatch(telemetry);
  const call = (durationMs: number): void => {
    watch.call[JOURNAL_CALL.START_NS] = 3 * MS;
    watch.call[JOURNAL_CALL.DURATION_NS] = durationMs * MS;
    watch.call[JOURNAL_CALL.BYTES] = 4096;
  };
  for (const durationMs of [0.5, 2]) {
    call(durationMs);
    watch.onWrite();
    watch.onSync();
  }
  call(0.25);
  watch.onSegmentWait();
  assert.equal(times.count(LANE_TIME.journalWrite), 2);
  assert.equal(times.count(LANE_TIME.journalSync), 2);
  const { thread } = ofLane;
  const slow = { kind: EVENT_KIND.SLOW_JOURNAL, thread, startNs: 3 * MS, value: 4096 };
  assert.deepEqual(seen.take(), [
    { ...slow, durationNs: 2 * MS, detail: 1 },
    { ...slow, durationNs: 2 * MS, detail: 2 },
    { ...ofLane, kind: EVENT_KIND.SEGMENT_WAIT, startNs: 3 * MS, durationNs: 0.25 * MS },
  ]);
});

test("a lane counts its batches while it works", () => {
  const { telemetry, times } = recorded();
  const rig = new LaneRig({ telemetry });
  const before = times.count(LANE_TIME.batch);
  const alice = rig.login("ALICE").query();
  rig.run();
  rig.drain();
  assert.deepEqual(alice.receive(), ["login 1", "S S", "Q 1"]);
  assert.ok(times.count(LANE_TIME.batch) > before);
});
