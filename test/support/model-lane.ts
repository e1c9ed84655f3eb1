// A lane with its rings, its log and its sleep, in the thread of the model. It sleeps as lane-loop.ts does, but never
// wakes by a time-out: whoever has something for it must say so.

import assert from "node:assert/strict";
import type { Clock } from "../../src/base/clock.ts";
import type { LaneLink } from "../../src/gate/inbound-lane.ts";
import type { InputLog } from "../../src/lane/input-log.ts";
import { Lane, type LaneOptions } from "../../src/lane/lane.ts";
import { type MakeVenue, makeVenue } from "../../src/lane/make-venue.ts";
import {
  CounterReader,
  CounterWriter,
  createCounters,
  LANE_COUNTERS,
} from "../../src/memory/counters.ts";
import { INBOUND_KIND, InboundRecord } from "../../src/memory/inbound-record.ts";
import {
  type LaneConfig,
  laneConfigPieces,
  publishLaneConfig,
} from "../../src/memory/lane-config.ts";
import { createLaneSignal, LaneSignal } from "../../src/memory/lane-signal.ts";
import { OUTBOUND_KIND, OutboundRecord } from "../../src/memory/outbound-record.ts";
import type { Progress } from "../../src/memory/progress.ts";
import { RING_EMPTY, RingConsumer } from "../../src/memory/ring-consumer.ts";
import { createRing, HEAD, slotOffset, startRingAt, TAIL } from "../../src/memory/ring-layout.ts";
import { RING_FULL, RingProducer } from "../../src/memory/ring-producer.ts";
import { SLOT_BYTES, type SlotMemory } from "../../src/memory/slot-memory.ts";
import { BookVenue } from "../../src/venue/book/book-venue.ts";
import type { VenueOptions } from "../../src/venue/venue.ts";
import type { CrashJournal } from "./crash-journal.ts";
import { ModelStreams } from "./model-stream.ts";
import { readPacket } from "./outbox-twin.ts";

/** The process dies here. */
export class Cut extends Error {}

/** A journal in memory. Knows the digest behind every record, and dies at one of them if it is told to. */
export class ModelLog implements InputLog {
  readonly isShort = false;
  readonly slots: Buffer[] = [];
  readonly digests: string[] = [];
  /** Records of whole batches; outputs leave only behind them. */
  committed = 0;
  /** Dies when it has so many records. */
  cutAt = Number.POSITIVE_INFINITY;
  lane: Lane | undefined = undefined;
  /** A login was accepted. */
  onAttach: (epoch: number) => void = () => undefined;
  private readonly record = new InboundRecord();
  private latestEventNs = 0;

  append(slots: SlotMemory, offset: number): void {
    this.slots.push(Buffer.from(slots.bytes.subarray(offset, offset + SLOT_BYTES)));
    this.digests.push(this.lane?.core.digest.hex() ?? "");
    this.look(slots, offset);
    if (this.slots.length >= this.cutAt) throw new Cut();
  }
  commit(): void {
    this.committed = this.slots.length;
  }

  /** What a process that died left of it. */
  keep(count: number): void {
    this.slots.length = count;
    this.digests.length = count;
    this.committed = count;
    this.cutAt = Number.POSITIVE_INFINITY;
    this.latestEventNs = 0;
  }

  private look(slots: SlotMemory, offset: number): void {
    const record = this.record.wrap(slots, offset);
    const { kind, eventNs, sinceNs, readNs, inboundNs } = record;
    if (kind === INBOUND_KIND.ATTACH) this.onAttach(record.epoch);
    assert(eventNs >= this.latestEventNs, "event time goes back");
    this.latestEventNs = eventNs;
    if (kind !== INBOUND_KIND.MESSAGE) return;
    assert(sinceNs <= readNs && readNs <= inboundNs, "stamps of a message are out of order");
  }
}

const OUTBOX_BYTES = 8 * 2 ** 20;
const OUTBOX_BYTES_WITH_SPILL = 256 * 2 ** 10;

/** Of packets that are looked at: one in so many. */
const SAMPLE = 5;

export interface ModelLaneOptions {
  readonly index: number;
  readonly inboundSlots: number;
  readonly outboundSlots: number;
  readonly firstSequence: number;
  readonly batchMax: number;
  readonly windowBytes: number;
  readonly venueHeldMax: number;
  readonly progress: Progress;
  readonly wires?: LaneOptions["wires"];
  readonly clock: Clock;
  readonly log: ModelLog;
  /** The gate has not come to the end of its turn. */
  readonly isGateReading?: () => boolean;
  /** A replay of what the log holds; without it the lane gets this configuration. */
  readonly config: LaneConfig | undefined;
  /** Where the lane's records really are; then it begins with what is there, and with `config` when nothing is. */
  readonly journal?: CrashJournal | undefined;
  /** False: CONTINUE records come with the others. True unless it is a replay. */
  readonly writesContinues?: boolean;
}

export class ModelLane {
  readonly lane: Lane;
  readonly link: LaneLink;
  readonly streams: ModelStreams;
  readonly log: ModelLog;
  /** The lane has rung, and the gate does not know yet. */
  isRinging = false;
  isAsleep = false;
  private readonly inbound: SharedArrayBuffer;
  private readonly producer: RingProducer;
  private readonly outbound: RingConsumer;
  private readonly signal = new LaneSignal(createLaneSignal());
  private readonly counters: CounterReader;
  private readonly journal: CrashJournal | undefined;
  private readonly isGateReading: () => boolean;
  private wake = 0;

  constructor(options: ModelLaneOptions) {
    const { index, log, venueHeldMax, config, journal } = options;
    this.journal = journal;
    this.isGateReading = options.isGateReading ?? (() => false);
    this.inbound = createRing(options.inboundSlots);
    const outbound = createRing(options.outboundSlots);
    startRingAt(this.inbound, options.firstSequence);
    startRingAt(outbound, options.firstSequence);
    const counters = createCounters(LANE_COUNTERS);
    this.counters = new CounterReader(counters);
    this.log = log;
    const makeSmallVenue: MakeVenue = (laneConfig, orders, sink) => {
      const { instrumentsMax, ordersMax } = laneConfig.venue;
      const { outputsPerStepMax } = laneConfig;
      const venue: VenueOptions = { orders, sink, instrumentsMax, ordersMax, outputsPerStepMax };
      return new BookVenue(venue, venueHeldMax);
    };
    const laneOptions: LaneOptions = {
      laneIndex: index,
      inbound: this.inbound,
      outbound,
      signal: this.signal,
      progress: options.progress,
      wires: options.wires,
      doorbell: {
        ring: () => {
          assert(!this.isRinging, "the lane rings twice");
          this.isRinging = true;
        },
      },
      counters: new CounterWriter(counters),
      clock: options.clock,
      windowBytes: options.windowBytes,
      batchMax: options.batchMax,
      outboxBytesMax: journal === undefined ? OUTBOX_BYTES : OUTBOX_BYTES_WITH_SPILL,
      spill: journal?.spill,
      inputLog: log,
      // A keeper rebuilds lanes with the usual venue.
      makeVenue: journal === undefined ? makeSmallVenue : makeVenue,
      writesContinues: options.writesContinues ?? config !== undefined,
    };
    this.lane = new Lane(laneOptions);
    log.lane = this.lane;
    this.streams = new ModelStreams(this.lane);
    this.producer = new RingProducer(this.inbound);
    this.outbound = new RingConsumer(outbound);
    if (journal !== undefined) this.rebuild(journal, laneOptions);
    if (config === undefined) this.replay();
    else if (!this.lane.core.isConfigured) this.configure(config);
    // The gate's own ends begin where these have stopped.
    this.link = {
      inbound: new RingProducer(this.inbound),
      outbound: new RingConsumer(outbound),
      signal: this.signal,
    };
  }

  /** Records that the gate must be told of: what was sent already can wait. */
  urgentRecords(): number {
    const { slots, slotCount } = this.outbound;
    const record = new OutboundRecord();
    let count = 0;
    const tail = Atomics.load(slots.words, TAIL);
    for (let at = Atomics.load(slots.words, HEAD); at !== tail; at = (at + 1) | 0) {
      const { kind } = record.wrap(slots, slotOffset(at, slotCount - 1));
      if (kind !== OUTBOUND_KIND.SENT) count++;
    }
    return count;
  }

  /** One turn, as the lane's loop has it: 0 = it sleeps. */
  step(): number {
    if (this.isAsleep && !this.isWoken()) {
      this.checkSleep();
      return 0;
    }
    const done = this.turn();
    if (done > 0) return done;
    this.wake = this.signal.announcePark();
    const late = this.turn();
    if (late > 0) this.signal.cancelPark();
    else this.isAsleep = true;
    return late;
  }

  private turn(): number {
    const done = this.lane.turn();
    // With a spill, what is not read at once may be in a file afterwards.
    if (this.journal !== undefined) this.streams.readAll();
    return done;
  }

  /** A lane that sleeps while nothing waits for the gate has nothing to do itself. */
  private checkSleep(): void {
    if (this.isRinging || this.link.outbound.waitingSlots() > 0 || this.isGateReading()) return;
    assert.equal(this.lane.turn(), 0, "nobody woke the lane, and there was something to do");
  }

  private isWoken(): boolean {
    if (this.signal.announcePark() === this.wake) return false;
    this.signal.cancelPark();
    this.isAsleep = false;
    return true;
  }

  count(name: keyof typeof LANE_COUNTERS): number {
    return this.counters.read(LANE_COUNTERS[name]);
  }

  private configure(config: LaneConfig): void {
    if (this.lane.core.hasBegun) publishRecovered(this.producer, 0);
    const pieces = laneConfigPieces(config);
    for (let index = 0; index < pieces.length; ) {
      index = publishLaneConfig(this.producer, pieces, index, 0);
      while (this.lane.turn() > 0);
    }
  }

  /** From the journal; and once more from every record of it alone, which must come to the same. */
  private rebuild(journal: CrashJournal, laneOptions: LaneOptions): void {
    const { lane, log, streams } = this;
    const digests = log.digests.slice();
    const { records } = journal.rebuild(lane, log);
    assert.equal(lane.core.digest.hex(), digests[records - 1] ?? lane.core.digest.hex());
    const other = new Lane({
      ...laneOptions,
      inbound: createRing(8),
      outbound: createRing(8),
      counters: new CounterWriter(createCounters(LANE_COUNTERS)),
      outboxBytesMax: OUTBOX_BYTES,
      spill: undefined,
    });
    assert.equal(journal.replayAll(other).records, records);
    assert.equal(lane.core.digest.hex(), other.core.digest.hex(), "the checkpoint tells otherwise");
    streams.beginWith(new ModelStreams(other));
    this.checkOutbox();
  }

  /** What a checkpoint says is in a file is there, and nothing else. */
  private checkOutbox(): void {
    const { accounts, outbox } = this.lane.core.state ?? {};
    if (accounts === undefined || outbox === undefined) return;
    for (let number = 0; number < accounts.count; number++) {
      const packets = this.streams.packets(accounts.at(number).name);
      assert.equal(outbox.nextSequence(number), packets.length + 1);
      for (let place = number % SAMPLE; place < packets.length; place += SAMPLE) {
        const packet = readPacket(outbox, number, place + 1);
        assert(packets[place]?.equals(packet), `packet ${place + 1} of account ${number}`);
      }
    }
  }

  /** Gives the lane everything that its log holds. */
  private replay(): void {
    const { log } = this;
    const recorded = log.slots.slice();
    const digests = log.digests.slice();
    log.keep(0);
    for (const slot of recorded) {
      let offset = this.producer.claim(0);
      while (offset === RING_FULL) {
        assert(this.turnAlone() > 0, "the replay stands still");
        offset = this.producer.claim(0);
      }
      slot.copy(this.producer.slots.bytes, offset);
      this.producer.publish();
    }
    while (this.turnAlone() > 0);
    assert.equal(this.producer.usedSlots(), 0, "the replay does not take all records");
    const other = recorded.findIndex((slot, place) => log.slots[place]?.equals(slot) !== true);
    assert.equal(
      other,
      -1,
      `the replay does not log record ${other}, of kind ${recorded[other]?.[0]}`,
    );
    const odd = digests.findIndex((text, place) => log.digests[place] !== text);
    assert.equal(
      odd,
      -1,
      `the replay answers record ${odd}, of kind ${recorded[odd]?.[0]}, differently`,
    );
    this.isRinging = false;
    this.signal.clearDoorbell();
  }

  /**
   * Ends a replay. Whoever was attached is so until the lane has handled RECOVERED: before that nothing may go on by
   * itself, or answers to a dead connection would meet a new one of the same number.
   */
  recover(eventNs: number): void {
    publishRecovered(this.link.inbound, eventNs);
    while (this.lane.turn() > 0);
    this.forgetAnswers();
    this.lane.endReplay();
  }

  /** What slow readers held up in the replay leaves with them, and whoever asked is gone too. */
  private forgetAnswers(): void {
    const { outbound } = this.link;
    const answer = new OutboundRecord();
    for (let offset = outbound.take(); offset !== RING_EMPTY; offset = outbound.take()) {
      const { kind } = answer.wrap(outbound.slots, offset);
      assert.equal(kind, OUTBOUND_KIND.COMMAND_ANSWER, "a recovery has something to say");
    }
    outbound.release();
    this.isRinging = false;
    this.signal.clearDoorbell();
  }

  private turnAlone(): number {
    let done = this.lane.turn();
    while (this.outbound.take() !== RING_EMPTY) done++;
    this.outbound.release();
    this.signal.clearRingStarved();
    return done;
  }
}

function publishRecovered(ring: RingProducer, eventNs: number): void {
  const offset = ring.claim(0);
  assert(offset !== RING_FULL);
  const record = new InboundRecord().wrap(ring.slots, offset).start(INBOUND_KIND.RECOVERED, -1, 0);
  record.flags = 0;
  record.payloadBytes = 0;
  record.eventNs = eventNs;
  ring.publish();
}
