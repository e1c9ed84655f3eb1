// A delivery that writes to sockets itself, in this thread. Gate and kernel are played, also in the middle of the lane's
// turn. Descriptors are given out as a kernel does it, the lowest first.

import assert from "node:assert/strict";
import { BatchStamps } from "../../src/lane/batch-stamps.ts";
import { Delivery } from "../../src/lane/delivery.ts";
import { Outbox } from "../../src/lane/outbox.ts";
import { WireWriter } from "../../src/lane/wire-writer.ts";
import { CounterWriter, createCounters, LANE_COUNTERS } from "../../src/memory/counters.ts";
import { createLaneSignal, LaneSignal } from "../../src/memory/lane-signal.ts";
import { OUTBOUND_FLAG, OUTBOUND_KIND, OutboundRecord } from "../../src/memory/outbound-record.ts";
import { createProgress, Progress } from "../../src/memory/progress.ts";
import { RING_EMPTY, RingConsumer } from "../../src/memory/ring-consumer.ts";
import { createRing, slotOffset } from "../../src/memory/ring-layout.ts";
import { RING_FULL, RingProducer } from "../../src/memory/ring-producer.ts";
import { createWires, NO_WIRE, Wires } from "../../src/memory/wires.ts";
import { ManualClock } from "./manual-clock.ts";
import { HEARTBEAT, LOGIN_ANSWER, packetOf, WireClient } from "./wire-client.ts";

const CONNECTIONS_MAX = 16;
const FIRST_DESCRIPTOR = 20;

export interface WireRigOptions {
  readonly windowBytes?: number;
  readonly slots?: number;
}

export class WireRig {
  readonly outbox = new Outbox({ lane: 0, bytesMax: 16 * 2 ** 20 });
  readonly wires = new Wires(createWires(CONNECTIONS_MAX));
  readonly signal = new LaneSignal(createLaneSignal());
  readonly progress: Progress;
  readonly delivery: Delivery;
  /** Lengths of the lane's writes, and how much of each the kernel took. */
  readonly writes: [length: number, taken: number][] = [];
  /** Kinds of the records that the gate has taken. */
  readonly seen: number[] = [];
  mended = 0;
  /** Somebody else's turn in the middle of the lane's, which has that connection's wire or nobody's. */
  between: (busy: WireClient | undefined) => void = () => undefined;
  /** Everybody who ever came, and who of them the lane knows, by account. */
  readonly clients: WireClient[] = [];
  readonly current: (WireClient | undefined)[] = [];
  readonly windowBytes: number;
  private readonly writer: WireWriter;
  private readonly producer: RingProducer;
  private readonly consumer: RingConsumer;
  private readonly record = new OutboundRecord();
  private tailSeen = 0;

  constructor({ windowBytes = 65_536, slots = 1024 }: WireRigOptions = {}) {
    const ring = createRing(slots);
    this.producer = new RingProducer(ring);
    this.consumer = new RingConsumer(ring);
    this.windowBytes = windowBytes;
    this.progress = new WatchedProgress((connection) => this.onAddSent(connection));
    const clock = new ManualClock();
    this.writer = new WireWriter(this.producer, this.wires, clock, (...call) =>
      this.laneWrites(...call),
    );
    this.delivery = new Delivery(
      this.outbox,
      this.producer,
      this.signal,
      this.progress,
      windowBytes,
      new BatchStamps(1),
      clock,
      new CounterWriter(createCounters(LANE_COUNTERS)),
      0,
      this.writer,
    );
  }

  // What the lane does.

  write(account: number, count = 1): void {
    const { outbox } = this;
    for (let left = count; left > 0; left--) {
      outbox.begin(account);
      const bytes = packetOf(account, outbox.nextSequence(account));
      bytes.copy(outbox.memory.bytes, outbox.packetOffset);
      outbox.end(account, bytes.length);
      this.delivery.onWritten(account, 0);
    }
  }

  /** Its turn, as far as delivery goes. */
  turn(): number {
    const { delivery } = this;
    let done = delivery.deliverLive();
    this.between(undefined);
    if (delivery.isLiveDone) done += delivery.deliverBacklog();
    this.publish();
    return done;
  }

  /** Somebody new for the account, in a place that nobody has. Whoever is there already is not the lane's any more. */
  attach(account: number, sequence = 1): WireClient {
    const open = this.clients.filter(({ isClosed }) => !isClosed);
    // A place is free when its lane has moved on, too.
    this.current[account] = undefined;
    const used = new Set([...open, ...this.current].map((client) => client?.index));
    let index = 0;
    while (used.has(index)) index++;
    let descriptor = FIRST_DESCRIPTOR;
    while (open.some((client) => client.descriptor === descriptor)) descriptor++;
    assert(index < CONNECTIONS_MAX, "there are too many at once");
    const client = new WireClient(index, this.clients.length + 1, account, descriptor, sequence);
    this.clients.push(client);
    this.current[account] = client;
    this.wires.start(index);
    this.delivery.onAttached(account, index, client.epoch, sequence, this.progress.taken(index));
    let offset = this.producer.claim(0);
    if (offset === RING_FULL) {
      this.gateTakes();
      offset = this.producer.claim(0);
    }
    this.record.wrap(this.producer.slots, offset);
    this.record.start(OUTBOUND_KIND.LOGIN_ACCEPTED, index, client.epoch);
    this.publish();
    return client;
  }

  detach(account: number): void {
    this.delivery.onDetached(account);
    this.current[account] = undefined;
  }

  /** As attach(), and the gate has sent the answer to the login: the lane may write. */
  live(account: number, sequence = 1): WireClient {
    const client = this.attach(account, sequence);
    this.gateTakes();
    this.gateWrites(client);
    return client;
  }

  // What the gate does.

  gateTakes(recordsMax = Number.POSITIVE_INFINITY): number {
    let taken = 0;
    for (; taken < recordsMax; taken++) {
      const offset = this.consumer.take();
      if (offset === RING_EMPTY) break;
      this.deliver(this.record.wrap(this.consumer.slots, offset));
    }
    this.consumer.release();
    this.signal.clearRingStarved();
    return taken;
  }

  /** Returns whether a write is over. */
  gateWrites(client: WireClient): boolean {
    if (client.isClosed) return false;
    const bytes = client.gateWrites();
    if (bytes === undefined) return false;
    if (bytes > 0) {
      this.progress.addTaken(client.index, bytes);
      if (this.progress.clearStarved(client.index)) this.signal.addCredit();
    }
    this.lend(client);
    return true;
  }

  lend(client: WireClient): void {
    const { index, descriptor, epoch, isLive, hasOutput } = client;
    if (!isLive || hasOutput || this.progress.inFlight(index) !== 0) return;
    this.wires.lend(index, descriptor, epoch);
  }

  heartbeat(client: WireClient): void {
    if (client.isClosed || !client.isLive || client.hasOutput) return;
    if (!this.wires.takeBack(client.index)) return;
    client.append(HEARTBEAT, 0);
    this.gateWrites(client);
  }

  close(client: WireClient): void {
    this.wires.reclaim(client.index);
    client.isClosed = true;
  }

  isLent({ index, epoch }: WireClient): boolean {
    const isLent = this.wires.take(index, epoch) !== NO_WIRE;
    if (isLent) this.wires.giveBack(index);
    return isLent;
  }

  // What must hold.

  /** The window of whoever the lane knows counts what was released and no kernel has taken. */
  checkWindow(client: WireClient): void {
    const { index, releasedBytes, laneBytes, countedBytes } = client;
    const inFlight = this.progress.inFlight(index);
    assert.equal(inFlight, releasedBytes - laneBytes - countedBytes);
    assert(inFlight <= this.windowBytes, "more than a window is in flight");
  }

  /** Everybody does all there is to do, and kernels take everything. */
  settle(): void {
    for (const client of this.clients) client.room = Number.POSITIVE_INFINITY;
    for (let done = 1; done > 0; ) {
      done = this.turn() + this.gateTakes();
      for (const client of this.clients) if (this.gateWrites(client)) done++;
    }
  }

  private publish(): void {
    const { producer, record } = this;
    producer.publish();
    for (; this.tailSeen !== producer.tailSequence; this.tailSeen = (this.tailSeen + 1) | 0) {
      record.wrap(producer.slots, slotOffset(this.tailSeen, producer.slotCount - 1));
      if (record.kind === OUTBOUND_KIND.LOGIN_ACCEPTED) continue;
      const client = this.clients[record.epoch - 1];
      if (client !== undefined) client.releasedBytes += record.payloadBytes;
    }
  }

  private deliver(record: OutboundRecord): void {
    const { kind, payloadOffset, payloadBytes } = record;
    this.seen.push(kind);
    const client = this.clients[record.epoch - 1];
    assert(client !== undefined && client.index === record.connection, "nobody has that epoch");
    if (client.isClosed || kind === OUTBOUND_KIND.SENT) return;
    const isBegun = (record.flags & OUTBOUND_FLAG.BEGUN) !== 0;
    const begunBytes = isBegun ? this.wires.mend(client.index) : 0;
    if (isBegun) this.mended++;
    assert(this.wires.reclaim(client.index), "something goes before the rest of a packet");
    if (kind === OUTBOUND_KIND.LOGIN_ACCEPTED) {
      client.append(LOGIN_ANSWER, 0);
      client.isLive = true;
      return;
    }
    const { bytes } = this.consumer.slots;
    const rest = bytes.subarray(payloadOffset + begunBytes, payloadOffset + payloadBytes);
    client.append(rest, rest.length);
  }

  private laneWrites(fd: number, bytes: Uint8Array, offset: number, length: number): number {
    const client = this.clients.find((each) => each.descriptor === fd && !each.isClosed);
    assert(client !== undefined, "the lane writes to a descriptor that is closed");
    this.between(client);
    const taken = client.laneWrites(bytes.subarray(offset, offset + length));
    this.writes.push([length, taken]);
    if (taken === 0) throw Object.assign(new Error("full"), { code: "EAGAIN" });
    return taken;
  }

  private onAddSent(connection: number): void {
    const isHere = (client: WireClient): boolean => client.index === connection && !client.isClosed;
    this.between(this.writer.isOpen ? this.clients.find(isHere) : undefined);
  }
}

/** The lane has left the wire, and what it leaves behind is not in the window yet: the gate may come between. */
class WatchedProgress extends Progress {
  private readonly watch: (connection: number) => void;

  constructor(watch: (connection: number) => void) {
    super(createProgress(CONNECTIONS_MAX));
    this.watch = watch;
  }

  override addSent(connection: number, bytes: number): void {
    this.watch(connection);
    super.addSent(connection, bytes);
  }
}
