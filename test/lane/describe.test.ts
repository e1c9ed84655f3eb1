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

test("a lane tells whose requests are ignored most, and why", () => {
  const rig = new LaneRig();
  const [alice, bob, carol] = ["ALICE", "BOB", "CAROL"].map((name) => rig.login(name));
  alice!.enter({ userRefNum: 1, price: 100 });
  alice!.cancel(1, { quantity: 500 });
  for (let times = 0; times < 2; times++) bob!.cancel(7);
  bob!.enter({ userRefNum: 0, price: 100 });
  for (let times = 0; times < 2; times++) bob!.enter({ userRefNum: 1, price: 100 });
  carol!.query();
  rig.run();
  assert.deepEqual(rig.lane.describe().ignoredMost, [
    { account: "BOB", duplicate: 1, zero: 1, deadTarget: 2, superfluous: 0 },
    { account: "ALICE", duplicate: 0, zero: 0, deadTarget: 0, superfluous: 1 },
  ]);
});

test("of many accounts with ignored requests ten are told", () => {
  const rig = new LaneRig();
  for (let account = 1; account <= 12; account++) {
    const client = rig.login(`A${account}`);
    for (let times = 0; times < account; times++) client.cancel(7);
  }
  rig.run();
  const told = rig.lane.describe().ignoredMost.map(({ account }) => account);
  assert.deepEqual(told, ["A12", "A11", "A10", "A9", "A8", "A7", "A6", "A5", "A4", "A3"]);
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
