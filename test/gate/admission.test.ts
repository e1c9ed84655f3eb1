import assert from "node:assert/strict";
import { test } from "node:test";
import { DETACH_REASON, INBOUND_KIND } from "../../src/memory/inbound-record.ts";
import type { FakeSocket } from "../support/fake-socket.ts";
import { GateRig } from "../support/gate-rig.ts";
import { packet } from "../support/soup-packets.ts";

const burst = (count: number, tag = "m"): Buffer =>
  Buffer.concat(Array.from({ length: count }, (_, index) => packet("U", `${tag}${index}`)));

const payloads = (rig: GateRig): string[] =>
  rig.lane.seen
    .filter(({ kind }) => kind === INBOUND_KIND.MESSAGE)
    .map(({ payload }) => payload.toString());

test("one connection owns at most an eighth of the slots; others still get in", () => {
  const rig = new GateRig({ inboundSlots: 64 });
  const flooder = rig.live("ALICE");
  const normal = rig.live("BOB");
  flooder.socket.clientSends(burst(20, "f"));
  assert.ok(flooder.socket.isPaused);
  normal.socket.clientSends(packet("U", "n"));
  assert.ok(!normal.socket.isPaused);
  assert.deepEqual(
    rig.lane.take().map(({ payload }) => payload.toString()),
    ["f0", "f1", "f2", "f3", "f4", "f5", "f6", "f7", "n"],
  );
  rig.passMs(5);
  assert.equal(rig.lane.take().length, 8);
  rig.passMs(5);
  assert.equal(rig.lane.take().length, 4);
  assert.ok(!flooder.socket.isPaused);
  assert.equal(rig.gate.status().stashes.inUse, 0);
});

test("one that waits for its share alone keeps nobody waiting, also when the ring was full before", () => {
  const users = Array.from({ length: 9 }, (_, index) => `U${index}`);
  const accounts = users.map((user) => ({
    user,
    password: "DEMO",
    firms: ["LIME"],
    anyFirm: false,
  }));
  const rig = new GateRig({ inboundSlots: 64, accounts });
  const [flooder, ...others] = users.map((user) => rig.live(user).socket);
  const normal = others[0]!;
  flooder?.clientSends(burst(3_000, "f"));
  for (const socket of others) socket.clientSends(burst(8, "x"));
  normal.clientSends(packet("U", "full"));
  assert.ok(normal.isPaused);
  for (let pass = 0; pass < 10; pass++) {
    rig.lane.take();
    rig.passMs(5);
  }
  rig.lane.take();
  assert.ok(flooder?.isPaused);
  normal.clientSends(packet("U", "n"));
  assert.ok(!normal.isPaused);
  assert.equal(rig.lane.take().at(-1)?.payload.toString(), "n");
});

test("a full ring pauses sockets, which go on in turn and lose nothing", () => {
  const users = ["ALICE", "BOB", "CAROL", "DAVE"];
  for (const inboundSlots of [2, 4, 16]) {
    const rig = new GateRig({ inboundSlots });
    const sockets: FakeSocket[] = users.map((user) => rig.live(user).socket);
    rig.lane.seen.length = 0;
    for (const [index, socket] of sockets.entries()) socket.clientSends(burst(30, users[index]));
    for (let pass = 0; pass < 1_000 && payloads(rig).length < 120; pass++) {
      rig.lane.take(1);
      rig.passMs(5);
      for (const socket of sockets) socket.deliver();
    }
    const seen = payloads(rig);
    assert.equal(seen.length, 120, `${inboundSlots} slots`);
    for (const user of users) {
      const own = seen.filter((text) => text.startsWith(user));
      assert.deepEqual(
        own,
        Array.from({ length: 30 }, (_, index) => `${user}${index}`),
      );
      // Nobody is served to the end while others wait.
      const first = seen.indexOf(own[0]!);
      assert.ok(first < 60, `${user} came first at ${first} with ${inboundSlots} slots`);
    }
    assert.equal(rig.gate.status().sendBuffers.inUse, 0);
  }
});

test("a socket that is read while others wait queues up behind them", () => {
  const rig = new GateRig({ inboundSlots: 4 });
  const alice = rig.live("ALICE").socket;
  const bob = rig.live("BOB").socket;
  const carol = rig.live("CAROL").socket;
  const dave = rig.live("DAVE").socket;
  for (const [index, socket] of [alice, bob, carol, dave].entries()) {
    socket.clientSends(packet("U", `m${index}`));
  }
  assert.ok(dave.isPaused); // three slots are for messages
  rig.lane.take();
  alice.clientSends(packet("U", "again"));
  assert.ok(alice.isPaused);
  rig.passMs(5);
  rig.lane.take();
  assert.deepEqual(payloads(rig), ["m0", "m1", "m2", "m3", "again"]);
});

test("a DETACH is never lost, goes before new messages, and frees the place when handled", () => {
  const rig = new GateRig({ inboundSlots: 4 });
  const leaving = ["ALICE", "BOB", "CAROL"].map((user) => rig.live(user));
  const dave = rig.live("DAVE");
  for (const { socket } of leaving) socket.clientSends(packet("U", "x"));
  for (const { socket } of leaving) {
    socket.clientEnds();
    socket.close();
  }
  rig.turn();
  dave.socket.clientSends(packet("U", "d"));
  for (let pass = 0; pass < 20; pass++) {
    rig.lane.take(1);
    rig.passMs(5);
  }
  const kinds = rig.lane.seen.slice(-7).map(({ kind }) => kind);
  const { MESSAGE, DETACH } = INBOUND_KIND;
  assert.deepEqual(kinds, [MESSAGE, MESSAGE, MESSAGE, DETACH, DETACH, DETACH, MESSAGE]);
  assert.equal(rig.gate.status().connections, 1);
});

test("the idle time of a socket that we paused stands still", () => {
  const rig = new GateRig({ inboundSlots: 2, session: { idleTimeoutMs: 2_000 } });
  const alice = rig.live("ALICE").socket;
  const bob = rig.live("BOB").socket;
  alice.clientSends(packet("U", "first"));
  bob.clientSends(packet("U", "second"));
  assert.ok(bob.isPaused);
  rig.passMs(10_000);
  assert.ok(alice.isEnded);
  assert.ok(!bob.isEnded);
  rig.passMs(20, () => rig.lane.take());
  assert.ok(!bob.isPaused);
  rig.passMs(1_900);
  assert.ok(!bob.isEnded);
  rig.passMs(300);
  assert.ok(bob.isEnded);
});

test("who needs a stash when all are out is closed with a reason", () => {
  const rig = new GateRig({ inboundSlots: 64, listen: { stashesMax: 1 } });
  const sockets = ["ALICE", "BOB"].map((user) => rig.live(user).socket);
  for (const socket of sockets) socket.clientSends(burst(2_000));
  assert.ok(sockets[0]!.isPaused && !sockets[0]!.isEnded);
  assert.ok(sockets[1]!.isEnded);
  assert.match(rig.packets(sockets[1]!).join(), /out of stashes/);
  assert.equal(rig.count("detachesForced"), 1);
  assert.equal(DETACH_REASON.FORCED, 6);
});

test("the lane is woken for records when it is parked", () => {
  const rig = new GateRig();
  const { socket } = rig.live();
  rig.lane.signal.announcePark();
  socket.clientSends(packet("U", "x"));
  assert.equal(rig.lane.take().length, 1);
});

test("the lane knows whether sockets wait for room, for the ring's or for their own share", () => {
  const shared = new GateRig({ inboundSlots: 4 });
  const sockets = ["ALICE", "BOB", "CAROL", "DAVE"].map((user) => shared.live(user).socket);
  assert.ok(!shared.lane.signal.isGateWaiting);
  for (const socket of sockets) socket.clientSends(packet("U", "m"));
  const own = new GateRig({ inboundSlots: 64 });
  own.live("ALICE").socket.clientSends(burst(12));
  for (const rig of [shared, own]) {
    assert.ok(rig.lane.signal.isGateWaiting);
    rig.passMs(5);
    assert.ok(rig.lane.signal.isGateWaiting, "there is no room yet");
    rig.lane.take();
    rig.passMs(5);
    assert.ok(!rig.lane.signal.isGateWaiting);
  }
  // Nobody waits any more: whoever is read is not held back.
  sockets[0]?.clientSends(packet("U", "next"));
  assert.ok(!sockets[0]?.isPaused);
  assert.equal(shared.lane.take().at(-1)?.payload.toString(), "next");
});

test("a lane on the gate's thread hears of a paused socket before that is read again", () => {
  const rig = new GateRig({ inboundSlots: 16 });
  const { socket } = rig.live("ALICE");
  const heard: string[] = [];
  rig.lane.signal.guest = {
    onWake: () => undefined,
    onRead: () => void heard.push(`read ${socket.isPaused}`),
    onResume: () => void heard.push(`resume ${socket.isPaused}`),
  };
  socket.clientSends(burst(3));
  rig.lane.take();
  rig.passMs(5);
  assert.deepEqual(heard, ["read false", "resume true"]);
  assert.ok(!socket.isPaused);
});
