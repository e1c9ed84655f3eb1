// When the gate lends a connection to its lane, and what it does about what the lane has written. The test is the lane.

import assert from "node:assert/strict";
import { test } from "node:test";
import { CaptureRingProducer, createCaptureRing } from "../../src/capture/capture-ring.ts";
import { CaptureSwitch, CaptureTap } from "../../src/gate/capture-tap.ts";
import { INBOUND_KIND } from "../../src/memory/inbound-record.ts";
import {
  OUTBOUND_FLAG,
  OUTBOUND_KIND,
  OUTCOME,
  type OutboundRecord,
} from "../../src/memory/outbound-record.ts";
import { NO_WIRE } from "../../src/memory/wires.ts";
import { GateTelemetry } from "../../src/telemetry/gate-telemetry.ts";
import { PRECISE } from "../../src/telemetry/hdr-index.ts";
import { answerSeries, requestTypeIndex } from "../../src/telemetry/latency-series.ts";
import { ORDER_STAMP } from "../../src/telemetry/order-record.ts";
import { CountsReader } from "../../src/telemetry/shared-counts.ts";
import { createTelemetryMemory } from "../../src/telemetry/telemetry-memory.ts";
import type { SeenRecord } from "../support/fake-lane.ts";
import type { FakeSocket } from "../support/fake-socket.ts";
import { GateRig, type GateRigOptions } from "../support/gate-rig.ts";
import { login, packet } from "../support/soup-packets.ts";

const HEARTBEAT_MS = 1_000;
const HEARTBEAT = "H:";
const ENTER = "O".charCodeAt(0);

const rigOf = (options: GateRigOptions = {}): GateRig =>
  new GateRig({ lendsWires: true, ...options });

/** Whether the lane could write now. */
function isLent(rig: GateRig, { connection, epoch }: SeenRecord): boolean {
  if (rig.wires.take(connection, epoch) === NO_WIRE) return false;
  rig.wires.giveBack(connection);
  return true;
}

/** A sequenced packet that the lane has begun to write, and left. */
function begin(rig: GateRig, to: SeenRecord, message: string, begunBytes: number): Buffer {
  const bytes = packet("S", message);
  assert.notEqual(rig.wires.take(to.connection, to.epoch), NO_WIRE);
  rig.wires.leave(to.connection, begunBytes);
  rig.lane.put(OUTBOUND_KIND.SEQUENCED, to.connection, to.epoch, bytes, 0, (record) => {
    record.flags = OUTBOUND_FLAG.BEGUN;
  });
  rig.progress.addSent(to.connection, bytes.length - begunBytes);
  return bytes;
}

/** A record of a packet that the lane has written. */
function sent(
  rig: GateRig,
  to: SeenRecord,
  message: string,
  amend?: (record: OutboundRecord) => void,
): number {
  const bytes = packet("S", message);
  rig.lane.put(OUTBOUND_KIND.SENT, to.connection, to.epoch, bytes, 0, amend);
  return bytes.length;
}

test("the lane gets the wire when the kernel has the answer to the login, and not before", () => {
  for (const isSlow of [false, true]) {
    const rig = rigOf();
    const socket = rig.connect();
    socket.isTaking = !isSlow;
    socket.clientSends(login());
    const attach = rig.lane.take()[0]!;
    assert.ok(!isLent(rig, attach));
    rig.lane.accept(attach);
    assert.ok(!isLent(rig, attach));
    rig.gate.onDoorbell(0);
    assert.equal(isLent(rig, attach), !isSlow);
    socket.takeAll();
    assert.equal(rig.wires.take(attach.connection, attach.epoch), socket.descriptor);
  }
});

test("a socket without a descriptor is nobody's but the gate's", () => {
  const rig = rigOf();
  const write = rig.gate.accept.bind(rig.gate);
  rig.gate.accept = (socket) => {
    Object.assign(socket, { descriptor: -1 });
    return write(socket);
  };
  const { socket, attach } = rig.live();
  rig.lane.sequenced(attach, Buffer.from("a"));
  rig.turn();
  assert.deepEqual(rig.packets(socket), ["S:a"]);
  assert.ok(!isLent(rig, attach));
  assert.ok(rig.wires.takeBack(attach.connection), "no lane has it, and none waits for it");
});

test("without wires everything is as it was: nothing is lent", () => {
  const rig = new GateRig();
  const { socket, attach } = rig.live();
  socket.descriptor = 100;
  rig.lane.sequenced(attach, Buffer.from("a"));
  rig.passMs(HEARTBEAT_MS + 5);
  assert.deepEqual(rig.packets(socket), ["S:a", HEARTBEAT]);
  assert.ok(!isLent(rig, attach));
});

test("a packet of the gate takes the wire back until the kernel has it", () => {
  const rig = rigOf();
  const { socket, attach } = rig.live();
  const { write } = socket;
  const lentWithin: boolean[] = [];
  socket.write = (chain) => {
    lentWithin.push(isLent(rig, attach));
    return write.call(socket, chain);
  };
  rig.lane.put(OUTBOUND_KIND.DEBUG, attach.connection, attach.epoch, packet("+", "text"));
  rig.turn();
  assert.deepEqual(lentWithin, [false]);
  assert.ok(isLent(rig, attach));
  socket.isTaking = false;
  rig.lane.sequenced(attach, Buffer.from("a"));
  rig.turn();
  assert.ok(!isLent(rig, attach), "the socket owns a write");
  rig.lane.put(OUTBOUND_KIND.DEBUG, attach.connection, attach.epoch, packet("+", "more"));
  rig.turn();
  socket.takeAll();
  assert.deepEqual(rig.packets(socket), ["+:text", "S:a", "+:more"]);
  assert.deepEqual(lentWithin, [false, false, false]);
  assert.ok(isLent(rig, attach));
});

test("the wire is taken back for a heartbeat, and lent again", () => {
  const rig = rigOf();
  const { socket, attach } = rig.live();
  socket.isTaking = false;
  rig.passMs(HEARTBEAT_MS + 5);
  assert.ok(!isLent(rig, attach));
  socket.takeAll();
  assert.deepEqual(rig.packets(socket), [HEARTBEAT]);
  assert.ok(isLent(rig, attach));
});

test("while the lane writes there is no heartbeat, and nobody waits for it", () => {
  const rig = rigOf();
  const { socket, attach } = rig.live();
  assert.notEqual(rig.wires.take(attach.connection, attach.epoch), NO_WIRE);
  rig.passMs(HEARTBEAT_MS + 5);
  assert.deepEqual(rig.packets(socket), []);
  rig.wires.giveBack(attach.connection);
  rig.passMs(HEARTBEAT_MS);
  assert.deepEqual(rig.packets(socket), [HEARTBEAT]);
});

test("a packet that the lane has begun is not cut by a heartbeat", () => {
  const rig = rigOf();
  const { socket, attach } = rig.live();
  rig.wires.take(attach.connection, attach.epoch);
  rig.wires.leave(attach.connection, 5);
  rig.passMs(HEARTBEAT_MS + 5);
  assert.equal(socket.sentBytes.length, 0);
});

test("what the lane has sent says that we live", () => {
  const rig = rigOf();
  const { socket, attach } = rig.live();
  for (let passed = 0; passed < 3; passed++) {
    rig.passMs(HEARTBEAT_MS - 100);
    sent(rig, attach, "a");
    rig.turn();
  }
  rig.passMs(HEARTBEAT_MS - 100);
  assert.deepEqual(rig.packets(socket), []);
  rig.passMs(110);
  assert.deepEqual(rig.packets(socket), [HEARTBEAT]);
});

test("a connection with packets in the ring is not lent", () => {
  const rig = rigOf();
  const { socket, attach } = rig.live();
  rig.progress.addSent(attach.connection, 6); // released, and not yet to be seen
  rig.lane.put(OUTBOUND_KIND.DEBUG, attach.connection, attach.epoch, packet("+", "t"));
  rig.turn();
  assert.deepEqual(rig.packets(socket), ["+:t"]);
  assert.ok(!isLent(rig, attach));
  rig.lane.put(OUTBOUND_KIND.SEQUENCED, attach.connection, attach.epoch, packet("S", "abc"));
  rig.turn();
  assert.ok(isLent(rig, attach));
});

test("while a capture runs the gate writes everything, and lends nothing", () => {
  const capture = new CaptureSwitch();
  const rig = rigOf({ capture });
  const { attach } = rig.live("ALICE");
  const bob = rig.live("BOB");
  assert.ok(isLent(rig, attach) && isLent(rig, bob.attach));
  const tap = new CaptureTap(new CaptureRingProducer(createCaptureRing(2 ** 16)), 1024);
  capture.tap = tap;
  rig.gate.showConnections(tap);
  assert.ok(!isLent(rig, attach) && !isLent(rig, bob.attach));
  rig.lane.sequenced(attach, Buffer.from("a"));
  rig.turn();
  assert.ok(!isLent(rig, attach));
  const { attach: carol } = rig.live("CAROL");
  assert.ok(!isLent(rig, carol));
  capture.tap = undefined;
  rig.lane.sequenced(attach, Buffer.from("b"));
  rig.turn();
  assert.ok(isLent(rig, attach));
});

test("a connection that closes is the gate's to its end", () => {
  const endings: readonly ((socket: FakeSocket, rig: GateRig) => void)[] = [
    (socket) => socket.clientSends(packet("O")),
    (socket) => socket.clientEnds(),
    (socket) => socket.close(),
    (socket) => socket.clientSends(packet("!")),
    (_, rig) => rig.passMs(rig.config.session.idleTimeoutMs + 5),
  ];
  for (const [index, end] of endings.entries()) {
    const rig = rigOf();
    const { socket, attach } = rig.live();
    assert.ok(isLent(rig, attach));
    end(socket, rig);
    assert.ok(!isLent(rig, attach), `${index}`);
    rig.turn();
    socket.takeAll();
    assert.ok(!isLent(rig, attach), `${index}`);
  }
});

test("from the reset to the turn in which the gate learns of it, nothing is lent", () => {
  const rig = rigOf();
  const { socket, attach } = rig.live();
  socket.clientResets();
  assert.ok(!isLent(rig, attach));
  // It is live to the gate, and somebody writes to it.
  rig.lane.sequenced(attach, Buffer.from("a"));
  rig.turn();
  rig.passMs(HEARTBEAT_MS + 5);
  assert.ok(!isLent(rig, attach));
  socket.close();
  rig.turn();
  assert.equal(rig.lane.take().at(-1)?.kind, INBOUND_KIND.DETACH);
});

test("the next connection in a place starts with a wire of its own", () => {
  const rig = rigOf({ listen: { connectionsMax: 1 } });
  const former = rig.live("ALICE");
  begin(rig, former.attach, "never whole", 4);
  former.socket.clientResets();
  former.socket.close();
  rig.turn();
  rig.lane.take();
  rig.turn();
  const next = rig.live("BOB");
  assert.equal(next.attach.connection, former.attach.connection);
  assert.ok(!isLent(rig, former.attach), "not to whom it was lent before");
  assert.equal(rig.wires.take(next.attach.connection, next.attach.epoch), next.socket.descriptor);
  assert.notEqual(next.socket.descriptor, former.socket.descriptor);
});

test("of a packet that the lane has begun, the gate sends the rest and counts all", () => {
  for (const begunBytes of [1, 3, 9]) {
    const rig = rigOf();
    const { socket, attach } = rig.live();
    const bytesBefore = rig.count("bytesOut");
    const framesBefore = rig.count("framesOut");
    const bytes = begin(rig, attach, "message", begunBytes);
    rig.lane.sequenced(attach, Buffer.from("next"));
    const takenBefore = rig.progress.taken(attach.connection);
    socket.isTaking = false;
    rig.turn();
    assert.ok(!isLent(rig, attach));
    socket.takeAll();
    const next = packet("S", "next");
    assert.deepEqual(socket.sentBytes, Buffer.concat([bytes.subarray(begunBytes), next]));
    assert.equal(rig.count("bytesOut") - bytesBefore, bytes.length + next.length);
    assert.equal(rig.count("framesOut") - framesBefore, 2);
    const taken = rig.progress.taken(attach.connection) - takenBefore;
    assert.equal(taken, bytes.length + next.length - begunBytes);
    assert.equal(rig.progress.inFlight(attach.connection), 0);
    assert.ok(isLent(rig, attach));
  }
});

test("a closing connection whose packet was left in the middle says nothing more", () => {
  const endings: readonly ((socket: FakeSocket, rig: GateRig, attach: SeenRecord) => void)[] = [
    (socket) => socket.clientSends(packet("!")),
    (socket) => socket.clientSends(packet("O")),
    (_, rig, { connection, epoch }) => {
      // A text that was in the ring before the lane wrote.
      rig.lane.put(OUTBOUND_KIND.DEBUG, connection, epoch, packet("+", "text"));
      rig.lane.put(OUTBOUND_KIND.CLOSE, connection, epoch, Buffer.alloc(0), 2);
    },
  ];
  for (const [index, end] of endings.entries()) {
    const rig = rigOf();
    const { socket, attach } = rig.live();
    rig.wires.take(attach.connection, attach.epoch);
    rig.wires.leave(attach.connection, 5);
    end(socket, rig, attach);
    rig.turn();
    rig.lane.put(OUTBOUND_KIND.SEQUENCED, attach.connection, attach.epoch, packet("S", "rest"));
    rig.turn();
    rig.passMs(HEARTBEAT_MS * 3);
    assert.equal(socket.sentBytes.length, 0, `${index}`);
    assert.ok(socket.isEnded && socket.isDestroyed, `${index}`);
    assert.equal(rig.count("staleOut"), 1);
  }
});

/** A telemetry that the test reads, and a rig with it. */
function recordedRig(): { rig: GateRig; answers: CountsReader } {
  const memory = createTelemetryMemory(1, 16);
  const telemetry = new GateTelemetry(memory, { slaNs: 8e6, tailNs: 5e6 });
  return { rig: rigOf({ telemetry }), answers: new CountsReader(memory.gate.answers, PRECISE) };
}

const ACCEPTED = answerSeries(requestTypeIndex(ENTER), false, false);

test("what the lane has sent is counted, and its latency is recorded once, also of who is gone", () => {
  const { rig, answers } = recordedRig();
  const { socket, attach } = rig.live();
  const startNs = rig.clock.nowNs();
  const stamp = (record: OutboundRecord): void => {
    record.sinceNs = startNs;
    record.requestType = ENTER;
    record.answerType = "A".charCodeAt(0);
    record.outcome = OUTCOME.ACCEPTED;
    const first = record.baseOffset >> 3;
    record.slots!.doubles[first + ORDER_STAMP.OUTBOUND_NS] = startNs + 30_000;
    record.slots!.doubles[first + ORDER_STAMP.WRITTEN_NS] = startNs + 40_000;
  };
  const message = "m".repeat(90);
  let [frames, bytes] = [rig.count("framesOut"), rig.count("bytesOut")];
  for (const [round, leave] of [
    () => undefined,
    () => socket.clientEnds(),
    () => socket.close(),
  ].entries()) {
    leave();
    bytes += sent(rig, attach, message, stamp);
    frames++;
    rig.turn();
    assert.deepEqual([rig.count("framesOut"), rig.count("bytesOut")], [frames, bytes]);
    assert.equal(answers.count(ACCEPTED), round + 1);
    assert.equal(answers.sumNs(ACCEPTED), 40_000 * (round + 1));
    rig.passMs(10);
    assert.equal(answers.count(ACCEPTED), round + 1);
  }
  assert.equal(rig.count("headline"), 3);
  assert.equal(rig.count("undeliveredO") + rig.count("staleOut"), 0);
  assert.equal(socket.sentBytes.length, 0, "nothing is sent again");
  // What nobody asked for has no latency.
  sent(rig, attach, message);
  rig.turn();
  assert.equal(rig.count("framesOut"), frames + 1);
  assert.equal(answers.count(ACCEPTED), 3);
});
