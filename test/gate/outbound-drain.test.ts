import assert from "node:assert/strict";
import { test } from "node:test";
import { RECORDS_MAX } from "../../src/gate/outbound-drain.ts";
import { DETACH_REASON } from "../../src/memory/inbound-record.ts";
import { OUTBOUND_KIND } from "../../src/memory/outbound-record.ts";
import { GateRig } from "../support/gate-rig.ts";

test("a drain stops at its bound and goes on in the next turn without a doorbell", () => {
  const rig = new GateRig({ outboundSlots: 4_096 });
  const { socket, attach } = rig.live();
  const count = RECORDS_MAX * 2 + 1;
  for (let index = 0; index < count; index++) rig.lane.sequenced(attach, Buffer.from(`${index}`));
  rig.gate.onDoorbell(0);
  assert.equal(rig.packets(socket).length, RECORDS_MAX);
  rig.passMs(5);
  rig.passMs(5);
  assert.equal(rig.packets(socket).length, count);
});

test("a lane that found no room is woken when half of the ring is free", () => {
  const rig = new GateRig({ outboundSlots: 4 });
  const { socket, attach } = rig.live();
  for (let index = 0; index < 4; index++) {
    assert.ok(rig.lane.sequenced(attach, Buffer.from(`${index}`)));
  }
  assert.ok(!rig.lane.sequenced(attach, Buffer.from("no room")));
  rig.lane.signal.setRingStarved();
  rig.turn();
  assert.equal(rig.lane.signal.clearRingStarved(), false);
  assert.ok(rig.lane.sequenced(attach, Buffer.from("4")));
  rig.turn();
  assert.deepEqual(rig.packets(socket), ["S:0", "S:1", "S:2", "S:3", "S:4"]);
});

test("outbound is drained while inbound is full", () => {
  const rig = new GateRig({ inboundSlots: 2, outboundSlots: 2 });
  const { socket, attach } = rig.live();
  socket.clientSends(Buffer.from("00025578000255790002557a", "hex"));
  assert.ok(socket.isPaused);
  for (let round = 0; round < 10; round++) {
    assert.ok(rig.lane.sequenced(attach, Buffer.from(`${round}`)));
    rig.turn();
  }
  assert.equal(rig.packets(socket).length, 10);
  assert.ok(socket.isPaused);
});

test("the doorbell word is cleared before the tail is loaded", () => {
  const rig = new GateRig();
  const { attach } = rig.live();
  let rings = 0;
  rig.lane.ring = () => {
    rings++;
  };
  rig.lane.sequenced(attach, Buffer.from("a"));
  rig.lane.sequenced(attach, Buffer.from("b"));
  assert.equal(rings, 1);
  rig.gate.onDoorbell(0);
  rig.lane.sequenced(attach, Buffer.from("c"));
  assert.equal(rings, 2);
});

test("records that nobody rings for are taken at the end of a turn when they are many, and else at the tick", () => {
  const rig = new GateRig({ outboundSlots: 256 });
  const { socket, attach } = rig.live();
  const { SENT } = OUTBOUND_KIND;
  const before = rig.count("framesOut");
  const put = (count: number): void => {
    for (let left = count; left > 0; left--) {
      rig.lane.put(SENT, attach.connection, attach.epoch, Buffer.alloc(40));
    }
  };
  put(63);
  rig.gate.onTurnEnd();
  assert.equal(rig.count("framesOut"), before);
  put(1);
  rig.gate.onTurnEnd();
  assert.equal(rig.count("framesOut"), before + 64);
  put(1);
  rig.gate.onTurnEnd();
  assert.equal(rig.count("framesOut"), before + 64);
  rig.passMs(5);
  assert.equal(rig.count("framesOut"), before + 65);
  assert.deepEqual(rig.packets(socket), []);
});

test("the operator hears of a connection that the lane closes for what it sent, and of no takeover", () => {
  const rig = new GateRig();
  for (const reason of [DETACH_REASON.SUPERSEDED, DETACH_REASON.PROTOCOL]) {
    const { socket, attach } = rig.live();
    rig.lane.put(OUTBOUND_KIND.CLOSE, attach.connection, attach.epoch, Buffer.alloc(0), reason);
    rig.turn();
    assert.deepEqual(rig.packets(socket), []);
  }
  assert.deepEqual(
    rig.logged.map(({ event, fields }) => [event, fields.account, fields.why]),
    [["connection closed", "ALICE", "too many malformed messages (session.offencesMax)"]],
  );
});
