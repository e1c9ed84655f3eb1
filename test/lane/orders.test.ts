// What a client gets for each request, with the embedded book and with a venue that answers one record later.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { INBOUND_KIND } from "../../src/memory/inbound-record.ts";
import { ORDER_MODIFIED_BYTES } from "../../src/protocol/ouch/order-modified.ts";
import { TAG } from "../../src/protocol/ouch/tag.ts";
import { SEQUENCED_HEADER_BYTES } from "../../src/protocol/soupbintcp/sequenced.ts";
import type { TagFields } from "../../src/tools/client/order-messages.ts";
import {
  type Delivered,
  LaneRig,
  type LaneRigOptions,
  type RigClient,
} from "../support/lane-rig.ts";

/** The optional fields of an answer. */
function tagsOf({ fields }: Delivered): Record<string, unknown> {
  const { SIDE: _, ...tags } = TAG; // every answer's own field, too
  const names = Object.keys(tags).map((name) =>
    name.toLowerCase().replace(/_(.)/g, (_match, letter: string) => letter.toUpperCase()),
  );
  return Object.fromEntries(Object.entries(fields).filter(([name]) => names.includes(name)));
}

/** Two accounts, logged in, nothing unread. */
function open(options: LaneRigOptions): { rig: LaneRig; alice: RigClient; bob: RigClient } {
  const rig = new LaneRig(options);
  const alice = rig.login("ALICE", { firms: ["LIME", "ABCD"] });
  const bob = rig.login("BOB");
  rig.run();
  alice.receive();
  bob.receive();
  return { rig, alice, bob };
}

for (const isLate of [false, true]) {
  describe(isLate ? "with a venue that answers later" : "with the embedded book", () => {
    test("a cross is told to both sides, the resting one first, at its price", () => {
      const { rig, alice, bob } = open({ isLate });
      alice.enter({ userRefNum: 1, quantity: 300, price: 1_890_000 });
      rig.run();
      bob.enter({ userRefNum: 1, side: "S", quantity: 100, price: 1_880_000 });
      rig.run();
      assert.deepEqual(alice.receive(), ["A 1 L", "E 1 100@189.0000 A"]);
      assert.deepEqual(bob.receive(), ["A 1 L", "E 1 100@189.0000 R"]);
    });

    test("a number that is not new is ignored, one that skips some is welcome", () => {
      const { rig, alice } = open({ isLate });
      for (const userRefNum of [5, 5, 4, 0, 9]) alice.enter({ userRefNum });
      alice.query();
      rig.run();
      assert.deepEqual(alice.receiveMessages().sort(), ["A 5 L", "A 9 L", "Q 10"]);
      assert.equal(rig.count("ignoredDuplicate"), 2);
      assert.equal(rig.count("ignoredZero"), 1);
    });

    test("numbers rise in each channel by itself, and answers carry the channel", () => {
      const { rig, alice, bob } = open({ isLate });
      const channel = { USER_REF_IDX: 5 };
      alice.enter({ userRefNum: 7 });
      alice.enter({ userRefNum: 3, tags: channel });
      alice.enter({ userRefNum: 7, tags: channel });
      rig.run();
      alice
        .query()
        .query({ tags: channel })
        .query({ tags: { USER_REF_IDX: 6 } });
      rig.run();
      assert.deepEqual(alice.receive(), [
        "A 7 L",
        "A 3 L /5",
        "A 7 L /5",
        "Q 8",
        "Q 8 /5",
        "Q 1 /6",
      ]);
      bob.enter({ userRefNum: 1, side: "S", quantity: 150 });
      rig.run();
      assert.deepEqual(alice.receive(), ["E 7 100@189.5000 A", "E 3 50@189.5000 A /5"]);
      alice.cancel(3).cancel(3, { tags: channel });
      alice.replace({ origUserRefNum: 7, userRefNum: 8, tags: channel });
      rig.run();
      assert.deepEqual(alice.receive(), ["C 3 50 U /5", "U 7>8 100 L /5"]);
    });

    test("the last number of a channel is usable, after it nothing is", () => {
      const { rig, alice } = open({ isLate });
      alice.enter({ userRefNum: 0xfffffffe });
      rig.run();
      alice.query().enter({ userRefNum: 0xffffffff });
      rig.run();
      alice.query().enter({ userRefNum: 0xffffffff }).enter({ userRefNum: 1 });
      rig.run();
      assert.deepEqual(alice.receive(), [
        "A 4294967294 L",
        "Q 4294967295",
        "A 4294967295 L",
        "Q 0",
      ]);
      assert.equal(rig.count("ignoredDuplicate"), 2);
    });

    test("a cancel reduces to an intended total, and superfluous ones are ignored", () => {
      const { rig, alice, bob } = open({ isLate });
      alice.enter({ userRefNum: 1, quantity: 500 });
      rig.run();
      bob.enter({ userRefNum: 1, side: "S", quantity: 100 });
      rig.run();
      alice.cancel(1, { quantity: 500 }).cancel(1, { quantity: 300 }).cancel(1).cancel(1);
      alice.cancel(77);
      rig.run();
      assert.deepEqual(alice.receive(), ["A 1 L", "E 1 100@189.5000 A", "C 1 200 U", "C 1 200 U"]);
      assert.equal(rig.count("ignoredSuperfluous"), 1);
      assert.equal(rig.count("ignoredDeadTarget"), 2);
    });

    test("a modify changes the kind of sell and the size, and nothing else", () => {
      const { rig, alice, bob } = open({ isLate });
      alice.enter({ userRefNum: 1, side: "S", quantity: 500 });
      bob.enter({ userRefNum: 1, quantity: 100, price: 1_800_000 });
      rig.run();
      alice.modify({ userRefNum: 1, side: "T", quantity: 400 });
      alice.modify({ userRefNum: 1, side: "B", quantity: 300 });
      alice.modify({ userRefNum: 1, side: "T", quantity: 450 });
      alice.modify({ userRefNum: 1, side: "E", quantity: 0 });
      bob.modify({ userRefNum: 1, side: "B", quantity: 60 });
      rig.run();
      assert.deepEqual(alice.receive(), ["A 1 L", "M 1 T 400", "C 1 400 U"]);
      assert.deepEqual(bob.receive(), ["A 1 L", "M 1 B 60"]);
    });

    test("Order Modified echoes what the modify says of located shares", () => {
      const { rig, alice } = open({ isLate });
      alice.enter({ userRefNum: 1, side: "T", quantity: 500 });
      rig.run();
      const tags = { SHARES_LOCATED: "Y", LOCATE_BROKER: "BRKR" };
      alice.modify({ userRefNum: 1, side: "S", quantity: 400, tags });
      rig.run();
      const { fields } = alice.delivered.at(-1)!;
      assert.equal(fields.sharesLocated, "Y");
      assert.equal(fields.locateBroker, "BRKR");
    });

    test("what an answer echoes of located shares is its own request's, whatever comes behind that", () => {
      const { rig, alice } = open({ isLate });
      const locatedBy = (broker: string) => ({
        tags: { SHARES_LOCATED: "Y", LOCATE_BROKER: broker },
      });
      alice.enter({ userRefNum: 1, side: "T", quantity: 500, ...locatedBy("ONE") });
      alice.modify({ userRefNum: 1, side: "S", quantity: 400, ...locatedBy("TWO") });
      alice.modify({ userRefNum: 1, side: "S", quantity: 300 });
      alice.modify({ userRefNum: 1, side: "T", quantity: 200, ...locatedBy("THRE") });
      alice.modify({ userRefNum: 1, side: "T", quantity: 200, ...locatedBy("NONE") });
      rig.run();
      const told = alice.delivered
        .map(({ fields }) => fields)
        .filter(({ userRefNum }) => userRefNum === 1)
        .map(({ quantity, sharesLocated, locateBroker }) => [
          quantity,
          sharesLocated,
          locateBroker,
        ]);
      assert.deepEqual(told, [
        [500, "Y", undefined], // Accepted has no LocateBroker
        [400, "Y", "TWO"],
        [300, undefined, undefined],
        [200, "Y", "THRE"],
      ]);
    });

    test("a modify that names channel 0 is answered without an appendage", () => {
      const { rig, alice } = open({ isLate });
      alice.enter({ userRefNum: 1, quantity: 500 });
      rig.run();
      alice.modify({ userRefNum: 1, side: "B", quantity: 400, tags: { USER_REF_IDX: 0 } });
      rig.run();
      assert.equal(
        alice.delivered.at(-1)!.packetBytes,
        SEQUENCED_HEADER_BYTES + ORDER_MODIFIED_BYTES,
      );
    });

    test("a replace counts the chain's total and loses its place", () => {
      const { rig, alice, bob } = open({ isLate });
      alice.enter({ userRefNum: 1, quantity: 500 });
      rig.run();
      bob.enter({ userRefNum: 1, side: "S", quantity: 100 });
      rig.run();
      alice.replace({ origUserRefNum: 1, userRefNum: 2, quantity: 500, price: 1_896_000 });
      rig.run();
      alice.replace({ origUserRefNum: 2, userRefNum: 3, quantity: 100 });
      rig.run();
      assert.deepEqual(alice.receive(), [
        "A 1 L",
        "E 1 100@189.5000 A",
        "U 1>2 400 L",
        "U 2>3 0 D",
      ]);
    });

    test("a replace of a dead order is nothing, and its number stays free", () => {
      const { rig, alice } = open({ isLate });
      alice.enter({ userRefNum: 1 });
      rig.run();
      alice.cancel(1);
      rig.run();
      alice.replace({ origUserRefNum: 1, userRefNum: 2 }).query();
      alice.enter({ userRefNum: 2 });
      rig.run();
      assert.deepEqual(alice.receive().sort(), ["A 1 L", "A 2 L", "C 1 100 U", "Q 2"]);
    });

    test("a replace that breaks the protocol cancels its target, and its number stays free", () => {
      const { rig, alice } = open({ isLate });
      alice.enter({ userRefNum: 1 });
      rig.run();
      alice.replace({ origUserRefNum: 1, userRefNum: 2, quantity: 1_000_000 });
      rig.run();
      alice.query();
      rig.run();
      assert.deepEqual(alice.receive(), ["A 1 L", "C 1 100 U", "Q 2"]);
    });

    test("a replace that asks for what is not to be had is rejected, and its target stays", () => {
      const { rig, alice } = open({ isLate });
      alice.enter({ userRefNum: 1 });
      rig.run();
      alice.replace({ origUserRefNum: 1, userRefNum: 2, tags: { MAX_FLOOR: 100 } });
      alice.replace({ origUserRefNum: 1, userRefNum: 3, tags: { PRICE_TYPE: "M" } });
      alice.cancel(1).query();
      rig.run();
      const received = alice.receive();
      assert.deepEqual(received.slice(0, 3), ["A 1 L", "J 2 0004", "J 3 0011"]);
      assert.deepEqual(received.slice(3).sort(), ["C 1 100 U", "Q 4"]);
    });

    test("a replacement keeps its target's tags, but located shares must be said again", () => {
      const { rig, alice } = open({ isLate });
      const tags = { FIRM: "ABCD", GROUP_ID: 7, POST_ONLY: "P", SHARES_LOCATED: "Y" };
      alice.enter({ userRefNum: 1, side: "T", tags });
      rig.run();
      alice.replace({ origUserRefNum: 1, userRefNum: 2, tags: { SIDE: "E" } });
      rig.run();
      const [accepted, replaced] = alice.delivered.slice(-2).map(({ fields }) => fields);
      assert.equal(accepted?.sharesLocated, "Y");
      assert.equal(accepted?.groupId, 7);
      assert.equal(replaced?.firm, "ABCD");
      assert.equal(replaced?.postOnly, "P");
      assert.equal(replaced?.side, "E");
      assert.equal(replaced?.sharesLocated, undefined);
    });

    test("Accepted and Replaced echo each tag that they may carry, as it was asked for or kept", () => {
      const { rig, alice } = open({ isLate });
      const entered = {
        ...{ FIRM: "ABCD", MIN_QTY: 0, CUSTOMER_TYPE: "R", MAX_FLOOR: 0, PRICE_TYPE: "L" },
        ...{ PEG_OFFSET: 0, DISCRETION_PRICE: 0, DISCRETION_PRICE_TYPE: "L" },
        ...{ DISCRETION_PEG_OFFSET: 0, POST_ONLY: "P", RANDOM_RESERVES: 0, EXPIRE_TIME: 30 },
        ...{ TRADE_NOW: "Y", HANDLE_INST: " ", GROUP_ID: 7, SHARES_LOCATED: "Y", USER_REF_IDX: 3 },
      };
      const goodTillTime = { timeInForce: "6", price: 1_000_000 };
      const replace = (userRefNum: number, tags: TagFields): void => {
        const all = { ...tags, USER_REF_IDX: 3 };
        const request = { origUserRefNum: userRefNum - 1, userRefNum, ...goodTillTime, tags: all };
        alice.replace(request);
        rig.run();
      };
      alice.enter({ userRefNum: 1, ...goodTillTime, tags: entered });
      rig.run();
      replace(2, {});
      replace(3, { POST_ONLY: "N", EXPIRE_TIME: 20, TRADE_NOW: "N", SHARES_LOCATED: "N" });
      replace(4, {});
      const neutral = {
        ...{ firm: "ABCD", minQty: 0, maxFloor: 0, priceType: "L", handleInst: " " },
        userRefIdx: 3,
      };
      const asEntered = { ...neutral, postOnly: "P", expireTime: 30, tradeNow: "Y" };
      const asReplaced = { ...neutral, postOnly: "N", expireTime: 20, tradeNow: "N" };
      assert.deepEqual(alice.delivered.slice(-4).map(tagsOf), [
        {
          ...{ ...asEntered, customerType: "R", pegOffset: "0.0000" },
          ...{ discretionPrice: "0.0000", discretionPriceType: "L" },
          ...{ discretionPegOffset: "0.0000", randomReserves: 0, groupId: 7, sharesLocated: "Y" },
        },
        asEntered,
        asReplaced,
        asReplaced,
      ]);
      alice.massCancel({ userRefNum: 9, firm: "ABCD", tags: { GROUP_ID: 7, USER_REF_IDX: 3 } });
      rig.run();
      const echoed = { firm: "ABCD", groupId: 7, userRefIdx: 3 };
      assert.deepEqual(tagsOf(alice.delivered.at(-2)!), echoed);
      assert.equal(alice.receive().at(-1), "C 4 100 U /3", "the group is kept");
    });

    test("disabled firms enter and replace nothing, resting orders stay", () => {
      const { rig, alice } = open({ isLate });
      alice.enter({ userRefNum: 1 });
      rig.run();
      alice.disable({ userRefNum: 2, firm: "LIME" });
      alice.enter({ userRefNum: 3 }).replace({ origUserRefNum: 1, userRefNum: 4 });
      alice.enter({ userRefNum: 5, tags: { FIRM: "ABCD" } });
      rig.run();
      alice.enable({ userRefNum: 6, firm: "LIME" }).enter({ userRefNum: 7 });
      alice.disable({ userRefNum: 8, firm: "EVIL" }).enable({ userRefNum: 9, firm: "EVIL" });
      rig.run();
      const received = alice.receive();
      assert.deepEqual(received.slice(0, 6), [
        "A 1 L",
        "G 2",
        "J 3 000C",
        "J 4 000C",
        "A 5 L",
        "K 6",
      ]);
      assert.deepEqual(received.slice(6).sort(), ["A 7 L", "J 8 000C", "J 9 000C"]);
    });

    test("a replace of a disabled firm's order is 000C, whatever else is wrong with it", () => {
      const { rig, alice } = open({ isLate });
      alice.enter({ userRefNum: 1 }).disable({ userRefNum: 2, firm: "LIME" });
      rig.run();
      alice.receive();
      alice.replace({ origUserRefNum: 1, userRefNum: 3, tags: { FIRM: "LIME" } });
      alice.replace({ origUserRefNum: 1, userRefNum: 4, quantity: 0 });
      alice.replace({ origUserRefNum: 1, userRefNum: 5, tags: { MAX_FLOOR: 100 } });
      alice.cancel(1);
      rig.run();
      const answers = ["J 3 000C", "J 4 000C", "J 5 000C", "C 1 100 U"];
      assert.deepEqual(alice.receive(), answers);
    });

    test("a mass cancel answers first, then cancels what matches in rising number", () => {
      const { rig, alice, bob } = open({ isLate });
      const channel = { USER_REF_IDX: 9 };
      alice.enter({ userRefNum: 4, symbol: "MSFT" });
      alice.enter({ userRefNum: 2, tags: channel });
      alice.enter({ userRefNum: 5, side: "S", price: 1_990_000 });
      alice.enter({ userRefNum: 6, tags: { FIRM: "ABCD" } });
      alice.enter({ userRefNum: 7, tags: { ...channel, GROUP_ID: 3 } });
      bob.enter({ userRefNum: 1 });
      rig.run();
      alice.receive();
      alice.massCancel({ userRefNum: 10, symbol: "AAPL", tags: { SIDE: "B", GROUP_ID: 3 } });
      rig.run();
      assert.deepEqual(alice.receive(), ["X 10", "C 7 100 U /9"]);
      alice.massCancel({ userRefNum: 11, symbol: "NONE" });
      alice.massCancel({ userRefNum: 12 });
      rig.run();
      assert.deepEqual(alice.receive(), ["X 11", "X 12", "C 2 100 U /9", "C 4 100 U", "C 5 100 U"]);
      alice.massCancel({ userRefNum: 13, firm: "EVIL" });
      alice.massCancel({ userRefNum: 14, tags: { SIDE: "Q" } });
      rig.run();
      assert.deepEqual(alice.receive(), ["J 13 000C", "J 14 0009"]);
      rig.tick(0);
      rig.run();
      assert.deepEqual(bob.receive(), ["A 1 L"]);
    });

    test("a large mass cancel goes on between other inputs, and holds back only its own account", () => {
      const { rig, alice, bob } = open({ isLate, outputsPerStepMax: 2, batchMax: 4 });
      for (let userRefNum = 1; userRefNum <= 9; userRefNum++) alice.enter({ userRefNum });
      rig.run();
      alice.receive();
      alice.massCancel({ userRefNum: 10 });
      alice.enter({ userRefNum: 11 }).replace({ origUserRefNum: 11, userRefNum: 12 });
      alice.replace({ origUserRefNum: 9, userRefNum: 13 }).cancel(12, { quantity: 40 });
      alice.massCancel({ userRefNum: 14, symbol: "MSFT" }).enter({ userRefNum: 15 });
      bob.enter({ userRefNum: 1, side: "S", symbol: "IBM" });
      rig.run();
      const cancels = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((number) => `C ${number} 100 U`);
      const received = alice.receive();
      assert.ok(received.indexOf("X 14") > 1);
      assert.deepEqual(
        received.filter((text) => text !== "X 14"),
        ["X 10", ...cancels, "A 11 L", "U 11>12 100 L", "C 12 60 U", "A 15 L"],
      );
      assert.deepEqual(bob.receive(), ["A 1 L"]);
      assert.ok(rig.count("continues") >= 4);
    });

    test("good-till-time orders expire in the order of their times, then of their entry", () => {
      const { rig, alice, bob } = open({ isLate });
      const good = (seconds: number) => ({ timeInForce: "6", tags: { EXPIRE_TIME: seconds } });
      alice.enter({ userRefNum: 1, ...good(30) });
      alice.enter({ userRefNum: 2, ...good(10) });
      alice.enter({ userRefNum: 3, ...good(10) });
      alice.enter({ userRefNum: 4, ...good(10) });
      rig.run();
      alice.cancel(3);
      rig.run();
      alice.receive();
      rig.tick(9_999);
      rig.run();
      assert.deepEqual(alice.receive(), []);
      rig.eventNs += 1e6;
      bob.enter({ userRefNum: 1, side: "S", quantity: 1000, timeInForce: "3" });
      rig.run();
      const expired = alice.receive();
      assert.deepEqual(expired.slice(0, 2), ["C 2 100 T", "C 4 100 T"]);
      assert.deepEqual(expired.slice(2), ["E 1 100@189.5000 A"], "who is due does not trade");
    });

    test("a replacement that stays good-till-time lives on from the replace", () => {
      const { rig, alice } = open({ isLate });
      alice.enter({ userRefNum: 1, timeInForce: "6", tags: { EXPIRE_TIME: 10 } });
      rig.run();
      rig.tick(6_000);
      alice.replace({ origUserRefNum: 1, userRefNum: 2, timeInForce: "6" });
      rig.run();
      rig.tick(9_999);
      rig.run();
      assert.deepEqual(alice.receive(), ["A 1 L", "U 1>2 100 L"]);
      rig.tick(1);
      rig.run();
      assert.deepEqual(alice.receive(), ["C 2 100 T"]);
    });

    test("shed new orders get 000A, cancels and replaces go on", () => {
      const { rig, alice } = open({ isLate });
      alice.enter({ userRefNum: 1 });
      rig.run();
      rig.push(INBOUND_KIND.REGULATE, -1, 0, 1);
      alice.enter({ userRefNum: 2 }).replace({ origUserRefNum: 1, userRefNum: 3 });
      rig.run();
      rig.push(INBOUND_KIND.REGULATE, -1, 0, 0);
      alice.enter({ userRefNum: 4 });
      rig.run();
      assert.deepEqual(alice.receive(), ["A 1 L", "J 2 000A", "U 1>3 100 L", "A 4 L"]);
    });

    test("a full slab rejects new orders with 000A until one is gone", () => {
      const { rig, alice } = open({ isLate, venue: { ordersMax: 2 } });
      alice.enter({ userRefNum: 1 }).enter({ userRefNum: 2 }).enter({ userRefNum: 3 });
      rig.run();
      alice.cancel(1);
      rig.run();
      alice.enter({ userRefNum: 4 });
      rig.run();
      const received = alice.receive();
      assert.deepEqual(received.slice(0, 3).sort(), ["A 1 L", "A 2 L", "J 3 000A"]);
      assert.deepEqual(received.slice(3), ["C 1 100 U", "A 4 L"]);
    });

    test("an order that is refused takes no place among the instruments", () => {
      const { rig, alice } = open({ isLate, venue: { instrumentsMax: 1 } });
      alice.enter({ userRefNum: 1, symbol: "WRONG", price: 0 });
      alice.enter({ userRefNum: 2, symbol: "WRONG", display: "X" });
      rig.run();
      alice.enter({ userRefNum: 3, symbol: "FIRST" });
      rig.run();
      alice.enter({ userRefNum: 4, symbol: "SECOND" });
      rig.run();
      assert.deepEqual(alice.receive(), ["J 1 001D", "J 2 0003", "A 3 L", "J 4 000A"]);
    });
  });
}

test("an order that a sweep keeps busy is answered later, and still as the answer to its request", () => {
  const rig = new LaneRig({ outputsPerStepMax: 2, batchMax: 64 });
  const alice = rig.login("ALICE");
  const bob = rig.login("BOB");
  for (let userRefNum = 1; userRefNum <= 9; userRefNum++) alice.enter({ userRefNum });
  rig.run();
  bob.enter({ userRefNum: 1, side: "S", quantity: 900 });
  alice.enter({ userRefNum: 10 });
  rig.run();
  const answer = alice.delivered.find(({ text }) => text === "A 10 L");
  assert.equal(answer?.userRefNum, 10);
  assert.equal(answer?.requestType, "O".charCodeAt(0));
  assert.equal(answer?.outcome, 3, "delayed, accepted");
  assert.ok(answer.sinceNs > 0);
  const fills = alice.delivered.filter(({ text }) => text.startsWith("E"));
  assert.equal(fills.length, 9);
  assert.ok(fills.every(({ outcome, requestType }) => outcome === 0 && requestType === 0));
});
