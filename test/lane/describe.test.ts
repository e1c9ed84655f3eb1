import assert from "node:assert/strict";
import { test } from "node:test";
import { LaneRig } from "../support/lane-rig.ts";

test("a lane tells what it is at, and what it waits for", () => {
  const rig = new LaneRig({ outputsPerStepMax: 2 });
  const alice = rig.login("ALICE");
  for (let userRefNum = 1; userRefNum <= 8; userRefNum++) alice.enter({ userRefNum, price: 100 });
  rig.run();
  alice.receive();
  const idle = rig.lane.describe();
  assert.equal(idle.waitsFor, "records");
  assert.equal(idle.ordersLive, 8);
  assert.equal(idle.recordsWaiting, 0);
  assert.ok(idle.isHandedOver && idle.isEverythingDelivered && !idle.hasUnfinishedWork);
  assert.ok(idle.packetsWritten > 8 && idle.outboxBytes > 0 && idle.eventNs > 0);
  alice.enter({ userRefNum: 9, price: 100 });
  assert.equal(rig.lane.describe().recordsWaiting, 1);
});
