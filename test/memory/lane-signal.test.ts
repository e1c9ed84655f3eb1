import assert from "node:assert/strict";
import { test } from "node:test";
import { createLaneSignal, LANE_STATE, LaneSignal } from "../../src/memory/lane-signal.ts";

test("a lane that was woken between its last look and its sleep does not sleep", () => {
  const signal = new LaneSignal(createLaneSignal());
  const wake = signal.announcePark();
  signal.wakeLaneIfParked();
  signal.park(wake, Number.POSITIVE_INFINITY); // would never return
});

test("a lane that is awake costs the gate no wake-up", () => {
  const signal = new LaneSignal(createLaneSignal());
  signal.wakeLaneIfParked();
  const wake = signal.announcePark();
  signal.cancelPark();
  signal.wakeLaneIfParked();
  assert.equal(signal.announcePark(), wake);
});

test("the bell is rung once until the gate has heard it", () => {
  const signal = new LaneSignal(createLaneSignal());
  assert.equal(signal.shouldRing(), true);
  assert.equal(signal.shouldRing(), false);
  signal.clearDoorbell();
  assert.equal(signal.shouldRing(), true);
});

test("a starved ring is cleared once, credit counts up", () => {
  const signal = new LaneSignal(createLaneSignal());
  assert.equal(signal.clearRingStarved(), false);
  signal.setRingStarved();
  assert.equal(signal.clearRingStarved(), true);
  assert.equal(signal.clearRingStarved(), false);
  signal.addCredit();
  assert.equal(signal.credit(), 1);
});

test("the heartbeat is right after 25 and after 50 days, when its word wraps", () => {
  const signal = new LaneSignal(createLaneSignal());
  for (const beatMs of [0, 2 ** 31 - 1, 2 ** 32 - 1, 2 ** 40 + 0.25]) {
    signal.beat(beatMs);
    assert.equal(signal.silentMs(beatMs + 5000), 5000, `beat at ${beatMs}`);
  }
});

test("both hands see the same state", () => {
  const memory = createLaneSignal();
  new LaneSignal(memory).state = LANE_STATE.READY;
  assert.equal(new LaneSignal(memory).state, LANE_STATE.READY);
});

test("a lane begins without what the one before it has left", () => {
  const signal = new LaneSignal(createLaneSignal());
  signal.state = LANE_STATE.READY;
  signal.shouldRing();
  signal.setRingStarved();
  signal.announcePark();
  signal.isGateWaiting = true;
  signal.begin();
  assert.equal(signal.state, LANE_STATE.STARTING);
  assert.equal(signal.shouldRing(), true);
  assert.equal(signal.clearRingStarved(), false);
  assert.equal(signal.isGateWaiting, false);
});

test("that the gate waits is seen by both hands until it does not", () => {
  const memory = createLaneSignal();
  const [gate, lane] = [new LaneSignal(memory), new LaneSignal(memory)];
  assert.equal(lane.isGateWaiting, false);
  gate.isGateWaiting = true;
  assert.equal(lane.isGateWaiting, true);
  assert.equal(lane.isGateWaiting, true, "looking does not change it");
  gate.isGateWaiting = false;
  assert.equal(lane.isGateWaiting, false);
});
