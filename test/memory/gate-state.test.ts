import assert from "node:assert/strict";
import { test } from "node:test";
import { createGateState, GATE_STATE, GateState } from "../../src/memory/gate-state.ts";

test("both hands on the block see the same state and heartbeat", () => {
  const memory = createGateState();
  const gate = new GateState(memory);
  const scribe = new GateState(memory);
  assert.equal(scribe.state, GATE_STATE.STARTING);
  gate.state = GATE_STATE.DRAINING;
  gate.beat(1000.7);
  assert.equal(scribe.state, GATE_STATE.DRAINING);
  assert.equal(scribe.silentMs(1000.9), 0);
  assert.equal(scribe.silentMs(1010), 10);
});

test("the silence is right just before and just after the heartbeat's wrap", () => {
  const gate = new GateState(createGateState());
  for (const wrap of [2 ** 31, 2 ** 32]) {
    gate.beat(wrap - 1);
    assert.equal(gate.silentMs(wrap - 1), 0);
    assert.equal(gate.silentMs(wrap + 1), 2);
  }
});
