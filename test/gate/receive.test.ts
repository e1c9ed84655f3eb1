import assert from "node:assert/strict";
import { test } from "node:test";
import {
  DETACH_REASON,
  INBOUND_KIND,
  INBOUND_PAYLOAD_BYTES_MAX,
} from "../../src/memory/inbound-record.ts";
import { FakeLane } from "../support/fake-lane.ts";
import { GateRig } from "../support/gate-rig.ts";
import { login, packet, packetsIn } from "../support/soup-packets.ts";

const messages = (rig: GateRig): string[] =>
  rig.lane.seen
    .filter(({ kind }) => kind === INBOUND_KIND.MESSAGE)
    .map(({ payload }) => payload.toString("latin1"));

test("a login becomes an ATTACH with account, firms, session and sequence", () => {
  const rig = new GateRig();
  const socket = rig.connect();
  socket.clientSends(login({ userName: "alice", requestedSession: "S1", requestedSequence: 42 }));
  const [attach] = rig.lane.take();
  assert.ok(attach !== undefined);
  assert.equal(attach.kind, INBOUND_KIND.ATTACH);
  const asked = FakeLane.accountOf(attach);
  assert.equal(asked.account, "ALICE");
  assert.equal(asked.session, "S1");
  assert.equal(asked.requestedSequence, 42);
  assert.deepEqual(asked.firms, [0x4c494d45]);
});

test("event time does not go back from an ATTACH to the orders behind its login", () => {
  const rig = new GateRig();
  const { clock } = rig;
  clock.nowNs = () => ++clock.ns;
  rig.connect().clientSends(Buffer.concat([login(), packet("U", "first"), packet("U", "second")]));
  const times = rig.lane.take().map(({ eventNs }) => eventNs);
  assert.equal(times.length, 3);
  assert.deepEqual(
    times,
    [...times].sort((one, other) => one - other),
  );
});

test("packets are the same wherever TCP cuts the stream, orders behind a login included", () => {
  const stream = Buffer.concat([
    packet("+", "hello"),
    login(),
    packet("U", "first"),
    packet("R"),
    packet("U", "second"),
  ]);
  for (let cut = 0; cut <= stream.length; cut++) {
    const rig = new GateRig();
    const socket = rig.connect();
    socket.clientSends(stream.subarray(0, cut));
    socket.clientSends(stream.subarray(cut));
    rig.lane.echo();
    rig.turn();
    assert.deepEqual(messages(rig), ["first", "second"], `cut at ${cut}`);
    assert.deepEqual(
      rig.packets(socket),
      [`A:${"S1".padStart(10)}${"1".padStart(20)}`, "S:first", "S:second"],
      `cut at ${cut}`,
    );
    assert.equal(rig.gate.status().sendBuffers.inUse, 0, `cut at ${cut}`);
  }
});

test("a stream that comes byte by byte gives the same records", () => {
  const rig = new GateRig();
  const socket = rig.connect();
  const stream = Buffer.concat([login(), packet("U", "one"), packet("U", "two")]);
  for (const byte of stream) socket.clientSends(Buffer.from([byte]));
  rig.lane.echo();
  assert.deepEqual(messages(rig), ["one", "two"]);
});

test("a chunk of 4,096 packets is taken in pieces and loses none", () => {
  const rig = new GateRig({ inboundSlots: 64 });
  const { socket } = rig.live();
  const count = 4096;
  const chunk = Buffer.concat(Array.from({ length: count }, () => packet("U", "x")));
  socket.clientSends(chunk);
  for (let pass = 0; pass < 2 * count && messages(rig).length < count; pass++) {
    rig.lane.take();
    rig.passMs(5);
    socket.deliver();
  }
  assert.equal(messages(rig).length, count);
  assert.equal(rig.gate.status().stashes.inUse, 0);
});

test("a packet whose end finds no room is handed on once, and was read when it came", () => {
  const rig = new GateRig();
  const { socket } = rig.live();
  const share = Array.from({ length: 8 }, (_, index) => `order ${index}`);
  socket.clientSends(Buffer.concat(share.map((text) => packet("U", text))));
  const cut = packet("U", "in two pieces");
  socket.clientSends(cut.subarray(0, 6));
  socket.clientSends(Buffer.concat([cut.subarray(6), packet("U", "behind it")]));
  const cameNs = rig.clock.ns;
  rig.passMs(10);
  assert.ok(socket.isPaused);
  rig.lane.take();
  rig.passMs(5);
  assert.deepEqual(
    rig.lane.take().map(({ readNs }) => readNs),
    [cameNs, cameNs],
  );
  assert.deepEqual(messages(rig), [...share, "in two pieces", "behind it"]);
  assert.ok(!socket.isPaused);
  assert.equal(rig.gate.status().sendBuffers.inUse, 0);
});

test("a message longer than a slot reaches the lane as malformed, with its length", () => {
  const rig = new GateRig();
  const { socket } = rig.live();
  socket.clientSends(packet("U", "m".repeat(INBOUND_PAYLOAD_BYTES_MAX)));
  socket.clientSends(packet("U", "m".repeat(INBOUND_PAYLOAD_BYTES_MAX + 1)));
  const [whole, long] = rig.lane.take();
  assert.equal(whole?.kind, INBOUND_KIND.MESSAGE);
  assert.equal(whole?.payload.length, INBOUND_PAYLOAD_BYTES_MAX);
  assert.equal(long?.kind, INBOUND_KIND.MALFORMED);
  assert.equal(long?.detail, INBOUND_PAYLOAD_BYTES_MAX + 1);
});

test("an empty message is handed on, for the lane to judge", () => {
  const rig = new GateRig();
  const { socket } = rig.live();
  socket.clientSends(packet("U"));
  assert.equal(rig.lane.take()[0]?.payload.length, 0);
});

const VIOLATIONS: [name: string, isLive: boolean, bytes: Buffer][] = [
  ["length 0", false, Buffer.from("0000", "hex")],
  ["length 0 after login", true, Buffer.from("0000", "hex")],
  ["a length above the limit", false, Buffer.from("0401", "hex")],
  ["a length above the limit after login", true, Buffer.from("ffff", "hex")],
  ["an unknown type", true, packet("?")],
  ["an unknown type before login", false, packet("?")],
  ["A", true, packet("A")],
  ["J", true, packet("J", "A")],
  ["S", true, packet("S", "x")],
  ["H", true, packet("H")],
  ["Z", true, packet("Z")],
  ["U before login", false, packet("U", "x")],
  ["R before login", false, packet("R")],
  ["O before login", false, packet("O")],
  ["a second login", true, login()],
  ["a heartbeat with a payload", true, packet("R", "x")],
];
for (const [name, isLive, bytes] of VIOLATIONS) {
  test(`a client that sends ${name} gets a text and is closed`, () => {
    const rig = new GateRig();
    const live = isLive ? rig.live() : undefined;
    const socket = live?.socket ?? rig.connect();
    socket.clientSends(Buffer.concat([bytes, packet("U", "too late")]));
    assert.match(packetsIn(socket.sentBytes).join(), /^\+:[^,]+$/);
    assert.ok(socket.isEnded);
    rig.turn();
    const detaches = rig.lane.take();
    assert.deepEqual(
      detaches.map(({ kind, detail }) => [kind, detail]),
      isLive ? [[INBOUND_KIND.DETACH, DETACH_REASON.PROTOCOL]] : [],
    );
    assert.equal(rig.count("detachesProtocol"), 1);
  });
}

test("the largest packet is taken and one byte more is refused before its body arrives", () => {
  const rig = new GateRig({ session: { inboundPacketBytesMax: 100 } });
  const { socket } = rig.live();
  socket.clientSends(packet("U", "x".repeat(99)));
  assert.equal(rig.lane.take().length, 1);
  socket.clientSends(Buffer.from([0, 101]));
  assert.ok(socket.isEnded);
});

test("a logout closes without a word", () => {
  const rig = new GateRig();
  const { socket } = rig.live();
  socket.clientSends(packet("O"));
  assert.ok(socket.isEnded);
  assert.deepEqual(rig.packets(socket), []);
  rig.turn();
  assert.equal(rig.lane.take()[0]?.detail, DETACH_REASON.LOGOUT);
});

test("a client that leaves in the middle of a packet is detached and its fragment forgotten", () => {
  const rig = new GateRig();
  const { socket } = rig.live();
  socket.clientSends(packet("U", "whole message").subarray(0, 8));
  assert.equal(rig.gate.status().sendBuffers.inUse, 1);
  socket.clientEnds();
  socket.close();
  rig.turn();
  const [detach] = rig.lane.take();
  assert.equal(detach?.detail, DETACH_REASON.CLOSED);
  rig.turn();
  assert.equal(rig.gate.status().connections, 0);
  assert.equal(rig.gate.status().sendBuffers.inUse, 0);
});

test("what wakes the loop has waited since then, though the tick came before in the same turn", () => {
  const rig = new GateRig();
  const { socket } = rig.live();
  rig.turn();
  rig.clock.advanceMs(1);
  rig.gate.tick();
  rig.clock.advanceMs(3);
  rig.idleMs += 3;
  socket.clientSends(packet("U", "a"));
  const [a] = rig.lane.take();
  assert.equal(a?.sinceNs, rig.clock.ns);
});

test("what waited in the kernel while its socket was paused counts from before the pause", () => {
  const rig = new GateRig({ inboundSlots: 64 });
  const { socket } = rig.live();
  rig.passMs(20);
  const order = packet("U", "x");
  socket.clientSends(Buffer.concat(Array.from({ length: 9 }, () => order)));
  const cameNs = rig.clock.ns;
  rig.clock.advanceMs(1);
  socket.clientSends(packet("U", "into the pause"));
  assert.ok(socket.isPaused);
  rig.passMs(500);
  rig.lane.take();
  rig.passMs(5);
  socket.deliver();
  const late = rig.lane.take().at(-1);
  assert.equal(late?.payload.toString(), "into the pause");
  assert.ok(late.sinceNs <= cameNs && late.readNs >= cameNs + 500e6);
  rig.passMs(20);
  socket.clientSends(packet("U", "long behind it"));
  const [next] = rig.lane.take();
  assert.ok(next !== undefined && next.readNs - next.sinceNs <= 5e6);
});

test("records of one chunk share its stamps, and event time never goes back", () => {
  const rig = new GateRig();
  const { socket } = rig.live();
  rig.clock.advanceMs(3);
  socket.clientSends(Buffer.concat([packet("U", "a"), packet("U", "b")]));
  const [a, b] = rig.lane.take();
  assert.ok(a !== undefined && b !== undefined);
  assert.equal(a.readNs, rig.clock.ns);
  assert.deepEqual([b.readNs, b.sinceNs, b.eventNs], [a.readNs, a.sinceNs, a.eventNs]);
  assert.ok(a.sinceNs <= a.readNs && a.inboundNs >= a.readNs);
  rig.clock.wallMs -= 60_000;
  rig.passMs(500);
  socket.clientSends(packet("U", "c"));
  assert.ok(rig.lane.take()[0]!.eventNs > a.eventNs);
});
