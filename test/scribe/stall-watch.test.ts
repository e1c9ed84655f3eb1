import assert from "node:assert/strict";
import { test } from "node:test";
import { createGateState, GATE_STATE, GateState } from "../../src/memory/gate-state.ts";
import { createLaneSignal, LANE_STATE, LaneSignal } from "../../src/memory/lane-signal.ts";
import { StallWatch } from "../../src/scribe/stall-watch.ts";

const STALL_MS_MAX = 1000;
const TICK_MS = 100;

/** An open gate and a ready lane, last heard of at 0. */
function rig(stallMsMax = STALL_MS_MAX) {
  const memory = { gate: createGateState(), laneSignal: createLaneSignal() };
  const gate = new GateState(memory.gate);
  const lane = new LaneSignal(memory.laneSignal);
  gate.state = GATE_STATE.OPEN;
  lane.state = LANE_STATE.READY;
  lane.beat(0);
  return { gate, lane, watch: new StallWatch({ ...memory, stallMsMax }, 0) };
}

test("a lane that is silent for longer than it may be is a fault", () => {
  const { watch } = rig();
  for (let nowMs = 0; nowMs <= STALL_MS_MAX; nowMs += TICK_MS) {
    assert.equal(watch.look(nowMs), undefined, `at ${nowMs}`);
  }
  assert.deepEqual(watch.look(STALL_MS_MAX + TICK_MS), {
    code: "LANE_STALLED",
    lane: 0,
    silentMs: STALL_MS_MAX + TICK_MS,
  });
});

test("from a quarter of that on it is suspicious, until it beats or is not expected to", () => {
  const { gate, lane, watch } = rig();
  const isSuspicious = (...looksMs: number[]): boolean[] =>
    looksMs.map((nowMs) => {
      watch.look(nowMs);
      return watch.isSuspicious;
    });
  assert.deepEqual(isSuspicious(100, 200, 300, 400), [false, false, true, true]);
  lane.beat(450);
  assert.deepEqual(isSuspicious(500, 600, 700, 800), [false, false, false, true]);
  gate.state = GATE_STATE.DRAINING;
  assert.deepEqual(isSuspicious(900, 1000), [false, false]);
});

test("one that beats is none, nor one that is silent before or behind the time that orders are taken in", () => {
  const { gate, lane, watch } = rig();
  let nowMs = 0;
  const lookFor = (ms: number, beats: boolean): number => {
    let faults = 0;
    for (const endMs = nowMs + ms; nowMs < endMs; nowMs += TICK_MS) {
      if (beats) lane.beat(nowMs);
      if (watch.look(nowMs) !== undefined) faults++;
    }
    return faults;
  };
  assert.equal(lookFor(5000, true), 0);
  gate.state = GATE_STATE.DRAINING;
  assert.equal(lookFor(5000, false), 0);
  gate.state = GATE_STATE.OPEN;
  lane.state = LANE_STATE.STARTING;
  assert.equal(lookFor(5000, false), 0);
  lane.state = LANE_STATE.READY;
  assert.equal(lookFor(5000, true), 0);
  assert.ok(lookFor(5000, false) > 0);
});

test("what stood still with the scribe has time behind that to come to an end with what it was at", () => {
  const { lane, watch } = rig();
  assert.equal(watch.look(60_000), undefined);
  lane.beat(60_005);
  assert.equal(watch.look(60_100), undefined);
  assert.equal(watch.look(120_000), undefined);
  // In the middle of something that goes on, and stopped once more.
  for (let nowMs = 120_010; nowMs <= 120_300; nowMs += 10) {
    assert.equal(watch.look(nowMs), undefined, `at ${nowMs}`);
  }
  assert.equal(watch.look(180_000), undefined);
  lane.beat(180_200);
  assert.equal(watch.look(180_300), undefined);
  for (let nowMs = 180_400; nowMs <= 181_200; nowMs += TICK_MS) {
    assert.equal(watch.look(nowMs), undefined, `at ${nowMs}`);
  }
  assert.equal(watch.look(181_300)?.code, "LANE_STALLED");
});

test("one that may be silent for less than two looks is watched, too", () => {
  const { lane, watch } = rig(100);
  for (let nowMs = 100; nowMs <= 5000; nowMs += TICK_MS) {
    lane.beat(nowMs - 5);
    assert.equal(watch.look(nowMs), undefined, `at ${nowMs}`);
  }
  const looks = [5100, 5200, 5300, 5400, 5500].map((nowMs) => watch.look(nowMs)?.code);
  assert.ok(looks.includes("LANE_STALLED"));
});
