import assert from "node:assert/strict";
import { test } from "node:test";
import { DETACH_REASON, INBOUND_KIND } from "../../src/memory/inbound-record.ts";
import { OUTBOUND_KIND } from "../../src/memory/outbound-record.ts";
import { GateRig } from "../support/gate-rig.ts";
import { packet, packetsIn } from "../support/soup-packets.ts";

const MESSAGE = Buffer.alloc(97, "m"); // with its header 100 bytes

test("all that a drain brings to a connection leaves in one write", () => {
  const rig = new GateRig();
  const alice = rig.live("ALICE");
  const bob = rig.live("BOB");
  const writesBefore = [alice.socket.writes, bob.socket.writes];
  for (let index = 0; index < 5; index++) {
    rig.lane.sequenced(alice.attach, Buffer.from(`a${index}`));
    rig.lane.sequenced(bob.attach, Buffer.from(`b${index}`));
  }
  rig.turn();
  assert.deepEqual(rig.packets(alice.socket), ["S:a0", "S:a1", "S:a2", "S:a3", "S:a4"]);
  assert.deepEqual(rig.packets(bob.socket), ["S:b0", "S:b1", "S:b2", "S:b3", "S:b4"]);
  assert.deepEqual(
    [alice.socket.writes, bob.socket.writes],
    writesBefore.map((n) => n + 1),
  );
  assert.equal(rig.gate.status().sendBuffers.inUse, 0);
});

test("more than a buffer still is one write, in order", () => {
  const rig = new GateRig({ outboundSlots: 256 });
  const { socket, attach } = rig.live();
  for (let index = 0; index < 200; index++) {
    rig.lane.sequenced(attach, Buffer.from(String(index).padStart(97, "0")));
  }
  const before = socket.writes;
  rig.turn();
  assert.equal(socket.writes, before + 1);
  assert.deepEqual(
    rig.packets(socket).map((text) => Number(text.slice(2))),
    Array.from({ length: 200 }, (_, index) => index),
  );
});

test("only sequenced bytes are counted as taken, and only when the kernel has them", () => {
  const rig = new GateRig();
  const { socket, attach } = rig.live();
  const before = rig.progress.taken(attach.connection);
  rig.lane.put(OUTBOUND_KIND.DEBUG, attach.connection, attach.epoch, packet("+", "text"));
  rig.lane.sequenced(attach, MESSAGE);
  socket.isTaking = false;
  rig.turn();
  assert.equal(rig.progress.taken(attach.connection), before);
  assert.equal(rig.progress.inFlight(attach.connection), 100);
  socket.takeAll();
  assert.equal(rig.progress.taken(attach.connection), before + 100);
  assert.deepEqual(rig.packets(socket), ["+:text", `S:${MESSAGE}`]);
});

test("nothing is written while the socket owns a write; what came meanwhile follows in one", () => {
  const rig = new GateRig();
  const { socket, attach } = rig.live();
  socket.isTaking = false;
  const before = socket.writes;
  rig.lane.sequenced(attach, Buffer.from("one"));
  rig.turn();
  rig.lane.sequenced(attach, Buffer.from("two"));
  rig.turn();
  rig.lane.sequenced(attach, Buffer.from("three"));
  rig.turn();
  assert.equal(socket.writes, before + 1);
  socket.takeAll();
  assert.equal(socket.writes, before + 2);
  assert.deepEqual(rig.packets(socket), ["S:one", "S:two", "S:three"]);
});

test("a starved lane gets credit when half the window is free, and is woken once", () => {
  const rig = new GateRig({ session: { windowBytes: 1_000 } });
  const { socket, attach } = rig.live();
  socket.isTaking = false;
  for (let index = 0; index < 10; index++) rig.lane.sequenced(attach, MESSAGE);
  rig.progress.setStarved(attach.connection);
  rig.lane.signal.announcePark();
  rig.turn();
  const before = rig.lane.signal.credit();
  socket.takeAll();
  assert.equal(rig.lane.signal.credit(), before + 1);
  assert.equal(rig.progress.clearStarved(attach.connection), false);
  rig.lane.sequenced(attach, MESSAGE);
  rig.turn();
  assert.equal(rig.lane.signal.credit(), before + 1);
});

test("a reader that never reads is closed at its stall limit, and others are unharmed", () => {
  const rig = new GateRig({ session: { windowBytes: 1_000, sendStallMsMax: 3_000 } });
  const deaf = rig.live("ALICE");
  const other = rig.live("BOB");
  deaf.socket.isTaking = false;
  for (let index = 0; index < 10; index++) rig.lane.sequenced(deaf.attach, MESSAGE);
  rig.turn();
  rig.passMs(2_990);
  assert.ok(!deaf.socket.isDestroyed);
  rig.lane.sequenced(other.attach, Buffer.from("hers"));
  rig.passMs(50);
  rig.turn();
  assert.ok(deaf.socket.isDestroyed);
  assert.ok(rig.packets(other.socket).includes("S:hers"));
  const detach = rig.lane.take().find(({ kind }) => kind === INBOUND_KIND.DETACH);
  assert.equal(detach?.detail, DETACH_REASON.STALLED);
  assert.match(String(rig.logged.at(-1)?.fields.why), /does not read/);
  deaf.socket.close();
  rig.turn();
  assert.equal(rig.gate.status().sendBuffers.inUse, 0);
});

test("a slow reader that still moves is not a stalled one", () => {
  const rig = new GateRig({
    session: { windowBytes: 1_000, sendStallMsMax: 3_000, idleTimeoutMs: 60_000 },
  });
  const { socket, attach } = rig.live();
  for (let round = 0; round < 4; round++) {
    socket.isTaking = false;
    for (let index = 0; index < 10; index++) rig.lane.sequenced(attach, MESSAGE);
    rig.turn();
    rig.passMs(2_500);
    socket.takeAll();
  }
  assert.ok(!socket.isDestroyed);
});

test("nothing of a dead connection reaches the next one in its place", () => {
  const rig = new GateRig({ listen: { connectionsMax: 1 } });
  const former = rig.live("ALICE");
  former.socket.clientEnds();
  former.socket.close();
  rig.turn();
  assert.ok(rig.connect().isDestroyed); // its lane has not handled the DETACH
  assert.equal(rig.lane.take()[0]?.kind, INBOUND_KIND.DETACH);
  rig.turn();
  const next = rig.live("BOB");
  assert.equal(next.attach.connection, former.attach.connection);
  rig.lane.put(
    OUTBOUND_KIND.SEQUENCED,
    former.attach.connection,
    former.attach.epoch,
    packet("S", "old"),
  );
  rig.lane.sequenced(next.attach, Buffer.from("new"));
  rig.turn();
  assert.deepEqual(rig.packets(next.socket), ["S:new"]);
  assert.equal(rig.count("staleOut"), 1);
});

test("a buffer holds no bytes of its former owner", () => {
  const rig = new GateRig({ listen: { sendBuffersMax: 1 } });
  const alice = rig.live("ALICE");
  rig.lane.sequenced(alice.attach, Buffer.from("SECRET"));
  rig.turn();
  const bob = rig.connect();
  bob.clientSends(packet("+", "SECRET").subarray(0, 8));
  bob.clientEnds();
  bob.close();
  // The one buffer there is goes round; a socket looks into all of it.
  let leftover = "";
  const write = alice.socket.write.bind(alice.socket);
  alice.socket.write = (chain) => {
    for (let index = 0; index < chain.count; index++) {
      leftover += chain.at(index).bytes.toString("latin1", chain.at(index).used);
    }
    return write(chain);
  };
  rig.lane.sequenced(alice.attach, Buffer.from("x"));
  rig.turn();
  assert.equal(leftover.length, 4_096 - 4);
  assert.ok(!leftover.includes("SEC"));
});

test("without a send buffer the connection is closed with a reason, never served in part", () => {
  const rig = new GateRig({ listen: { sendBuffersMax: 1 } });
  const alice = rig.live("ALICE");
  const bob = rig.live("BOB");
  alice.socket.isTaking = false;
  rig.lane.sequenced(alice.attach, Buffer.from("kept"));
  rig.turn();
  rig.lane.sequenced(bob.attach, Buffer.from("lost"));
  rig.turn();
  assert.ok(bob.socket.isDestroyed);
  assert.deepEqual(rig.packets(bob.socket), []);
  assert.match(String(rig.logged.at(-1)?.fields.why), /send buffer/);
  alice.socket.takeAll();
  assert.deepEqual(rig.packets(alice.socket), ["S:kept"]);
});

test("last words leave before FIN, and FIN waits for what the kernel has not taken", () => {
  const rig = new GateRig();
  const { socket, attach } = rig.live();
  socket.isTaking = false;
  rig.lane.sequenced(attach, Buffer.from("answer"));
  rig.turn();
  rig.lane.put(OUTBOUND_KIND.END_OF_SESSION, attach.connection, attach.epoch, packet("Z"));
  rig.turn();
  assert.ok(!socket.isEnded);
  socket.takeAll();
  assert.ok(socket.isEnded);
  assert.deepEqual(packetsIn(socket.sentBytes), ["S:answer", "Z:"]);
});

test("who does not close after our FIN is cut off when its time is over", () => {
  const rig = new GateRig();
  const { socket } = rig.live();
  socket.clientSends(packet("O"));
  rig.passMs(990);
  assert.ok(!socket.isDestroyed);
  rig.passMs(20);
  assert.ok(socket.isDestroyed);
});
