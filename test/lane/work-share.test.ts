import assert from "node:assert/strict";
import { test } from "node:test";
import { WorkShare } from "../../src/lane/work-share.ts";
import { LaneRig } from "../support/lane-rig.ts";

const US = 1e3;

/** At a time of the test's own. */
function sharing(): { share: WorkShare; at: { nowNs: number } } {
  const at = { nowNs: 5e9 };
  return { share: new WorkShare({ nowNs: () => at.nowNs }), at };
}

test("with nobody waiting, steps follow each other until the batch has lasted a millisecond", () => {
  const { share, at } = sharing();
  for (let batch = 0; batch < 3; batch++) {
    share.beginBatch();
    let steps = 0;
    for (; share.takeTurn(true, 0, false); steps++) at.nowNs += 300 * US;
    assert.equal(steps, 4);
  }
});

test("a single step that lasts long is one, and the next batch has another", () => {
  const { share, at } = sharing();
  for (let batch = 0; batch < 3; batch++) {
    share.beginBatch();
    assert.equal(share.takeTurn(true, 0, false), true);
    at.nowNs += 5_000 * US;
    assert.equal(share.takeTurn(true, 0, false), false);
  }
});

test("who waits has as long as the last step took, before the next one", () => {
  const { share, at } = sharing();
  share.beginBatch();
  assert.equal(share.takeTurn(true, 0, true), true);
  at.nowNs += 300 * US;
  assert.equal(share.takeTurn(true, 0, true), false);
  at.nowNs += 299 * US;
  share.beginBatch();
  assert.equal(share.takeTurn(true, 0, true), false);
  at.nowNs += 1 * US;
  assert.equal(share.takeTurn(true, 0, true), true);
});

test("what has come from outside is answered before the next step", () => {
  const { share, at } = sharing();
  share.beginBatch();
  at.nowNs += 1e9;
  assert.equal(share.takeTurn(true, 1, true), false);
  assert.equal(share.takeTurn(true, 1, false), false);
  share.beginBatch();
  assert.equal(share.takeTurn(true, 0, false), true);
});

test("the last step of a work has not lasted until the next work begins", () => {
  const { share, at } = sharing();
  share.beginBatch();
  assert.equal(share.takeTurn(true, 0, false), true);
  at.nowNs += 300 * US;
  assert.equal(share.takeTurn(false, 0, true), false);
  at.nowNs += 3_600e9;
  share.beginBatch();
  assert.equal(share.takeTurn(true, 0, true), true);
});

/** ALICE's 4,000 orders, all of which go in steps of eight; before each turn BOB sends some requests of his own. */
function busyLane(begin: "mass cancel" | "sweep"): { rig: LaneRig; bobWaitedMax: number } {
  const rig = new LaneRig({ outputsPerStepMax: 8 });
  const [alice, bob] = [rig.login("ALICE"), rig.login("BOB")];
  for (let userRefNum = 1; userRefNum <= 4000; userRefNum++) {
    alice.enter({ userRefNum, quantity: 1, price: 100 });
  }
  rig.run();
  if (begin === "mass cancel") alice.massCancel({ userRefNum: 4001 });
  else bob.enter({ userRefNum: 1, side: "S", quantity: 4000, price: 100 });
  rig.runOnce();
  bob.receive();

  let bobWaitedMax = 0;
  for (let userRefNum = 2; rig.lane.core.hasWork(); userRefNum += 40) {
    for (let of = 0; of < 40; of++) {
      bob.enter({ userRefNum: userRefNum + of, symbol: "IBM", timeInForce: "3" });
    }
    const before = rig.count("continues");
    let answered = 0;
    while (answered < 40) {
      assert.ok(rig.runOnce() > 0, "BOB is not answered");
      answered += bob.receive().filter((text) => text.startsWith("A ")).length;
    }
    bobWaitedMax = Math.max(bobWaitedMax, rig.count("continues") - before);
  }
  return { rig, bobWaitedMax };
}

for (const begin of ["mass cancel", "sweep"] as const) {
  test(`forty requests wait for one step of another's ${begin}, not for forty`, () => {
    const { rig, bobWaitedMax } = busyLane(begin);
    assert.ok(rig.count("continues") > 400, "the work was long");
    assert.ok(bobWaitedMax <= 2, `${bobWaitedMax} steps`);
  });
}

test("others that never stop do not stop the work", () => {
  const rig = new LaneRig({ outputsPerStepMax: 4, batchMax: 8 });
  const [alice, bob] = [rig.login("ALICE"), rig.login("BOB")];
  for (let userRefNum = 1; userRefNum <= 400; userRefNum++) alice.enter({ userRefNum });
  rig.run();
  alice.massCancel({ userRefNum: 401 });
  let turns = 0;
  for (let userRefNum = 1; turns === 0 || rig.lane.core.hasWork(); turns++) {
    while (rig.inboundWaiting < 64) {
      bob.enter({ userRefNum: userRefNum++, symbol: "IBM", timeInForce: "3" });
    }
    rig.runOnce();
    assert.ok(turns < 400, "the mass cancel comes to no end");
  }
  assert.equal(alice.receive().filter((text) => text.startsWith("C ")).length, 400);
});
