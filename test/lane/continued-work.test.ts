import assert from "node:assert/strict";
import { test } from "node:test";
import { LaneRig } from "../support/lane-rig.ts";

test("a record that brings expiries and a request of its own finds room for all of them behind a sweep", () => {
  const rig = new LaneRig({ outputsPerStepMax: 2, heldRequestsMax: 4 });
  const alice = rig.login("ALICE");
  for (let userRefNum = 1; userRefNum <= 12; userRefNum++) alice.enter({ userRefNum, side: "S" });
  // Too dear for the sweep, and over when the last cancel comes.
  const passing = { timeInForce: "6", tags: { EXPIRE_TIME: 1 }, side: "S", price: 1_999_000 };
  alice.enter({ userRefNum: 13, ...passing }).enter({ userRefNum: 14, ...passing });
  const bob = rig.login("BOB");
  rig.run();
  alice.receive();

  bob.enter({ userRefNum: 1, quantity: 900 });
  alice.cancel(12).cancel(11);
  rig.eventNs += 2e9;
  alice.cancel(10);
  rig.run();
  const ends = alice.receiveMessages().filter((text) => !text.startsWith("E "));
  assert.deepEqual(ends, ["C 12 100 U", "C 11 100 U", "C 13 100 T", "C 14 100 T", "C 10 100 U"]);
});

test("an Account Query behind a mass cancel is answered when what waits before it is decided", () => {
  const rig = new LaneRig({ outputsPerStepMax: 2 });
  const alice = rig.login("ALICE");
  for (let userRefNum = 1; userRefNum <= 8; userRefNum++) alice.enter({ userRefNum, price: 100 });
  rig.run();
  alice.receive();

  // The mass cancel takes the replace's target: the replace comes to nothing, and its number is free again.
  alice.massCancel({ userRefNum: 9 }).replace({ origUserRefNum: 8, userRefNum: 10 }).query();
  rig.run();
  alice.query();
  rig.run();
  const answers = alice.receiveMessages();
  assert.deepEqual(answers.slice(-2), ["Q 10", "Q 10"]);
  assert.equal(answers.filter((text) => text.startsWith("C ")).length, 8);
  alice.enter({ userRefNum: 10, price: 100 });
  rig.run();
  assert.deepEqual(alice.receiveMessages(), ["A 10 L"]);
});
