import assert from "node:assert/strict";
import { test } from "node:test";
import { GateRig } from "../support/gate-rig.ts";

const NO_PACKET = Buffer.from([0, 0]);

test("who is on the way out is neither logged in nor about to be", () => {
  const rig = new GateRig();
  const counts = (): number[] => {
    const { connections, pending, live } = rig.gate.status();
    return [connections, pending, live];
  };
  const newcomer = rig.connect();
  const { socket } = rig.live("ALICE");
  rig.live("BOB");
  assert.deepEqual(counts(), [3, 1, 2]);
  // What we told them leaves before their sockets are closed.
  newcomer.clientSends(NO_PACKET);
  assert.deepEqual(counts(), [3, 0, 2]);
  socket.clientSends(NO_PACKET);
  assert.deepEqual(counts(), [3, 0, 1]);
});
