import assert from "node:assert/strict";
import { test } from "node:test";
import { DETACH_REASON } from "../../src/memory/inbound-record.ts";
import { GateRig } from "../support/gate-rig.ts";
import { login, packet } from "../support/soup-packets.ts";

test("a heartbeat leaves when nothing else has for an interval, and not before", () => {
  const rig = new GateRig();
  const { socket, attach } = rig.live(); // place 0: its whole interval
  rig.passMs(990);
  assert.deepEqual(rig.packets(socket), []);
  rig.passMs(15);
  assert.deepEqual(rig.packets(socket), ["H:"]);
  rig.passMs(500);
  rig.lane.sequenced(attach, Buffer.from("x"));
  rig.turn();
  rig.passMs(990);
  assert.deepEqual(rig.packets(socket), ["H:", "S:x"]);
  rig.passMs(15);
  assert.deepEqual(rig.packets(socket), ["H:", "S:x", "H:"]);
});

test("no heartbeat before Login Accepted, and none on top of a write that is stuck", () => {
  const rig = new GateRig({ session: { idleTimeoutMs: 60_000 } });
  const waiting = rig.connect();
  waiting.clientSends(login());
  rig.passMs(5_000);
  assert.deepEqual(rig.packets(waiting), []);
  const { socket, attach } = rig.live("BOB");
  socket.isTaking = false;
  rig.lane.sequenced(attach, Buffer.from("x"));
  rig.turn();
  rig.passMs(5_000);
  socket.takeAll();
  assert.deepEqual(rig.packets(socket), ["S:x"]);
});

test("heartbeats of connections that logged in together are spread, all within the interval", () => {
  const connectionsMax = 200;
  const accounts = Array.from({ length: connectionsMax }, (_, index) => ({
    user: `B${index}`,
    password: "DEMO",
    firms: ["LIME"],
    anyFirm: false,
  }));
  const limits = { connectionsMax, pendingMax: 200, perAddressMax: 200 };
  const rig = new GateRig({ listen: limits, accounts, inboundSlots: 1024, outboundSlots: 1024 });
  const sockets = accounts.map(({ user }) => rig.live(user).socket);
  let busiest = 0;
  let before = 0;
  rig.passMs(1_005, () => {
    const heartbeats = sockets.reduce((sum, socket) => sum + socket.sent.length, 0);
    busiest = Math.max(busiest, heartbeats - before);
    before = heartbeats;
  });
  assert.ok(sockets.every((socket) => socket.sent.length >= 1));
  assert.ok(busiest <= 16, `${busiest} in one tick`);
});

test("a silent client is closed at the idle limit; any byte keeps it", () => {
  const rig = new GateRig();
  const { socket } = rig.live();
  rig.passMs(14_000);
  socket.clientSends(packet("R"));
  rig.passMs(14_000);
  socket.clientSends(packet("U", "half").subarray(0, 2));
  rig.passMs(14_990);
  assert.ok(!socket.isEnded);
  rig.passMs(20);
  assert.ok(socket.isEnded);
  assert.match(rig.packets(socket).at(-1) ?? "", /^\+:nothing came/);
  rig.turn();
  assert.equal(rig.lane.take().at(-1)?.detail, DETACH_REASON.IDLE);
});

test("more time-outs than a turn carries go on in the next turns", () => {
  const limits = { connectionsMax: 100, pendingMax: 100, perAddressMax: 100 };
  const rig = new GateRig({ listen: limits });
  const sockets = Array.from({ length: 100 }, () => rig.connect());
  rig.passMs(29_950);
  assert.ok(sockets.every(({ isEnded }) => !isEnded));
  rig.clock.advanceMs(100);
  rig.gate.tick();
  assert.equal(sockets.filter(({ isEnded }) => isEnded).length, 32);
  for (let turn = 0; turn < 4; turn++) rig.turn();
  assert.equal(sockets.filter(({ isEnded }) => isEnded).length, 100);
});

const HOLE_MS = 100_000;

/** The process is stopped, or its machine, and goes on: the first to run is the clock, sockets come behind it. */
function passHole(rig: GateRig): void {
  rig.clock.advanceMs(HOLE_MS);
  rig.gate.tick();
}

test("time in which the gate did not run counts against no client: silence begins anew", () => {
  const rig = new GateRig();
  const { socket } = rig.live();
  rig.passMs(14_000);
  passHole(rig);
  rig.passMs(14_980);
  assert.ok(!socket.isEnded);
  rig.passMs(40);
  assert.match(rig.packets(socket).at(-1) ?? "", /^\+:nothing came/);
});

test("nor against one that has not logged in", () => {
  const rig = new GateRig();
  const socket = rig.connect();
  rig.passMs(1_000);
  passHole(rig);
  rig.passMs(29_980);
  assert.ok(!socket.isEnded);
  rig.passMs(40);
  assert.ok(socket.isEnded);
});

test("nor against one that may have read all of it meanwhile", () => {
  const rig = new GateRig({ session: { windowBytes: 1_000, sendStallMsMax: 3_000 } });
  const { socket, attach } = rig.live();
  socket.isTaking = false;
  for (let index = 0; index < 10; index++) rig.lane.sequenced(attach, Buffer.alloc(100));
  rig.turn();
  rig.passMs(1_000);
  passHole(rig);
  rig.passMs(2_980);
  assert.ok(!socket.isDestroyed);
  rig.passMs(40);
  assert.ok(socket.isDestroyed);
});

test("a turn that is only long is no hole", () => {
  const rig = new GateRig();
  const { socket } = rig.live();
  rig.passMs(14_900);
  rig.clock.advanceMs(200);
  rig.gate.tick();
  assert.ok(socket.isEnded);
});
