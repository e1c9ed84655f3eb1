import assert from "node:assert/strict";
import { test } from "node:test";
import { DETACH_REASON, INBOUND_KIND } from "../../src/memory/inbound-record.ts";
import { GateRig } from "../support/gate-rig.ts";
import { packet } from "../support/soup-packets.ts";

test("a drain finishes what is in the rings, says goodbye and ends", () => {
  const rig = new GateRig();
  const { socket } = rig.live();
  const silent = rig.connect();
  socket.clientSends(packet("U", "last order"));
  let isDrained = false;
  rig.gate.drain(() => {
    isDrained = true;
  });
  assert.ok(silent.isEnded);
  assert.ok(rig.connect().isDestroyed);
  socket.clientSends(packet("U", "too late"));
  rig.lane.echo();
  rig.turn();
  rig.passMs(5);
  assert.deepEqual(rig.packets(socket), ["S:last order", "+:the gateway is shutting down"]);
  assert.ok(socket.isEnded);
  assert.ok(!isDrained);
  silent.close();
  socket.close();
  rig.turn();
  assert.deepEqual(
    rig.lane.take().map(({ kind, detail }) => [kind, detail]),
    [[INBOUND_KIND.DETACH, DETACH_REASON.DRAIN]],
  );
  rig.passMs(10);
  assert.ok(isDrained);
});

test("a drain waits for what the kernel has not taken", () => {
  const rig = new GateRig();
  const { socket, attach } = rig.live();
  socket.isTaking = false;
  rig.lane.sequenced(attach, Buffer.from("answer"));
  rig.turn();
  let isDrained = false;
  rig.gate.drain(() => {
    isDrained = true;
  });
  const serve = (): void => {
    rig.lane.take();
    rig.turn();
  };
  rig.passMs(20, serve);
  assert.ok(!socket.isEnded && !isDrained);
  socket.takeAll();
  assert.ok(socket.isEnded);
  assert.deepEqual(rig.packets(socket), ["S:answer", "+:the gateway is shutting down"]);
  socket.close();
  rig.passMs(20, serve);
  assert.ok(isDrained);
});

test("a lane that does not answer holds a drain up to its limit only", () => {
  const rig = new GateRig({ session: { drainMsMax: 2_000 } });
  const { socket } = rig.live();
  let isDrained = false;
  rig.gate.drain(() => {
    isDrained = true;
  });
  rig.passMs(1_990);
  assert.ok(!isDrained);
  rig.passMs(20);
  assert.ok(isDrained && socket.isEnded);
});

test("a drain without connections ends when the lanes have answered", () => {
  const rig = new GateRig({ lanes: 2 });
  let isDrained = false;
  rig.gate.drain(() => {
    isDrained = true;
  });
  rig.lanes[0]!.take();
  rig.turn();
  rig.passMs(10);
  assert.ok(!isDrained);
  rig.lanes[1]!.take();
  rig.turn();
  rig.passMs(10);
  assert.ok(isDrained);
});
