import assert from "node:assert/strict";
import { test } from "node:test";
import { createGateState, GATE_STATE, GateState } from "../../src/memory/gate-state.ts";
import { createLaneSignal, LANE_STATE, LaneSignal } from "../../src/memory/lane-signal.ts";
import { ReadinessProbe } from "../../src/scribe/readiness.ts";

const STALL_MS_MAX = 100;

/** An open gate and two ready lanes that beat at `nowMs`. */
function readyParts(nowMs: number) {
  const gateMemory = createGateState();
  const laneMemory = [createLaneSignal(), createLaneSignal()];
  const gate = new GateState(gateMemory);
  const lanes = laneMemory.map((memory) => new LaneSignal(memory));
  gate.state = GATE_STATE.OPEN;
  gate.beat(nowMs);
  for (const lane of lanes) {
    lane.state = LANE_STATE.READY;
    lane.beat(nowMs);
  }
  return { gate, lanes, probe: new ReadinessProbe(gateMemory, laneMemory, STALL_MS_MAX) };
}

test("an open gate and ready lanes are ready until just after the stall limit", () => {
  const { probe } = readyParts(1000);
  assert.deepEqual(probe.read(1000 + STALL_MS_MAX), { ready: true, reasons: [] });
  assert.deepEqual(probe.read(1001 + STALL_MS_MAX), {
    ready: false,
    reasons: [
      { part: "gate", state: "open", silentMs: 101 },
      { part: "lane 0", state: "ready", silentMs: 101 },
      { part: "lane 1", state: "ready", silentMs: 101 },
    ],
  });
});

test("heartbeats are right through the wrap of their words", () => {
  const { gate, lanes, probe } = readyParts(2 ** 32 - 10);
  assert.equal(probe.read(2 ** 32 + 20).ready, true);
  gate.beat(2 ** 31 - 5);
  for (const lane of lanes) lane.beat(2 ** 31 - 5);
  assert.equal(probe.read(2 ** 31 + 5).ready, true);
  assert.equal(probe.read(2 ** 31 + 105).ready, false);
});

test("a port that is not open yet or no more is not ready", () => {
  const { gate, probe } = readyParts(0);
  for (const [state, name] of [
    [GATE_STATE.STARTING, "starting"],
    [GATE_STATE.DRAINING, "draining"],
  ] as const) {
    gate.state = state;
    assert.deepEqual(probe.read(0).reasons, [{ part: "gate", state: name, silentMs: 0 }]);
  }
});

test("one lane that is not ready is named", () => {
  const { lanes, probe } = readyParts(0);
  const [, second] = lanes;
  assert.ok(second !== undefined);
  second.state = LANE_STATE.STOPPED;
  assert.deepEqual(probe.read(0).reasons, [{ part: "lane 1", state: "stopped", silentMs: 0 }]);
});
