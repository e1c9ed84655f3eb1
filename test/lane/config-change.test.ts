// A CONFIG record after the first: the lane goes over to the new configuration with all that it knows.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { LaneConfig, LaneVenueConfig } from "../../src/memory/lane-config.ts";
import { LaneRig, type LaneRigOptions, laneConfig } from "../support/lane-rig.ts";
import { pushConfig } from "../support/push-config.ts";

/** The rig's own configuration with some settings changed. */
function change(
  rig: LaneRig,
  options: LaneRigOptions,
  settings: Partial<LaneConfig>,
  venue: Partial<LaneVenueConfig> = {},
): void {
  const config = laneConfig(options);
  pushConfig(rig, { ...config, ...settings, venue: { ...config.venue, ...venue } });
}

const listOf = (ticks: Record<string, number>) =>
  Object.entries(ticks).map(([symbol, tickSize]) => ({ symbol, tickSize }));

test("orders, numbers and connections outlast a change", () => {
  const rig = new LaneRig();
  const alice = rig.login("ALICE");
  const bob = rig.login("BOB");
  alice.enter({ userRefNum: 1 }).enter({ userRefNum: 2 });
  rig.run();
  change(rig, {}, { offencesMax: 1 });
  alice.enter({ userRefNum: 2 }).cancel(2).query();
  bob.enter({ userRefNum: 1, side: "S" });
  rig.run();
  assert.deepEqual(alice.receiveMessages(), [
    "login 1",
    "S S",
    "A 1 L",
    "A 2 L",
    "C 2 100 U",
    "Q 3",
    "E 1 100@189.5000 A",
  ]);
  bob.send(Buffer.from("?"));
  rig.run();
  assert.match(bob.all.at(-1)!, /^close/, "the new limit of offences is in force");
  assert.equal(rig.lane.core.state?.config.offencesMax, 1);
});

test("what one step may do changes in the middle of a sweep and of a mass cancel", () => {
  const options = { outputsPerStepMax: 2 };
  const rig = new LaneRig({ ...options, batchMax: 1 });
  const alice = rig.login("ALICE");
  const bob = rig.login("BOB");
  for (let userRefNum = 1; userRefNum <= 20; userRefNum++) alice.enter({ userRefNum });
  for (let userRefNum = 1; userRefNum <= 20; userRefNum++) {
    bob.enter({ userRefNum, symbol: "IBM" });
  }
  rig.run();
  rig.login("CAROL").enter({ userRefNum: 1, side: "S", quantity: 1600 });
  alice.cancel(18);
  bob.massCancel({ userRefNum: 30 }).enter({ userRefNum: 31 });
  change(rig, options, { outputsPerStepMax: 7 });
  rig.run();
  assert.ok(rig.count("continues") < (16 + 20) / 2 - 4, "the steps are larger");
  const cancels = bob.all.filter((text) => text.startsWith("C "));
  assert.equal(cancels.length, 20);
  assert.equal(bob.all.at(-1), "A 31 L");
  const trades = alice.all.filter((text) => text.startsWith("E "));
  assert.equal(trades.length, 16);
  assert.equal(alice.all.at(-1), "C 18 100 U");
});

test("a smaller step than before finds place for all that waits already", () => {
  const before = { outputsPerStepMax: 8, heldRequestsMax: 2 };
  const rig = new LaneRig({ ...before, batchMax: 1 });
  const alice = rig.login("ALICE");
  for (let userRefNum = 1; userRefNum <= 200; userRefNum++) alice.enter({ userRefNum });
  rig.run();
  rig.login("BOB").enter({ userRefNum: 1, side: "S", quantity: 19_000 });
  for (let userRefNum = 200; userRefNum > 193; userRefNum--) alice.cancel(userRefNum);
  change(rig, before, { outputsPerStepMax: 1 });
  while (rig.lane.core.state?.config.outputsPerStepMax !== 1) rig.runOnce();
  assert.ok(rig.lane.core.hasWork(), "the sweep goes on behind the change");
  rig.run();
  assert.equal(rig.lane.core.state?.orders.liveCount, 3);
  assert.equal(alice.all.filter((text) => text.startsWith("E ")).length, 190);
  assert.equal(alice.all.filter((text) => text.startsWith("C ")).length, 7);
});

test("new symbols are taken, changed ticks count, and removed symbols take no new orders", () => {
  const venue = { instruments: listOf({ AAPL: 100, IBM: 100 }) };
  const rig = new LaneRig({ venue });
  const alice = rig.login("ALICE");
  alice.enter({ userRefNum: 1, symbol: "AAPL" }).enter({ userRefNum: 2, symbol: "MSFT" });
  alice.enter({ userRefNum: 3, symbol: "IBM" });
  rig.run();
  change(rig, { venue }, {}, { instruments: listOf({ MSFT: 100, IBM: 5000 }) });
  alice.enter({ userRefNum: 4, symbol: "MSFT" }); // added
  alice.enter({ userRefNum: 5, symbol: "IBM", price: 1_895_100 }); // not on the new tick
  alice.enter({ userRefNum: 6, symbol: "AAPL" }); // removed,
  alice.replace({ origUserRefNum: 1, userRefNum: 7 }); // but what rests can go on
  alice.cancel(7);
  rig.run();
  assert.deepEqual(alice.receiveMessages(), [
    "login 1",
    "S S",
    "A 1 L",
    "J 2 0017",
    "A 3 L",
    "A 4 L",
    "J 5 001D",
    "J 6 0017",
    "U 1>7 100 L",
    "C 7 100 U",
  ]);
  change(rig, { venue }, {}, { instruments: listOf({ AAPL: 100 }) });
  alice.enter({ userRefNum: 8, symbol: "AAPL" }).enter({ userRefNum: 9, symbol: "IBM" });
  rig.run();
  assert.deepEqual(alice.receiveMessages(), ["A 8 L", "J 9 0017"], "a symbol may come back");
});

test("any symbol becomes a list, and a list any symbol", () => {
  const rig = new LaneRig({ venue: { instrumentsMax: 2 } });
  const alice = rig.login("ALICE");
  alice.enter({ userRefNum: 1, symbol: "AAPL", price: 1 });
  alice.enter({ userRefNum: 2, symbol: "IBM" }).enter({ userRefNum: 3, symbol: "MSFT" });
  const venue = { instrumentsMax: 2, instruments: listOf({ IBM: 100, MSFT: 100 }) };
  // The list has room beside the symbol that it does not name.
  change(rig, {}, {}, venue);
  alice.enter({ userRefNum: 4, symbol: "MSFT" }).enter({ userRefNum: 5, symbol: "AAPL" });
  alice.enter({ userRefNum: 6, symbol: "IBM", price: 1 });
  rig.run();
  change(rig, {}, {}, { instrumentsMax: 4, instruments: "*" });
  alice.enter({ userRefNum: 7, symbol: "IBM", price: 1 });
  alice.enter({ userRefNum: 8, symbol: "AAPL" }).enter({ userRefNum: 9, symbol: "ORCL" });
  alice.enter({ userRefNum: 10, symbol: "SUNW" });
  rig.run();
  assert.deepEqual(alice.receiveMessages().slice(2), [
    "A 1 L",
    "A 2 L",
    "J 3 000A",
    "A 4 L",
    "J 5 0017",
    "J 6 001D",
    "A 7 L",
    "A 8 L",
    "A 9 L",
    "J 10 000A",
  ]);
});

test("more orders find room, and a smaller table waits for the next session", () => {
  const venue = { ordersMax: 2 };
  const rig = new LaneRig({ venue });
  const alice = rig.login("ALICE");
  for (let userRefNum = 1; userRefNum <= 3; userRefNum++) alice.enter({ userRefNum });
  change(rig, { venue }, {}, { ordersMax: 3 });
  alice.enter({ userRefNum: 4 }).enter({ userRefNum: 5 });
  change(rig, { venue }, {}, { ordersMax: 1, kind: "ack" });
  alice.cancel(1).enter({ userRefNum: 6 }).enter({ userRefNum: 7 });
  rig.login("BOB").enter({ userRefNum: 1, side: "S" });
  rig.run();
  assert.deepEqual(alice.receiveMessages().slice(2), [
    "A 1 L",
    "A 2 L",
    "J 3 000A",
    "A 4 L",
    "J 5 000A",
    "C 1 100 U",
    "A 6 L",
    "J 7 000A",
  ]);
  const { config } = rig.lane.core.state!;
  assert.equal(config.venue.ordersMax, 3);
  assert.equal(config.venue.kind, "book");
});

test("order references rise also when the node's number falls", () => {
  const rig = new LaneRig();
  const alice = rig.login("ALICE");
  alice.enter({ userRefNum: 1 }).enter({ userRefNum: 2 });
  change(rig, {}, { node: 0 });
  alice.enter({ userRefNum: 3 }).enter({ userRefNum: 4 });
  rig.run();
  const accepted = alice.delivered.filter(({ fields }) => fields.type === "A");
  const references = accepted.map(({ fields }) => BigInt(String(fields.orderReference)));
  const nodes = references.map((reference) => (reference >> 16n) & 63n);
  assert.deepEqual(nodes, [5n, 5n, 0n, 0n]);
  const sorted = [...references].sort((one, other) => (one < other ? -1 : 1));
  assert.deepEqual(references, sorted);
  assert.equal(new Set(references).size, 4);
});

test("a configuration that never became whole leaves nothing behind", () => {
  const instruments = listOf(
    Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`SYM${index}`, 100])),
  );
  const rig = new LaneRig();
  const changed = laneConfig({ venue: { instruments }, offencesMax: 7 });
  pushConfig(rig, changed, 2);
  rig.run();
  pushConfig(rig, changed);
  rig.run();
  assert.equal(rig.lane.core.state?.instruments.count, 20);
  assert.equal(rig.lane.core.state?.config.offencesMax, 7);
});
