import assert from "node:assert/strict";
import { test } from "node:test";
import { GATE_COUNTERS } from "../../src/memory/counters.ts";
import { EVENT_KIND, THREAD } from "../../src/telemetry/event-record.ts";
import { GateTelemetry } from "../../src/telemetry/gate-telemetry.ts";
import { createTelemetryMemory } from "../../src/telemetry/telemetry-memory.ts";
import { GateRig } from "../support/gate-rig.ts";
import { SeenEvents } from "../support/seen-events.ts";
import { packet } from "../support/soup-packets.ts";

const MS = 1e6;

test("the time in which sockets wait for room is counted, and told when the last of them goes on", () => {
  const memory = createTelemetryMemory(1, 16);
  const telemetry = new GateTelemetry(memory, { slaNs: 8 * MS, tailNs: 5 * MS });
  const seen = new SeenEvents(memory.gate.events);
  const rig = new GateRig({ inboundSlots: 4, telemetry });
  const sockets = ["ALICE", "BOB", "CAROL", "DAVE"].map((user) => rig.live(user).socket);
  const counted = (): number => rig.counters.read(GATE_COUNTERS.backPressureNs);
  const before = counted();
  seen.take();
  const startNs = rig.clock.nowNs();
  for (const socket of sockets) socket.clientSends(packet("U", "m"));
  assert.ok(sockets[3]?.isPaused); // three slots are for messages
  rig.passMs(5);
  rig.passMs(5);
  // While it lasts, it is counted as far as it has come.
  assert.equal(counted() - before, 10 * MS);
  assert.deepEqual(seen.take(), []);
  rig.lane.take();
  rig.passMs(5);
  assert.equal(counted() - before, 15 * MS);
  const [event, ...others] = seen.take();
  assert.deepEqual(others, []);
  assert.deepEqual(event, {
    kind: EVENT_KIND.INBOUND_FULL,
    thread: THREAD.GATE,
    startNs,
    durationNs: 15 * MS,
    value: 1,
    detail: 0,
  });
  rig.passMs(5);
  assert.equal(counted() - before, 15 * MS);
});

test("what is told of an episode is how many waited at most, in each anew", () => {
  const memory = createTelemetryMemory(1, 16);
  const telemetry = new GateTelemetry(memory, { slaNs: 8 * MS, tailNs: 5 * MS });
  const seen = new SeenEvents(memory.gate.events);
  const rig = new GateRig({ inboundSlots: 2, telemetry });
  const sockets = ["ALICE", "BOB", "CAROL", "DAVE"].map((user) => rig.live(user).socket);
  seen.take();
  const waitedMost: number[] = [];
  for (const count of [4, 2]) {
    for (const socket of sockets.slice(0, count)) socket.clientSends(packet("U", "m"));
    for (let pass = 0; pass < count; pass++) {
      rig.passMs(5);
      rig.lane.take();
    }
    rig.passMs(5);
    rig.lane.take();
    waitedMost.push(...seen.take().map(({ value }) => value));
  }
  // One message finds room.
  assert.deepEqual(waitedMost, [3, 1]);
});

test("an episode that is over at once is counted and explains nothing", () => {
  const memory = createTelemetryMemory(1, 16);
  const telemetry = new GateTelemetry(memory, { slaNs: 8 * MS, tailNs: 5 * MS });
  const rig = new GateRig({ inboundSlots: 64, telemetry });
  const { socket } = rig.live("ALICE");
  const seen = new SeenEvents(memory.gate.events);
  seen.take();
  socket.clientSends(Buffer.concat(Array.from({ length: 9 }, () => packet("U", "m"))));
  assert.ok(socket.isPaused); // its eighth of the slots is used up
  rig.clock.ns += 0.5 * MS;
  rig.lane.take();
  rig.gate.onDoorbell(0);
  assert.ok(!socket.isPaused);
  assert.equal(rig.counters.read(GATE_COUNTERS.backPressureNs), 0.5 * MS);
  assert.deepEqual(seen.take(), []);
});
