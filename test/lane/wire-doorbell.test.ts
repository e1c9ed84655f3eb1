// Whom a lane wakes for what it has sent itself: nobody, while the gate can keep its books in its own time.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createWires, Wires } from "../../src/memory/wires.ts";
import { LaneRig, type LaneRigOptions, type RigClient } from "../support/lane-rig.ts";

const DESCRIPTOR = 40;

class Rig {
  readonly wires = new Wires(createWires(64));
  readonly lane: LaneRig;
  readonly alice: RigClient;
  /** Bytes that the kernel takes. */
  room = Number.POSITIVE_INFINITY;
  writtenBytes = 0;
  private number = 0;

  constructor(options: LaneRigOptions = {}) {
    const write = (_descriptor: number, _bytes: Uint8Array, _offset: number, length: number) => {
      const taken = Math.min(length, this.room);
      if (taken === 0) throw Object.assign(new Error("full"), { code: "EAGAIN" });
      this.room -= taken;
      this.writtenBytes += taken;
      return taken;
    };
    this.lane = new LaneRig({ ...options, wires: { words: this.wires, write } });
    this.alice = this.login("ALICE");
    this.lend(this.alice);
  }

  login(name: string): RigClient {
    const client = this.lane.login(name);
    this.lane.run();
    client.receive();
    return client;
  }
  lend({ connection, epoch }: RigClient): void {
    this.wires.lend(connection, DESCRIPTOR, epoch);
  }
  enter(...clients: readonly RigClient[]): void {
    this.number++;
    for (const client of clients) client.enter({ userRefNum: this.number });
  }
  /** How often the lane rings in one turn. */
  rings(): number {
    const before = this.lane.doorbellRings;
    this.lane.lane.turn();
    return this.lane.doorbellRings - before;
  }
}

test("an answer that the lane has sent rings nobody", () => {
  const rig = new Rig();
  for (let turn = 0; turn < 3; turn++) {
    const before = rig.writtenBytes;
    rig.enter(rig.alice);
    assert.equal(rig.rings(), 0);
    assert.ok(rig.writtenBytes > before);
  }
  rig.lane.drain();
  assert.deepEqual(rig.alice.receive(), ["sent", "sent", "sent"]);
});

test("an answer that the gate must send rings, beside any number that are sent", () => {
  const rig = new Rig();
  const bob = rig.login("BOB");
  rig.enter(rig.alice);
  assert.equal(rig.rings(), 0);
  rig.enter(rig.alice, bob);
  assert.equal(rig.rings(), 1);
  rig.lane.drain();
  assert.deepEqual(rig.alice.receive(), ["sent", "sent"]);
  assert.deepEqual(bob.receive(), ["A 2 L"]);
});

test("what the kernel has not taken, wholly or in part, rings", () => {
  for (const room of [0, 10, 90]) {
    const rig = new Rig();
    rig.room = room;
    rig.enter(rig.alice);
    rig.enter(rig.alice);
    assert.equal(rig.rings(), 1, `${room} bytes`);
  }
});

test("a ring that is half full of what was sent is announced", () => {
  const rig = new Rig({ outboundSlots: 16 });
  for (let used = 1; used < 8; used++) {
    rig.enter(rig.alice);
    assert.equal(rig.rings(), 0, `${used} of 16`);
  }
  rig.enter(rig.alice);
  assert.equal(rig.rings(), 1);
  rig.lane.drain();
  rig.enter(rig.alice);
  assert.equal(rig.rings(), 0, "there is room again");
});

test("a gate with sockets that wait for room hears of each batch, and of none that did nothing", () => {
  const rig = new Rig();
  rig.lane.signal.isGateWaiting = true;
  rig.enter(rig.alice);
  assert.equal(rig.rings(), 1);
  rig.lane.signal.clearDoorbell();
  assert.equal(rig.rings(), 0);
  rig.enter(rig.alice);
  assert.equal(rig.rings(), 1);
  rig.lane.signal.clearDoorbell();
  rig.lane.signal.isGateWaiting = false;
  rig.enter(rig.alice);
  assert.equal(rig.rings(), 0);
});

test("an inbound ring that is half empty again is announced, whoever sent the answers", () => {
  const rig = new Rig({ inboundSlots: 8 });
  for (let order = 0; order < 6; order++) rig.enter(rig.alice);
  assert.equal(rig.rings(), 1);
});
