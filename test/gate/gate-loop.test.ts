import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { driveGate, loopIdleMs, nextTurn } from "../../src/gate/gate-loop.ts";
import { joinDoorbell, openDoorbell } from "../../src/memory/doorbell.ts";
import { GateRig } from "../support/gate-rig.ts";
import { login } from "../support/soup-packets.ts";

test("doorbells, ticks and turns reach the gate until it is stopped", async (context: TestContext) => {
  const rig = new GateRig();
  const doorbell = openDoorbell();
  const button = joinDoorbell(doorbell.transfer);
  const turns = context.mock.method(rig.gate, "onTurnEnd").mock;
  let beats = 0;
  const stop = driveGate(rig.gate, [doorbell], () => {
    beats++;
  });
  context.after(() => {
    stop();
    doorbell.close();
  });
  rig.lane.ring = () => button.ring();
  const socket = rig.connect();
  socket.clientSends(login());
  rig.lane.echo();
  while (socket.sent.length === 0) await new Promise(setImmediate);
  while (beats < 2) await new Promise(setImmediate);
  assert.match(rig.packets(socket)[0]!, /^A:/);
  const before = turns.callCount();
  for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
  assert.ok(turns.callCount() - before >= 9, "each turn of the loop ends once");
  stop();
  const atStop = [beats, turns.callCount()];
  await new Promise((resolve) => nextTurn(() => resolve(undefined)));
  assert.deepEqual([beats, turns.callCount()], atStop);
});

test("the loop's idle time never goes back", async () => {
  let latest = loopIdleMs();
  for (let turn = 0; turn < 10; turn++) {
    await new Promise(setImmediate);
    const idleMs = loopIdleMs();
    assert.ok(idleMs >= latest);
    latest = idleMs;
  }
});
