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

test("a lane counts what is in its tables, and what there is room for", () => {
  const rig = new LaneRig();
  const alice = rig.login("ALICE");
  for (const [index, symbol] of ["AAPL", "MSFT", "AAPL"].entries()) {
    alice.enter({ userRefNum: index + 1, symbol, price: 100 });
  }
  rig.run();
  assert.deepEqual([rig.count("ordersLive"), rig.count("ordersMax")], [3, 4096]);
  assert.deepEqual([rig.count("instruments"), rig.count("instrumentsMax")], [2, 64]);
});

test("instruments of a list have their room for certain, and do not count", () => {
  const instruments = [{ symbol: "AAPL", tickSize: 1 }];
  const rig = new LaneRig({
    venue: { kind: "book", instruments, instrumentsMax: 1, ordersMax: 8 },
  });
  const alice = rig.login("ALICE");
  alice.enter({ userRefNum: 1, symbol: "AAPL", price: 100 });
  rig.run();
  assert.equal(rig.count("ordersLive"), 1);
  assert.deepEqual([rig.count("instruments"), rig.count("instrumentsMax")], [0, 1]);
});
