import assert from "node:assert/strict";
import { test } from "node:test";
import { createGateState, GATE_STATE, GateState } from "../../src/memory/gate-state.ts";
import { createLaneSignal, LANE_STATE, LaneSignal } from "../../src/memory/lane-signal.ts";
import { StallWatch } from "../../src/scribe/stall-watch.ts";

const STALL_MS_MAX = 1000;
const TICK_MS = 100;

/** An open gate and a ready lane, last heard of at 0. */
function rig() {
  const memory = { gate: createGateState(), laneSignal: createLaneSignal() };
  const gate = new GateState(memory.gate);
  const lane = new LaneSignal(memory.laneSignal);
  gate.state = GATE_STATE.OPEN;
  lane.state = LANE_STATE.READY;
  lane.beat(0);
  return { gate, lane, watch: new StallWatch({ ...memory, stallMsMax: STALL_MS_MAX }, 0) };
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

test("a scribe that stood still itself gives the other one a tick's time", () => {
  const { lane, watch } = rig();
  assert.equal(watch.look(60_000), undefined);
  lane.beat(60_005);
  assert.equal(watch.look(60_100), undefined);
  assert.equal(watch.look(120_000), undefined);
  assert.equal(watch.look(120_100)?.code, "LANE_STALLED");
});
