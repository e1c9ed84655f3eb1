import assert from "node:assert/strict";
import { test } from "node:test";
import { GateRig } from "../support/gate-rig.ts";
import { login, packet } from "../support/soup-packets.ts";

test("each connection is told with its phase, its timers and what it waits for", () => {
  const rig = new GateRig();
  rig.connect("10.0.0.1");
  rig.live("ALICE");
  const attaching = rig.connect("10.0.0.3");
  attaching.clientSends(login({ userName: "BOB" }));
  rig.passMs(100);
  const { connections, leftOff } = rig.gate.dump(10);
  assert.equal(leftOff, 0);
  assert.deepEqual(
    connections.map(({ phase, account, waitsFor }) => [phase, account, waitsFor]),
    [
      ["silent", "", "its login request"],
      ["attaching", "BOB", "the lane to accept its login"],
      ["live", "ALICE", "nothing"],
    ],
  );
  const [silent, , live] = connections;
  assert.equal(silent?.watchInMs, 29_900);
  assert.equal(silent.heartbeatInMs, undefined);
  assert.equal(live?.readAgoMs, 100);
  assert.ok((live.heartbeatInMs ?? 0) > 600 && (live.heartbeatInMs ?? 0) <= 900);
  assert.equal(live.lane, 0);
});

test("a connection is told with its own times, not with those of whoever had its place before", () => {
  const rig = new GateRig();
  rig.passMs(5_000);
  rig.connect();
  rig.passMs(100);
  const [stranger] = rig.gate.dump(1).connections;
  assert.deepEqual([stranger?.readAgoMs, stranger?.writtenAgoMs], [100, 100]);
});

test("who waits comes first, an account can be asked for alone, and the rest is counted", () => {
  const rig = new GateRig();
  rig.live("ALICE");
  rig.live("BOB");
  rig.connect();
  const { connections, leftOff } = rig.gate.dump(1);
  assert.equal(connections[0]?.phase, "silent");
  assert.equal(leftOff, 2);
  const { connections: bobs } = rig.gate.dump(10, "BOB");
  assert.deepEqual(
    bobs.map(({ account }) => account),
    ["BOB"],
  );
});

test("a full window and a full ring are what a live connection waits for", () => {
  const rig = new GateRig({ inboundSlots: 8 });
  const { attach } = rig.live("ALICE");
  rig.progress.addSent(attach.connection, rig.config.session.windowBytes);
  assert.equal(rig.gate.dump(1).connections[0]?.waitsFor, "the client to read: its window is full");
  assert.deepEqual(rig.gate.windows(), { bytes: rig.config.session.windowBytes, full: 1 });

  const { socket } = rig.live("BOB");
  socket.clientSends(Buffer.concat(Array.from({ length: 20 }, () => packet("U", "X"))));
  const [bob] = rig.gate.dump(1, "BOB").connections;
  assert.equal(bob?.waitsFor, "room in the inbound ring");
  assert.ok(bob.heldBytes > 0);
  rig.progress.setHeld(bob.connection, 3);
  const [behind] = rig.gate.dump(1, "BOB").connections;
  assert.equal(behind?.waitsFor, "its mass cancel: 3 requests are behind it");
});

test("a socket that is gone leaves its connection waiting for the lane", () => {
  const rig = new GateRig();
  rig.live("ALICE").socket.close();
  const [alice] = rig.gate.dump(1).connections;
  assert.deepEqual([alice?.phase, alice?.waitsFor], ["closing", "the lane to take its end"]);
  rig.passMs(5);
  rig.lane.take();
  rig.passMs(5);
  assert.deepEqual(rig.gate.dump(1).connections, []);
});

test("a session that is lost is told with its reason, a connection without one is not", () => {
  const rig = new GateRig();
  const { socket } = rig.live("ALICE");
  const stranger = rig.connect();
  rig.passMs(50);
  stranger.close();
  socket.close();
  rig.passMs(2000);
  const lost = rig.lostSessions.within(60, rig.clock.nowNs() / 1e6);
  assert.deepEqual(
    lost.map(({ account, reason, agoMs }) => [account, reason, agoMs]),
    [["ALICE", "closed", 2000]],
  );
  assert.deepEqual(rig.lostSessions.within(1, rig.clock.nowNs() / 1e6), []);
});
