import assert from "node:assert/strict";
import { test } from "node:test";
import { DETACH_REASON } from "../../src/memory/inbound-record.ts";
import { LaneRig, type RigClient } from "../support/lane-rig.ts";

/** ALICE cancels 100 orders, two in a step, and sends thirty requests behind that. */
function holding(): { rig: LaneRig; alice: RigClient; held: (of: RigClient) => number } {
  const rig = new LaneRig({ outputsPerStepMax: 2 });
  const alice = rig.login("ALICE");
  for (let userRefNum = 1; userRefNum <= 100; userRefNum++) alice.enter({ userRefNum });
  rig.run();
  alice.massCancel({ userRefNum: 101 });
  for (let userRefNum = 102; userRefNum <= 121; userRefNum++) alice.enter({ userRefNum });
  for (let userRefNum = 122; userRefNum <= 131; userRefNum++) alice.massCancel({ userRefNum });
  rig.runOnce();
  return { rig, alice, held: ({ connection }) => rig.progress.held(connection) };
}

test("the gate hears how many requests of an account wait behind its mass cancel, until none does", () => {
  const { rig, alice, held } = holding();
  const bob = rig.login("BOB").enter({ userRefNum: 1 });
  assert.equal(held(alice), 30);
  let before = held(alice);
  while (rig.lane.core.hasWork()) {
    rig.runOnce();
    assert.ok(held(alice) <= before, "nobody asks for more");
    before = held(alice);
  }
  assert.equal(held(alice), 0);
  assert.equal(held(bob), 0);
});

test("what an account has waiting counts for the connection that takes it over", () => {
  const { rig, alice, held } = holding();
  const again = rig.login("ALICE");
  rig.runOnce();
  assert.notEqual(again.connection, alice.connection);
  assert.ok(held(again) > 0);
  rig.run();
  assert.equal(held(again), 0);
});

test("a place in the table begins with what its own account has waiting", () => {
  const { rig, alice, held } = holding();
  alice.detach(DETACH_REASON.CLOSED);
  rig.runOnce();
  const { connection } = alice;
  assert.ok(held(alice) > 0, "nobody is told of it any more");
  const bob = rig.login("BOB", { connection });
  rig.runOnce();
  assert.equal(held(bob), 0);
});
