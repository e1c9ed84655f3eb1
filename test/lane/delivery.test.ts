import assert from "node:assert/strict";
import { test } from "node:test";
import { FaultError } from "../../src/base/fault.ts";
import { DETACH_REASON } from "../../src/memory/inbound-record.ts";
import { OUTBOUND_FLAG, OUTCOME } from "../../src/memory/outbound-record.ts";
import { LaneRig, type RigClient } from "../support/lane-rig.ts";
import { fuzzSeed, SeededRandom } from "../support/seeded-random.ts";

const sentBytes = (client: RigClient): number =>
  client.delivered.reduce((sum, { packetBytes }) => sum + packetBytes, 0);

test("a connection never has more than its window in flight, and goes on when half of it is free", () => {
  const windowBytes = 1000;
  const rig = new LaneRig({ isSlow: true, windowBytes });
  const alice = rig.login("ALICE");
  for (let userRefNum = 1; userRefNum <= 100; userRefNum++) alice.enter({ userRefNum });
  rig.run();
  let taken = 0;
  while (alice.delivered.length < 101) {
    const inFlight = sentBytes(alice) - taken;
    assert.ok(inFlight <= windowBytes && inFlight > windowBytes - 200, `${inFlight} in flight`);
    rig.take(alice.connection, inFlight);
    taken += inFlight;
    rig.run();
  }
  const numbers = alice.delivered.slice(1).map(({ fields }) => fields.userRefNum);
  assert.deepEqual(
    numbers,
    numbers.map((_, index) => index + 1),
  );
});

test("a reader that never reads delays nobody else", () => {
  const rig = new LaneRig({ isSlow: true, windowBytes: 500 });
  const deaf = rig.login("DEAF");
  const alice = rig.login("ALICE");
  let taken = 0;
  for (let userRefNum = 1; userRefNum <= 200; userRefNum++) {
    deaf.enter({ userRefNum, symbol: "IBM" });
    alice.enter({ userRefNum });
    rig.run();
    const bytes = sentBytes(alice);
    rig.take(alice.connection, bytes - taken);
    taken = bytes;
  }
  rig.run();
  assert.equal(alice.delivered.length, 201);
  assert.ok(sentBytes(deaf) < 700);
  const again = rig.login("DEAF");
  rig.run();
  assert.equal(again.receive()[0], "login 1");
});

test("who leaves, or is taken over, with his window full waits for nothing any more", () => {
  const rig = new LaneRig({ isSlow: true, windowBytes: 500 });
  const deaf = rig.login("DEAF");
  for (let userRefNum = 1; userRefNum <= 20; userRefNum++) deaf.enter({ userRefNum });
  rig.run();
  assert.equal(rig.progress.starvedCount(), 1);
  const again = rig.login("DEAF");
  rig.run();
  assert.equal(rig.progress.starvedCount(), 1);
  again.detach(DETACH_REASON.STALLED);
  rig.run();
  assert.equal(rig.progress.starvedCount(), 0);
});

test("an answer that leaves with its batch says so, with the batch's stamps; a later one is delayed", () => {
  const rig = new LaneRig({ isSlow: true, windowBytes: 250 });
  const alice = rig.login("ALICE");
  rig.run();
  for (let userRefNum = 1; userRefNum <= 4; userRefNum++) alice.enter({ userRefNum });
  rig.run();
  rig.take(alice.connection, sentBytes(alice));
  rig.run();
  const answers = alice.delivered.slice(1);
  assert.deepEqual(
    answers.map(({ outcome }) => outcome),
    [OUTCOME.ACCEPTED, OUTCOME.ACCEPTED, OUTCOME.ACCEPTED, OUTCOME.DELAYED_ACCEPTED],
  );
  const [first, second, , late] = answers;
  assert.deepEqual([first?.batchCount, first?.batchIndex, second?.batchIndex], [4, 0, 1]);
  assert.ok(first !== undefined && first.laneNs > first.readNs && first.readNs > 0);
  assert.deepEqual(
    answers.map(({ flags }) => flags),
    [0, 0, 0, OUTBOUND_FLAG.PEER_LIMITED],
  );
  // No other batch was taken since: its stamps are still known.
  assert.ok(late !== undefined && late.laneNs === first.laneNs && late.readNs > first.readNs);
});

test("an answer that waited while other batches came has no stamps but since when", () => {
  const rig = new LaneRig({ isSlow: true, windowBytes: 250 });
  const alice = rig.login("ALICE");
  const bob = rig.login("BOB");
  rig.run();
  for (let userRefNum = 1; userRefNum <= 4; userRefNum++) alice.enter({ userRefNum });
  rig.run();
  bob.enter({ userRefNum: 1 });
  rig.run();
  rig.take(alice.connection, sentBytes(alice));
  rig.run();
  const late = alice.delivered.at(-1);
  assert.ok(late?.outcome === OUTCOME.DELAYED_ACCEPTED && late.sinceNs > 0);
  assert.deepEqual([late.laneNs, late.readNs, late.batchCount], [0, 0, 0]);
});

test("who resumes gets what was asked before without a cause, and it was undelivered", () => {
  const rig = new LaneRig({ isSlow: true, windowBytes: 250 });
  const alice = rig.login("ALICE");
  rig.run();
  for (let userRefNum = 1; userRefNum <= 5; userRefNum++) alice.enter({ userRefNum });
  rig.run();
  assert.equal(rig.count("undeliveredO"), 0);
  alice.detach(DETACH_REASON.CLOSED);
  rig.run();
  const left = 5 - (alice.delivered.length - 1);
  assert.ok(left > 0);
  assert.deepEqual([rig.count("undeliveredO"), rig.count("requestsO")], [left, 5]);
  const again = rig.login("ALICE", { sequence: 2 });
  rig.run();
  again.enter({ userRefNum: 6 });
  rig.run();
  for (const { requestType, sinceNs, outcome } of again.delivered.slice(0, 3)) {
    assert.deepEqual([requestType, sinceNs, outcome], [0, 0, OUTCOME.UNSOLICITED]);
  }
});

test("a reject is an outcome of its own, and the other side's fill is nobody's answer", () => {
  const rig = new LaneRig();
  const alice = rig.login("ALICE").enter({ userRefNum: 1, quantity: 0 }).enter({ userRefNum: 2 });
  rig.run();
  rig.login("BOB").enter({ userRefNum: 1, side: "S" });
  rig.run();
  const seen = alice.delivered.map(({ text, outcome, userRefNum, requestType }) => [
    text,
    outcome,
    userRefNum,
    String.fromCharCode(requestType),
  ]);
  assert.deepEqual(seen, [
    ["S S", OUTCOME.UNSOLICITED, 0, "\0"],
    ["J 1 0013", OUTCOME.REJECTED, 1, "O"],
    ["A 2 L", OUTCOME.ACCEPTED, 2, "O"],
    ["E 2 100@189.5000 A", OUTCOME.UNSOLICITED, 0, "\0"],
  ]);
});

const seed = fuzzSeed();
test(`tiny rings and a slow gate lose nothing and repeat nothing, seed ${seed}`, () => {
  const random = new SeededRandom(seed);
  for (const [inboundSlots, outboundSlots, batchMax] of [
    [2, 2, 1],
    [4, 2, 16],
    [16, 4, 3],
    [64, 8, 64],
  ] as const) {
    const rig = new LaneRig({ inboundSlots, outboundSlots, batchMax });
    const clients = ["A", "B", "C"].map((name) => rig.login(name));
    const used = [0, 0, 0];
    for (let step = 0; step < 600; step++) {
      const place = random.below(3);
      clients[place]!.enter({
        userRefNum: ++used[place]!,
        side: random.below(2) === 0 ? "B" : "S",
      });
      if (random.below(4) === 0) rig.lane.turn();
      if (random.below(3) === 0) rig.runOnce(random.below(3));
    }
    rig.run();
    for (const [place, client] of clients.entries()) {
      assert.equal(client.receive()[0], "login 1");
      const accepted = client.delivered.filter(({ fields }) => fields.type === "A");
      assert.equal(accepted.length, used[place]);
      const again = rig.login(client.name);
      rig.eventNs += 61e9;
      rig.run();
      assert.deepEqual(
        again.delivered.map(({ text }) => text),
        client.delivered.map(({ text }) => text),
      );
    }
  }
});

test("while the outbound ring is full the lane takes nothing more", () => {
  const rig = new LaneRig({ outboundSlots: 4, inboundSlots: 64 });
  const alice = rig.login("ALICE");
  rig.run();
  for (let userRefNum = 1; userRefNum <= 20; userRefNum++) alice.enter({ userRefNum });
  while (rig.lane.turn() > 0);
  const taken = rig.count("recordsTaken");
  alice.query();
  assert.equal(rig.lane.turn(), 0);
  assert.equal(rig.count("recordsTaken"), taken);
  rig.run();
  assert.equal(alice.delivered.at(-1)?.text, "Q 21");
});

test("a full outbox ends the lane with a fault", () => {
  const rig = new LaneRig({ outboxBytesMax: 4096 });
  const alice = rig.login("ALICE");
  for (let userRefNum = 1; userRefNum <= 100; userRefNum++) alice.enter({ userRefNum });
  assert.throws(
    () => rig.run(),
    (error) => error instanceof FaultError && error.fault.code === "OUTBOX_FULL",
  );
});

test("ignored requests are explained once a second", () => {
  const rig = new LaneRig({ explainIgnored: true });
  const alice = rig.login("ALICE");
  rig.run();
  alice.receive();
  alice.enter({ userRefNum: 0 }).cancel(7).cancel(8);
  rig.run();
  rig.tick(1000);
  alice.cancel(9);
  rig.run();
  assert.deepEqual(alice.receive(), [
    "+ ignored O 0: UserRefNum 0 is not a number",
    "+ ignored X 9: no live order has that number",
  ]);
});

test("what joined a batch that had begun was taken when it came, not before", () => {
  const rig = new LaneRig();
  const alice = rig.login("ALICE");
  rig.run();
  for (let userRefNum = 1; userRefNum <= 3; userRefNum++) alice.enter({ userRefNum });
  rig.run();
  for (const { laneNs, readNs } of alice.delivered.slice(1)) assert.ok(laneNs >= readNs);
});
