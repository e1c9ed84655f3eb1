import assert from "node:assert/strict";
import { test } from "node:test";
import { CAPTURE_KIND, type CaptureRecord, CLOSED_BY } from "../../src/capture/capture-record.ts";
import { paddedBytes, readRecord, recordBytesAt } from "../../src/capture/capture-record-layout.ts";
import {
  CAPTURE_COUNT,
  CaptureRingProducer,
  CaptureRingReader,
  captureCount,
  createCaptureRing,
} from "../../src/capture/capture-ring.ts";
import { hashPassword } from "../../src/config/password-hash.ts";
import { CaptureSwitch, CaptureTap } from "../../src/gate/capture-tap.ts";
import { OUTBOUND_FLAG, OUTBOUND_KIND } from "../../src/memory/outbound-record.ts";
import { GateRig, type GateRigOptions } from "../support/gate-rig.ts";
import { fuzzSeed, SeededRandom } from "../support/seeded-random.ts";
import { login, packet } from "../support/soup-packets.ts";

const { CONNECT, IN, OUT, END, CLOSE, LOST } = CAPTURE_KIND;
const NAMES = new Map<number, string>(
  Object.entries(CAPTURE_KIND).map(([name, kind]) => [kind, name]),
);

/** A gate whose capture the test reads. */
class TappedRig {
  readonly capture = new CaptureSwitch();
  readonly memory: SharedArrayBuffer;
  readonly reader: CaptureRingReader;
  readonly rig: GateRig;
  readonly tap: CaptureTap;
  readonly records: CaptureRecord[] = [];

  constructor(ringBytes = 2 ** 20, options: GateRigOptions = {}) {
    this.memory = createCaptureRing(ringBytes);
    this.reader = new CaptureRingReader(this.memory);
    this.rig = new GateRig({ ...options, capture: this.capture });
    this.tap = new CaptureTap(new CaptureRingProducer(this.memory), 1024);
  }

  start(): this {
    this.capture.tap = this.tap;
    this.rig.gate.showConnections(this.tap);
    return this;
  }

  /** All that came since, "KIND text". */
  take(): string[] {
    const taken: CaptureRecord[] = [];
    this.reader.read(2 ** 20, (bytes, start, end) => {
      const view = new DataView(bytes.buffer);
      for (let at = start; at < end; at += paddedBytes(recordBytesAt(view, at))) {
        const record = readRecord(bytes, view, at);
        taken.push({ ...record, payload: Buffer.from(record.payload) });
      }
    });
    this.reader.handBack();
    this.records.push(...taken);
    return taken.map(({ kind, payload }) => `${NAMES.get(kind)} ${payload.toString("latin1")}`);
  }

  bytesOf(kind: number, connection: number): Buffer {
    const own = this.records.filter((each) => each.kind === kind && each.connection === connection);
    return Buffer.concat(own.map(({ payload }) => payload));
  }
}

const blankLogin = (): Buffer => login({ password: "" });
const order = (text: string): Buffer => packet("U", text);
const text = (bytes: Buffer): string => bytes.toString("latin1");

test("a connection is in the capture from its first byte to its last, but for its password", () => {
  const tapped = new TappedRig().start();
  const { rig } = tapped;
  const socket = rig.connect("10.0.0.1");
  const stream = Buffer.concat([login(), order("one"), order("two")]);
  socket.clientSends(stream.subarray(0, 12));
  socket.clientSends(stream.subarray(12));
  rig.lane.echo();
  rig.turn();
  socket.clientEnds();
  socket.closeIfOver();
  const [connect, ...others] = tapped.take();
  assert.equal(connect, 'CONNECT {"remoteAddress":"10.0.0.1","remotePort":1}');
  const expected = Buffer.concat([blankLogin(), order("one"), order("two")]);
  assert.deepEqual(others.slice(0, 2), [
    `IN ${text(expected.subarray(0, 12))}`,
    `IN ${text(expected.subarray(12))}`,
  ]);
  assert.deepEqual(tapped.bytesOf(OUT, 1), socket.sentBytes);
  assert.ok(socket.sentBytes.length > 0);
  assert.deepEqual(
    tapped.records.slice(-2).map(({ kind, detail }) => [kind, detail]),
    [
      [END, 0],
      [CLOSE, CLOSED_BY.CLIENT],
    ],
  );
  const { CHUNKS, BYTES } = CAPTURE_COUNT;
  assert.equal(captureCount(tapped.memory, BYTES), stream.length + socket.sentBytes.length);
  assert.equal(captureCount(tapped.memory, CHUNKS), 2 + socket.writes);
});

test("one write of many packets is one chunk", () => {
  const tapped = new TappedRig().start();
  const { socket } = tapped.rig.live();
  tapped.take();
  socket.writes = 0;
  socket.clientSends(Buffer.concat(Array.from({ length: 20 }, (_, each) => order(`o${each}`))));
  tapped.rig.lane.echo();
  tapped.rig.turn();
  const outs = tapped.take().filter((record) => record.startsWith("OUT"));
  assert.equal(outs.length, socket.writes);
  assert.deepEqual(tapped.records.at(-1)?.payload, socket.sentBytes);
});

test("who closed is told", () => {
  const tapped = new TappedRig().start();
  const refused = tapped.rig.connect();
  refused.clientSends(packet("U", "no login"));
  refused.closeIfOver();
  const answering = tapped.rig.connect();
  answering.clientSends(packet("U", "no login"));
  answering.clientEnds();
  answering.closeIfOver();
  const reset = tapped.rig.connect();
  reset.close();
  tapped.take();
  const closes = tapped.records.filter(({ kind }) => kind === CLOSE);
  assert.deepEqual(
    closes.map(({ connection, detail }) => [connection, detail]),
    [
      [1, CLOSED_BY.SERVER],
      [2, CLOSED_BY.SERVER],
      [3, CLOSED_BY.RESET],
    ],
  );
});

test("a capture that begins in the middle has what lies unread as each connection's first chunk", () => {
  const stream = Buffer.concat([login(), order("one"), order("two")]);
  for (let cut = 0; cut <= stream.length; cut++) {
    const tapped = new TappedRig();
    const { rig } = tapped;
    const socket = rig.connect();
    socket.clientSends(stream.subarray(0, cut));
    const attach = rig.lane.take().at(0);
    if (attach !== undefined) {
      rig.lane.accept(attach);
      rig.turn();
    }
    tapped.start();
    socket.clientSends(stream.subarray(cut));
    const [connect] = tapped.take();
    assert.match(connect ?? "", /^CONNECT /);
    assert.equal(tapped.records[0]?.flags, 1);
    const isLoggedIn = attach !== undefined;
    assert.equal(connect?.includes('"account":"ALICE"'), isLoggedIn, `cut at ${cut}`);
    // From a whole packet on, whichever it was that was cut.
    const kept = Buffer.concat([blankLogin(), order("one"), order("two")]);
    const handedOn = [0, login().length, login().length + 6, kept.length].findLast(
      (end) => end <= cut,
    );
    assert.deepEqual(tapped.bytesOf(IN, 1), kept.subarray(handedOn), `cut at ${cut}`);
  }
});

test("orders that are held for a login that is being checked are in the capture that begins then", async () => {
  const password = await hashPassword("DEMO", Buffer.alloc(16));
  const accounts = [{ user: "ALICE", password, firms: ["LIME"], anyFirm: false }];
  const { promise } = Promise.withResolvers<Buffer>();
  const tapped = new TappedRig(2 ** 20, { accounts, derive: () => promise });
  const { rig } = tapped;
  const socket = rig.connect();
  const orders = [order("one"), order("two")];
  socket.clientSends(Buffer.concat([login(), ...orders]));
  assert.ok(socket.isPaused);
  tapped.start();
  tapped.take();
  assert.deepEqual(tapped.bytesOf(IN, 1), Buffer.concat(orders));
});

test("what finds no room is counted, and told as soon as there is some", () => {
  const tapped = new TappedRig(1024).start();
  const { rig } = tapped;
  const { socket } = rig.live();
  for (let sent = 0; sent < 60; sent++) socket.clientSends(packet("R"));
  // Its end has no room either.
  socket.clientEnds();
  socket.closeIfOver();
  tapped.take();
  tapped.tap.settle(7);
  tapped.take();
  const own = tapped.records.filter(({ connection }) => connection === 1);
  const lost = own
    .filter(({ kind }) => kind === LOST)
    .map(({ payload }) => JSON.parse(payload.toString()));
  const kept = own.filter(({ kind }) => kind === IN).length;
  assert.equal(lost.length, 1);
  assert.equal(lost[0].direction, "in");
  assert.equal(kept + lost[0].chunks, 61);
  assert.deepEqual(
    own.slice(-3).map(({ kind }) => kind),
    [LOST, END, CLOSE],
  );
  assert.equal(captureCount(tapped.memory, CAPTURE_COUNT.LOST_CHUNKS), lost[0].chunks);
  assert.equal(captureCount(tapped.memory, CAPTURE_COUNT.LOST_BYTES), lost[0].bytes);
});

const seed = fuzzSeed();
test(`every byte is in the capture or counted as lost, in its order, seed ${seed}`, () => {
  const random = new SeededRandom(seed);
  const tapped = new TappedRig(4096).start();
  const { rig } = tapped;
  const clients = Array.from({ length: 4 }, () => ({ socket: rig.connect(), chunks: 0, bytes: 0 }));
  for (let round = 0; round < 3000; round++) {
    const client = random.pick(clients);
    const chunk = order("x".repeat(random.below(200)));
    // Nobody is logged in: the gate refuses, and goes on reading what it throws away.
    client.socket.isPaused = false;
    client.socket.isDestroyed = false;
    client.socket.clientSends(chunk);
    client.chunks++;
    client.bytes += chunk.length;
    if (random.chance(20)) tapped.take();
    if (random.chance(10)) tapped.tap.settle(round);
  }
  for (let tries = 0; !tapped.tap.finish(0); tries++) {
    assert.ok(tries < 10, "there is room for the last words");
    tapped.take();
  }
  tapped.take();
  assert.ok(captureCount(tapped.memory, CAPTURE_COUNT.LOST_CHUNKS) > 0);
  for (const [index, client] of clients.entries()) {
    const own = tapped.records.filter(({ connection }) => connection === index + 1);
    assert.equal(own[0]?.kind, CONNECT);
    const ins = own.filter(({ kind }) => kind === IN);
    const lost = own
      .filter(({ kind }) => kind === LOST)
      .map(({ payload }) => JSON.parse(payload.toString()))
      .filter(({ direction }) => direction === "in");
    const chunks = ins.length + lost.reduce((sum, each) => sum + each.chunks, 0);
    const bytes =
      ins.reduce((sum, { payload }) => sum + payload.length, 0) +
      lost.reduce((sum, each) => sum + each.bytes, 0);
    assert.deepEqual({ chunks, bytes }, { chunks: client.chunks, bytes: client.bytes });
  }
});

test("a capture that is over leaves connections alone, and another one counts anew", () => {
  const tapped = new TappedRig().start();
  const { socket } = tapped.rig.live();
  tapped.take();
  const memory = createCaptureRing(2 ** 16);
  const other = new CaptureTap(new CaptureRingProducer(memory), 1024);
  tapped.capture.tap = other;
  socket.clientSends(order("between"));
  assert.equal(captureCount(memory, CAPTURE_COUNT.CHUNKS), 0, "it has not been shown");
  tapped.rig.gate.showConnections(other);
  socket.clientSends(order("then"));
  assert.equal(captureCount(memory, CAPTURE_COUNT.CHUNKS), 1);
  assert.deepEqual(tapped.take(), []);
});

test("a capture that begins within a packet to a client has the rest of it as lost", () => {
  const tapped = new TappedRig(2 ** 20, { lendsWires: true });
  const { rig } = tapped;
  const { socket, attach } = rig.live();
  const { connection, epoch } = attach;
  rig.wires.take(connection, epoch);
  rig.wires.leave(connection, 5);
  tapped.start();
  const begun = packet("S", "begun");
  rig.lane.put(OUTBOUND_KIND.SEQUENCED, connection, epoch, begun, 0, (record) => {
    record.flags = OUTBOUND_FLAG.BEGUN;
  });
  rig.progress.addSent(connection, begun.length - 5);
  rig.turn();
  rig.lane.sequenced(attach, Buffer.from("whole"));
  rig.turn();
  assert.equal(
    text(socket.sentBytes),
    text(Buffer.concat([begun.subarray(5), packet("S", "whole")])),
  );
  const taken = tapped.take();
  assert.match(taken[0]!, /^CONNECT /);
  assert.match(taken[1]!, /^LOST .*"direction":"out","chunks":1,"bytes":3/);
  assert.deepEqual(taken.slice(2), [`OUT ${text(packet("S", "whole"))}`]);
});
