// The deterministic part of a lane alone, fed with recorded inputs: nothing is delivered, nothing continues by itself.
// It can be saved at any record and restored into another one.

import { MemoryStateWriter } from "../../src/journal/state-memory.ts";
import type { Saved } from "../../src/journal/state-stream.ts";
import { LaneCore } from "../../src/lane/lane-core.ts";
import { type MakeVenue, makeVenue } from "../../src/lane/make-venue.ts";
import { Outbox } from "../../src/lane/outbox.ts";
import type { Streams } from "../../src/lane/streams.ts";
import { Unsequenced } from "../../src/lane/unsequenced.ts";
import { CounterWriter, createCounters, LANE_COUNTERS } from "../../src/memory/counters.ts";
import { InboundRecord } from "../../src/memory/inbound-record.ts";
import { createLaneSignal, LaneSignal } from "../../src/memory/lane-signal.ts";
import { RING_EMPTY, RingConsumer } from "../../src/memory/ring-consumer.ts";
import { createRing } from "../../src/memory/ring-layout.ts";
import { RingProducer } from "../../src/memory/ring-producer.ts";
import { SLOT_BYTES, SlotMemory } from "../../src/memory/slot-memory.ts";
import type { VenueOptions } from "../../src/venue/venue.ts";
import { LateVenue } from "./late-venue.ts";

const NOBODY: Streams = {
  onAttached() {},
  onDetached() {},
  onClosing() {},
  onWritten() {},
  onHeld() {},
};
const OUTBOX_BYTES = 4 * 2 ** 20;

/** A venue that answers later, before the one that the configuration asks for. */
export const makeLateVenue: MakeVenue = (config, orders, sink) => {
  const { outputsPerStepMax } = config;
  const options: VenueOptions = { ...config.venue, orders, sink, outputsPerStepMax };
  return new LateVenue(options, () => makeVenue(config, orders, sink));
};

const saved = (part: Saved): MemoryStateWriter => {
  const out = new MemoryStateWriter();
  part.save(out);
  return out;
};

export class BareLane {
  readonly core: LaneCore;
  readonly outbox = new Outbox({ lane: 0, bytesMax: OUTBOX_BYTES });
  private readonly venueMaker: MakeVenue;
  private readonly unsequenced = new Unsequenced();
  private readonly slots = new SlotMemory(new ArrayBuffer(SLOT_BYTES));
  private readonly record = new InboundRecord();
  private readonly unheard: RingProducer;
  private readonly unheardEnd: RingConsumer;
  private readonly signal = new LaneSignal(createLaneSignal());

  constructor(venueMaker: MakeVenue = makeVenue) {
    this.venueMaker = venueMaker;
    const ring = createRing(64);
    this.unheard = new RingProducer(ring);
    this.unheardEnd = new RingConsumer(ring);
    const counters = new CounterWriter(createCounters(LANE_COUNTERS));
    this.core = new LaneCore(this.outbox, this.unsequenced, NOBODY, counters, venueMaker);
  }

  /** One recorded input. True when it belongs in the journal. */
  apply(slot: Buffer): boolean {
    slot.copy(this.slots.bytes);
    const isLogged = this.core.apply(this.record.wrap(this.slots, 0), this.slots, 0, 0);
    this.discardUnsequenced();
    return isLogged;
  }

  /** What a checkpoint would hold: the lane, and every packet of its outbox. */
  saved(): Buffer {
    return Buffer.concat([saved(this.core).bytes(), saved(this.outbox).bytes()]);
  }

  /** Another lane that stands where this one stands. */
  restored(): BareLane {
    const other = new BareLane(this.venueMaker);
    other.core.restore(saved(this.core).toReader());
    other.outbox.restore(saved(this.outbox).toReader());
    return other;
  }

  private discardUnsequenced(): void {
    const { unsequenced, unheard, unheardEnd, signal } = this;
    unsequenced.releaseBefore(unheard, signal);
    unsequenced.releaseBehind(unheard, signal);
    unsequenced.releaseCommandAnswers(unheard, signal);
    unheard.publish();
    while (unheardEnd.take() !== RING_EMPTY);
    unheardEnd.release();
  }
}
