import assert from "node:assert/strict";
import { test } from "node:test";
import { COMMAND_CODE, DETACH_REASON, INBOUND_KIND } from "../../src/memory/inbound-record.ts";
import { LaneRig, SESSION } from "../support/lane-rig.ts";

test("a first login gets its own number, then the start of the day", () => {
  const rig = new LaneRig();
  const alice = rig.login("ALICE");
  rig.run();
  assert.deepEqual(alice.receive(), ["login 1", "S S"]);
});

test("an order is accepted and its answer delivered", () => {
  const rig = new LaneRig();
  const alice = rig.login("ALICE").enter({ userRefNum: 1 });
  rig.run();
  assert.deepEqual(alice.receive(), ["login 1", "S S", "A 1 L"]);
});

test("a resume starts at any number, from the first to the one to come", () => {
  const rig = new LaneRig();
  const first = rig.login("ALICE");
  for (let userRefNum = 1; userRefNum <= 40; userRefNum++) first.enter({ userRefNum });
  rig.run();
  const stream = first.receive().slice(1);
  assert.equal(stream.length, 41);
  for (let sequence = 1; sequence <= 42; sequence++) {
    rig.eventNs += 60e9;
    const again = rig.login("ALICE", { sequence });
    rig.run();
    assert.deepEqual(again.receive(), [`login ${sequence}`, ...stream.slice(sequence - 1)]);
  }
});

test("sequence 0 is the live end: the number to come, and nothing before it", () => {
  const rig = new LaneRig();
  const fresh = rig.login("BOB", { sequence: 0 });
  rig.run();
  assert.deepEqual(fresh.receive(), ["login 1", "S S"], "a stream that begins with this login");
  const again = rig.login("BOB", { sequence: 0 });
  again.query();
  rig.run();
  assert.deepEqual(again.receive(), ["login 2", "Q 1"]);
});

test("a client that is ahead of us is told both numbers, counted and refused", () => {
  const rig = new LaneRig();
  const fresh = rig.login("BOB", { sequence: 2 });
  rig.run();
  assert.deepEqual(fresh.receive(), [
    "+ sequence 2 was asked for, but the next one is 1",
    "rejected S",
  ]);
  const bob = rig.login("BOB", { sequence: 1 });
  const ahead = rig.login("BOB", { sequence: 3 });
  bob.query();
  rig.run();
  assert.deepEqual(ahead.receive(), [
    "+ sequence 3 was asked for, but the next one is 2",
    "rejected S",
  ]);
  assert.deepEqual(bob.receive(), ["login 1", "S S", "Q 1"], "the refused one changed nothing");
  assert.equal(rig.count("loginAhead"), 2);
});

test("a number too large to be read exactly is not told as if it were the client's", () => {
  const rig = new LaneRig();
  const ahead = rig.login("BOB", { sequence: Number.MAX_SAFE_INTEGER });
  rig.run();
  assert.deepEqual(ahead.receive(), [
    "+ sequence 9007199254740991 or more was asked for, but the next one is 1",
    "rejected S",
  ]);
});

test("another session than the active one is refused, the active one's id is welcome", () => {
  const rig = new LaneRig();
  const old = rig.login("ALICE", { session: "20261120A" });
  const right = rig.login("ALICE", { session: SESSION });
  rig.run();
  assert.deepEqual(old.receive(), [
    `+ session 20261120A is not the active one, which is ${SESSION}`,
    "rejected S",
  ]);
  assert.deepEqual(right.receive(), ["login 1", "S S"]);
});

test("a second login takes over: the old connection's records are dropped, its leaving included", () => {
  const rig = new LaneRig();
  const old = rig.login("ALICE").enter({ userRefNum: 1 });
  rig.run();
  const young = rig.login("ALICE", { sequence: 3 });
  old.enter({ userRefNum: 2 }).detach(DETACH_REASON.CLOSED);
  young.query();
  rig.run();
  assert.deepEqual(old.receive(), [
    "login 1",
    "S S",
    "A 1 L",
    "+ superseded: the account logged in on another connection",
    `close ${DETACH_REASON.SUPERSEDED}`,
  ]);
  assert.deepEqual(young.receive(), ["login 3", "Q 2"]);
  assert.equal(rig.count("recordsStale"), 2);
  assert.equal(rig.count("takeovers"), 1);
});

test("a takeover that is refused leaves the old connection alone", () => {
  const rig = new LaneRig();
  const old = rig.login("ALICE");
  rig.login("ALICE", { session: "OTHER" });
  rig.login("ALICE", { sequence: 99 });
  old.enter({ userRefNum: 1 });
  rig.run();
  assert.deepEqual(old.receive(), ["login 1", "S S", "A 1 L"]);
});

test("the sixth takeover within a minute is refused for ten seconds, and the one that is there stays", () => {
  const rig = new LaneRig();
  for (let login = 0; login <= 5; login++) {
    rig.login("ALICE", { sequence: 0 });
    rig.tick(1000);
  }
  rig.run();
  const holder = rig.clients[5]!;
  holder.receive();
  const sixth = rig.login("ALICE", { sequence: 0 });
  rig.tick(9_999);
  const seventh = rig.login("ALICE", { sequence: 0 });
  holder.query();
  rig.run();
  const refused = "+ the account is taken over too often; try again in some seconds";
  assert.deepEqual(sixth.receive(), [refused, "rejected S"]);
  assert.deepEqual(seventh.receive(), [refused, "rejected S"]);
  assert.deepEqual(holder.receive(), ["Q 1"]);
  assert.equal(rig.count("takeoversRefused"), 2);
  rig.tick(1);
  const later = rig.login("ALICE", { sequence: 0 });
  rig.run();
  assert.deepEqual(later.receive(), ["login 3"]);
});

test("what happens while nobody is there waits for the next login", () => {
  const rig = new LaneRig();
  const alice = rig.login("ALICE").enter({ userRefNum: 1 });
  rig.run();
  alice.detach(DETACH_REASON.CLOSED);
  const bob = rig.login("BOB").enter({ userRefNum: 1, side: "S", quantity: 40 });
  rig.run();
  assert.deepEqual(bob.receive(), ["login 1", "S S", "A 1 L", "E 1 40@189.5000 R"]);
  const again = rig.login("ALICE", { sequence: 3, connection: alice.connection });
  rig.run();
  assert.deepEqual(again.receive(), ["login 3", "E 1 40@189.5000 A"]);
});

test("a record of a connection that never attached is dropped", () => {
  const rig = new LaneRig();
  rig.push(INBOUND_KIND.MESSAGE, 7, 99, 0, Buffer.from("Q"));
  rig.push(INBOUND_KIND.DETACH, 7, 99, DETACH_REASON.CLOSED);
  rig.run();
  assert.equal(rig.count("recordsStale"), 2);
});

test("after RECOVERED nobody is attached", () => {
  const rig = new LaneRig();
  const alice = rig.login("ALICE");
  rig.run();
  alice.receive();
  rig.push(INBOUND_KIND.RECOVERED, -1, 0, 0);
  alice.query();
  rig.run();
  assert.deepEqual(alice.receive(), []);
  assert.equal(rig.count("recordsStale"), 1);
});

test("a fence is answered behind everything that was asked before it", () => {
  const rig = new LaneRig();
  const alice = rig.login("ALICE");
  for (let userRefNum = 1; userRefNum <= 200; userRefNum++) alice.enter({ userRefNum });
  rig.push(INBOUND_KIND.COMMAND, -1, 0, 77, Buffer.alloc(0), COMMAND_CODE.FENCE);
  while (rig.commandAnswers.length === 0) assert.ok(rig.runOnce() > 0);
  assert.deepEqual(rig.commandAnswers, [77]);
  assert.equal(alice.receive().length, 202);
});

test("who is closed with a full window keeps no fence waiting", () => {
  const rig = new LaneRig({ isSlow: true, windowBytes: 512, offencesMax: 1 });
  const alice = rig.login("ALICE");
  for (let userRefNum = 1; userRefNum <= 50; userRefNum++) alice.enter({ userRefNum });
  rig.run();
  alice.send(Buffer.from("Z"));
  rig.push(INBOUND_KIND.COMMAND, -1, 0, 77, Buffer.alloc(0), COMMAND_CODE.FENCE);
  rig.run();
  assert.equal(alice.receive().at(-1), `close ${DETACH_REASON.PROTOCOL}`);
  assert.deepEqual(rig.commandAnswers, [77]);
});

test("malformed messages are told, rejected where a number can be read, and close at the limit", () => {
  const rig = new LaneRig({ offencesMax: 3 });
  const alice = rig.login("ALICE");
  rig.run();
  alice.receive();
  alice.send(Buffer.from("Z"));
  alice.send(Buffer.from([0x4f, 0, 0, 0, 9, 0x42]));
  alice.send(Buffer.alloc(0));
  alice.query();
  rig.run();
  assert.deepEqual(alice.receive(), [
    "+ malformed OUCH message: Z, 1 bytes (1 of 3)",
    "+ malformed OUCH message: O, 6 bytes (2 of 3)",
    "+ malformed OUCH message: type 0, 0 bytes (3 of 3)",
    "J 9 000F",
    `close ${DETACH_REASON.PROTOCOL}`,
  ]);
  assert.equal(rig.count("recordsStale"), 1, "the connection is as good as gone");
  const again = rig.login("ALICE", { sequence: 3 });
  again.query();
  rig.run();
  assert.deepEqual(again.receive(), ["login 3", "Q 10"], "the number was consumed");
});

test("a malformed message whose number is not new is told, and rejected no second time", () => {
  const rig = new LaneRig({ offencesMax: 9 });
  const alice = rig.login("ALICE").enter({ userRefNum: 9 });
  rig.run();
  alice.receive();
  for (const userRefNum of [0, 8, 9, 10]) alice.send(Buffer.from([0x4f, 0, 0, 0, userRefNum]));
  alice.send(Buffer.from([0x55, 0, 0, 0, 9, 0, 0, 0, 10])).query();
  rig.run();
  assert.deepEqual(alice.receiveMessages(), ["J 10 000F", "Q 11"]);
  assert.equal(rig.count("malformed"), 5);
});

test("what cannot be rejected is malformed with a wrong tag, and only some may end before their appendage", () => {
  const rig = new LaneRig({ offencesMax: 99 });
  const alice = rig.login("ALICE").enter({ userRefNum: 1 });
  rig.run();
  alice.receive();
  const tags = { MIN_QTY: 1 };
  alice.cancel(1, { tags }).modify({ userRefNum: 1, side: "B", quantity: 50, tags });
  alice.query({ tags });
  // O, U, C, D and E without their Appendage Length.
  for (const [type, bytes] of Object.entries({ O: 45, U: 38, C: 17, D: 9, E: 9 })) {
    const message = Buffer.alloc(bytes);
    message.write(type);
    alice.send(message);
  }
  rig.run();
  assert.deepEqual(alice.receiveMessages(), []);
  assert.equal(rig.count("malformed"), 8);
  alice.send(Buffer.from([0x4d, 0, 0, 0, 1, 0x42, 0, 0, 0, 50]));
  alice.send(Buffer.from([0x58, 0, 0, 0, 1, 0, 0, 0, 20])).send(Buffer.from("Q"));
  rig.run();
  assert.deepEqual(alice.receiveMessages(), ["M 1 B 50", "C 1 30 U", "Q 2"]);
});

test("a message too long for a slot is malformed by its whole length", () => {
  const rig = new LaneRig();
  const alice = rig.login("ALICE");
  rig.run();
  alice.receive();
  const beginning = Buffer.alloc(180, 0x20);
  beginning.write("U");
  beginning.writeUInt32BE(1, 1);
  beginning.writeUInt32BE(4, 5);
  rig.push(INBOUND_KIND.MALFORMED, alice.connection, alice.epoch, 900, beginning);
  rig.run();
  assert.deepEqual(alice.receive(), [
    "+ malformed OUCH message: U, 900 bytes (1 of 3)",
    "J 4 000F",
  ]);
});

test("a place that is given to another connection is nobody else's any more", () => {
  const rig = new LaneRig();
  const alice = rig.login("ALICE");
  const bob = rig.login("BOB", { connection: alice.connection });
  alice.query();
  bob.query();
  rig.run();
  assert.deepEqual(alice.receive(), ["login 1"]);
  assert.deepEqual(bob.receive(), ["login 1", "S S", "Q 1"]);
  rig.login("ALICE", { sequence: 2 }).query();
  rig.run();
  assert.deepEqual(rig.clients.at(-1)?.receive(), ["login 2", "Q 1"]);
});

test("a fence waits for a resume that still has somewhere to go", () => {
  const rig = new LaneRig({ outboundSlots: 16 });
  const alice = rig.login("ALICE");
  for (let userRefNum = 1; userRefNum <= 300; userRefNum++) alice.enter({ userRefNum });
  rig.run();
  const again = rig.login("ALICE");
  rig.push(INBOUND_KIND.COMMAND, -1, 0, 5, Buffer.alloc(0), COMMAND_CODE.FENCE);
  while (rig.commandAnswers.length === 0) assert.ok(rig.runOnce() > 0);
  assert.equal(again.delivered.length, 301);
});

test("a fence waits for a client whose window is full, until it reads or leaves", () => {
  for (const leaves of [false, true]) {
    const rig = new LaneRig({ isSlow: true, windowBytes: 512 });
    const alice = rig.login("ALICE");
    for (let userRefNum = 1; userRefNum <= 50; userRefNum++) alice.enter({ userRefNum });
    rig.push(INBOUND_KIND.COMMAND, -1, 0, 6, Buffer.alloc(0), COMMAND_CODE.FENCE);
    rig.run();
    assert.deepEqual(rig.commandAnswers, []);
    if (leaves) alice.detach(DETACH_REASON.CLOSED);
    else rig.take(alice.connection, 512);
    rig.run();
    assert.deepEqual(rig.commandAnswers, leaves ? [6] : []);
    if (leaves) continue;
    while (alice.delivered.length < 51) {
      rig.take(alice.connection, 512);
      rig.run();
    }
    assert.deepEqual(rig.commandAnswers, [6]);
  }
});

test("a fence waits for a mass cancel that goes on in steps", () => {
  const rig = new LaneRig({ outputsPerStepMax: 1 });
  const alice = rig.login("ALICE");
  for (let userRefNum = 1; userRefNum <= 100; userRefNum++) alice.enter({ userRefNum });
  alice.massCancel({ userRefNum: 101 });
  rig.push(INBOUND_KIND.COMMAND, -1, 0, 7, Buffer.alloc(0), COMMAND_CODE.FENCE);
  while (rig.commandAnswers.length === 0) assert.ok(rig.runOnce() > 0);
  assert.equal(alice.all.filter((text) => text.startsWith("C ")).length, 100);
});
