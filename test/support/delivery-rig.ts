// A delivery with its outbox and its ring, in this thread: packets are written by their numbers alone, and what arrives
// is compared with what those numbers give. The gate and the kernel are played by hand.

import assert from "node:assert/strict";
import { BatchStamps } from "../../src/lane/batch-stamps.ts";
import { Delivery } from "../../src/lane/delivery.ts";
import { Outbox } from "../../src/lane/outbox.ts";
import type { SpillOptions } from "../../src/lane/outbox-spill.ts";
import { CounterWriter, createCounters, LANE_COUNTERS } from "../../src/memory/counters.ts";
import { createLaneSignal, LaneSignal } from "../../src/memory/lane-signal.ts";
import { OutboundRecord } from "../../src/memory/outbound-record.ts";
import { createProgress, Progress } from "../../src/memory/progress.ts";
import { RING_EMPTY, RingConsumer } from "../../src/memory/ring-consumer.ts";
import { createRing } from "../../src/memory/ring-layout.ts";
import { RingProducer } from "../../src/memory/ring-producer.ts";
import { ManualClock } from "./manual-clock.ts";

const ACCOUNTS_MAX = 64;

export interface DeliveryRigOptions {
  readonly bytesMax: number;
  readonly windowBytes: number;
  readonly slots: number;
  readonly spill?: SpillOptions | undefined;
}

export class DeliveryRig {
  readonly outbox: Outbox;
  readonly delivery: Delivery;
  readonly clock = new ManualClock();
  readonly progress = new Progress(createProgress(ACCOUNTS_MAX));
  readonly signal = new LaneSignal(createLaneSignal());
  /** Per account: the number that must arrive next. */
  readonly expected = new Float64Array(ACCOUNTS_MAX);
  private readonly windowBytes: number;
  private readonly producer: RingProducer;
  private readonly consumer: RingConsumer;
  private readonly record = new OutboundRecord();
  private readonly packet = Buffer.alloc(256);

  constructor({ bytesMax, windowBytes, slots, spill }: DeliveryRigOptions) {
    const ring = createRing(slots);
    this.producer = new RingProducer(ring);
    this.consumer = new RingConsumer(ring);
    this.windowBytes = windowBytes;
    this.outbox = new Outbox({ lane: 0, bytesMax, spill });
    const { outbox, producer, signal, progress, clock } = this;
    const stamps = new BatchStamps(1);
    const counters = new CounterWriter(createCounters(LANE_COUNTERS));
    this.delivery = new Delivery(
      outbox,
      producer,
      signal,
      progress,
      windowBytes,
      stamps,
      clock,
      counters,
      0,
    );
  }

  write(account: number): void {
    const { outbox } = this;
    outbox.begin(account);
    const bytes = this.fill(account, outbox.nextSequence(account));
    this.packet.copy(outbox.memory.bytes, outbox.packetOffset, 0, bytes);
    outbox.end(account, bytes);
    this.delivery.onWritten(account, 0);
  }

  /** On the connection of the account's own number. */
  attach(account: number, sequence: number, epoch: number): void {
    this.expected[account] = sequence;
    const taken = this.progress.taken(account);
    this.delivery.onAttached(account, account, epoch, sequence, taken);
  }

  /** A lane's turn, as far as delivery goes. */
  turn(isIdle: boolean): number {
    const { delivery, producer } = this;
    let done = delivery.deliverLive();
    if (delivery.isLiveDone) done += delivery.deliverBacklog();
    producer.publish();
    if (delivery.hasCold && delivery.isLiveDone) done += delivery.deliverCold(isIdle);
    producer.publish();
    return done;
  }

  /** The gate takes everything; the kernel as well, unless it is deaf. Returns the packets. */
  drain(isDeaf = false): number {
    const { consumer, record, progress } = this;
    let count = 0;
    for (let offset = consumer.take(); offset !== RING_EMPTY; offset = consumer.take()) {
      record.wrap(consumer.slots, offset);
      const { account, payloadBytes, payloadOffset } = record;
      const sequence = this.expected[account] ?? 0;
      const bytes = this.fill(account, sequence);
      const found = consumer.slots.bytes;
      const isSame =
        payloadBytes === bytes &&
        this.packet.compare(found, payloadOffset, payloadOffset + bytes, 0, bytes) === 0;
      assert(isSame, `packet ${sequence} of account ${account}`);
      assert(progress.inFlight(account) <= this.windowBytes, "more than a window is in flight");
      this.expected[account] = sequence + 1;
      if (!isDeaf) this.take(account, payloadBytes);
      count++;
    }
    consumer.release();
    this.signal.clearRingStarved();
    return count;
  }

  take(account: number, bytes: number): void {
    this.progress.addTaken(account, bytes);
    // The gate says so at half a window; whoever always says so must not lose anything either.
    if (this.progress.clearStarved(account)) this.signal.addCredit();
  }

  /** The packet's bytes, into the scratch packet. Returns how many. */
  private fill(account: number, sequence: number): number {
    const bytes = 40 + ((sequence * 7 + account) % 90);
    this.packet.fill(sequence & 0xff, 0, bytes);
    this.packet.writeUInt32LE(account, 0);
    this.packet.writeDoubleLE(sequence, 4);
    return bytes;
  }
}
