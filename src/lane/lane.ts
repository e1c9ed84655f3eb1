// One lane's turn: take a bounded batch, decide, log the inputs, release the answers (design §3). Lane thread; a test
// may run it in any.

import { assert } from "../base/assert.ts";
import type { Clock } from "../base/clock.ts";
import { type CounterWriter, LANE_COUNTERS } from "../memory/counters.ts";
import type { DoorbellButton } from "../memory/doorbell.ts";
import { INBOUND_KIND, InboundRecord } from "../memory/inbound-record.ts";
import type { LaneSignal } from "../memory/lane-signal.ts";
import type { LaneDescription } from "../memory/lane-worker-data.ts";
import type { Progress } from "../memory/progress.ts";
import { RING_EMPTY, RingConsumer } from "../memory/ring-consumer.ts";
import { RingProducer } from "../memory/ring-producer.ts";
import type { Wires, WriteToSocket } from "../memory/wires.ts";
import type { LaneTelemetry } from "../telemetry/lane-telemetry.ts";
import { BatchStamps } from "./batch-stamps.ts";
import { Delivery } from "./delivery.ts";
import type { InputLog } from "./input-log.ts";
import { LaneCore } from "./lane-core.ts";
import { LaneWatch } from "./lane-watch.ts";
import type { MakeVenue } from "./make-venue.ts";
import { OrderFacts } from "./order-facts.ts";
import { Outbox } from "./outbox.ts";
import type { SpillOptions } from "./outbox-spill.ts";
import { OWN_SLOT, OwnRecords } from "./own-records.ts";
import { StreamSwitch } from "./stream-switch.ts";
import { Unsequenced } from "./unsequenced.ts";
import { WireWriter } from "./wire-writer.ts";
import { WorkShare } from "./work-share.ts";

export interface LaneOptions {
  readonly laneIndex: number;
  readonly inbound: SharedArrayBuffer;
  readonly outbound: SharedArrayBuffer;
  readonly signal: LaneSignal;
  readonly progress: Progress;
  /** What the gate lends, and how to write to it. Undefined: the gate writes everything. */
  readonly wires?: { readonly words: Wires; readonly write: WriteToSocket } | undefined;
  readonly doorbell: DoorbellButton;
  readonly counters: CounterWriter;
  /** For stamps only. */
  readonly clock: Clock;
  readonly windowBytes: number;
  readonly batchMax: number;
  readonly outboxBytesMax: number;
  /** Where packets go that memory has no room for. Without it they must all fit. */
  readonly spill?: SpillOptions | undefined;
  /** Undefined: nothing is recorded. */
  readonly telemetry?: LaneTelemetry | undefined;
  readonly inputLog: InputLog;
  readonly makeVenue: MakeVenue;
  /** False in a replay: CONTINUE records then come with the recorded inputs. */
  readonly writesContinues: boolean;
}

/** What a recovery works on. */
export interface Rebuilt {
  readonly core: LaneCore;
  readonly outbox: Outbox;
  readonly unsequenced: Unsequenced;
}

/** A batch ends early when it has made this much work: its answers should not wait for more. */
const BATCH_OUTPUTS = 2048;

export class Lane {
  readonly core: LaneCore;

  private readonly inbound: RingConsumer;
  private readonly outbound: RingProducer;
  private readonly signal: LaneSignal;
  private readonly doorbell: DoorbellButton;
  private readonly counters: CounterWriter;
  private readonly clock: Clock;
  private readonly batchMax: number;
  private inputLog: InputLog;
  private writesContinues: boolean;
  private readonly outbox: Outbox;
  private readonly unsequenced = new Unsequenced();
  private readonly delivery: Delivery;
  private readonly writer: WireWriter | undefined;
  /** Undefined: nothing is recorded. */
  private readonly watch: LaneWatch | undefined;
  private readonly facts: OrderFacts | undefined;
  private readonly streams: StreamSwitch;
  private readonly stamps: BatchStamps;
  private readonly record = new InboundRecord();
  private readonly own = new OwnRecords();
  private isApplying = false;
  /** What the log said of its room when the batch began. */
  private isShort = false;
  /** Rebuilt, and not yet told that it was: nothing may come before that record. */
  private awaitsRecovered = false;
  private readonly share: WorkShare;
  private readonly halfInbound: number;
  /** The batch made room that the gate may be waiting for. */
  private hasMadeRoom = false;

  constructor(options: LaneOptions) {
    this.inbound = new RingConsumer(options.inbound);
    this.outbound = new RingProducer(options.outbound);
    this.signal = options.signal;
    this.doorbell = options.doorbell;
    this.counters = options.counters;
    this.clock = options.clock;
    this.batchMax = options.batchMax;
    this.inputLog = options.inputLog;
    this.writesContinues = options.writesContinues;
    this.halfInbound = this.inbound.slotCount >>> 1;
    this.share = new WorkShare(options.clock);
    this.stamps = new BatchStamps(options.batchMax);
    const { laneIndex, outboxBytesMax, spill, wires } = options;
    this.writer = wires && new WireWriter(this.outbound, wires.words, options.clock, wires.write);
    this.outbox = new Outbox({ lane: laneIndex, bytesMax: outboxBytesMax, spill });
    this.delivery = new Delivery(
      this.outbox,
      this.outbound,
      options.signal,
      options.progress,
      options.windowBytes,
      this.stamps,
      options.clock,
      options.counters,
      laneIndex,
      this.writer,
    );
    const { telemetry, clock } = options;
    this.watch = telemetry && new LaneWatch(telemetry, clock);
    this.facts = telemetry && new OrderFacts(telemetry);
    this.streams = new StreamSwitch(this.delivery);
    this.core = new LaneCore(
      this.outbox,
      this.unsequenced,
      this.streams,
      options.counters,
      options.makeVenue,
    );
    this.core.lookOn(this.facts);
  }

  /** Does what there is to do, within bounds. Returns how much that was; 0 = nothing until somebody wakes the lane. */
  turn(): number {
    // What an earlier batch could not hand over goes first; without room for it nothing more is taken (E13, E15).
    let done = this.isHandedOver ? 0 : this.handOver();
    let taken = 0;
    if (this.isHandedOver) {
      taken = this.takeBatch();
      done += taken + this.handOver();
      this.stamps.isOpen = false;
    }
    this.watch?.onHandOver(this.isHandedOver);
    this.publish();
    // Behind the doorbell: a slow disk holds up no answer of this turn.
    if (this.delivery.hasCold && this.isHandedOver) done += this.readBack(taken === 0);
    return done;
  }

  /** What is only in a file. Returns how much was done. */
  private readBack(isIdle: boolean): number {
    const { slowReads } = this.delivery;
    const startNs = this.clock.nowNs();
    const done = this.delivery.deliverCold(isIdle);
    if (this.delivery.slowReads !== slowReads) this.watch?.onSlowRead(startNs);
    this.publish();
    this.counters.set(LANE_COUNTERS.outboxReads, this.delivery.reads);
    this.counters.set(LANE_COUNTERS.outboxSlowReads, this.delivery.slowReads);
    return done;
  }

  private publish(): void {
    const { outbound } = this;
    const published = outbound.publish();
    const sent = this.writer?.takeSentCount() ?? 0;
    // What has been sent is for the gate's books, which it keeps in its own time: unless the ring fills up.
    const isForGate = published > sent || this.hasMadeRoom;
    if (isForGate || (sent > 0 && this.isGateNeeded)) this.ringDoorbell();
    this.hasMadeRoom = false;
  }

  /** The outbound ring fills up, or somebody waits for what the batch has made room for in the other one. */
  private get isGateNeeded(): boolean {
    const { outbound, signal } = this;
    return signal.isGateWaiting || outbound.usedSlots() * 2 >= outbound.slotCount;
  }

  /**
   * Before the first turn: `recovery` brings the lane to where its journal ends, and the log that it returns goes on
   * from there. When there were records, the next one must be RECOVERED.
   */
  rebuild<Log extends InputLog>(recovery: (parts: Rebuilt) => Log): Log {
    this.streams.isSilent = true;
    this.core.lookOn(undefined);
    const counted = LIVE_COUNTERS.map((index) => this.counters.get(index));
    const { core, outbox, unsequenced } = this;
    const log = recovery({ core, outbox, unsequenced });
    this.inputLog = log;
    this.streams.isSilent = false;
    this.core.lookOn(this.facts);
    LIVE_COUNTERS.forEach((index, place) => {
      this.counters.set(index, counted[place]!);
    });
    // Whoever looks how fast it grows must not take what was there already for new.
    this.countOutbox();
    this.awaitsRecovered = core.hasBegun;
    this.writesContinues = !core.hasBegun;
    return log;
  }

  /**
   * All recorded inputs have been taken, and the RECOVERED behind them: from here on the lane goes on with unfinished
   * work by itself.
   */
  endReplay(): void {
    this.writesContinues = true;
  }

  /** No turn follows. */
  close(): void {
    this.outbox.close();
  }

  /** The record that a turn broke on; undefined when it broke on something else. */
  get recordInHand(): InboundRecord | undefined {
    return this.isApplying ? this.record : undefined;
  }

  /** Between two turns. */
  describe(): LaneDescription {
    const { core, outbox, delivery } = this;
    return {
      waitsFor: this.waitsFor(),
      recordsWaiting: this.inbound.waitingSlots(),
      hasUnfinishedWork: core.hasWork(),
      isHandedOver: this.isHandedOver,
      isEverythingDelivered: delivery.isDone,
      ordersLive: core.state?.orders.liveCount ?? 0,
      dayPhase: core.dayPhase,
      isDiskShort: core.isDiskShort,
      eventNs: core.eventNs,
      packetsWritten: core.written,
      outboxBytes: outbox.usedBytes,
      outboxSpilledBytes: outbox.spilledBytes,
      ignoredMost: core.state?.accounts.ignoredMost() ?? [],
    };
  }

  private waitsFor(): string {
    if (!this.isHandedOver) return "room in the outbound ring";
    if (this.awaitsRecovered) return "main to tell it that it was rebuilt";
    if (this.core.hasWork()) return "nothing: it works";
    return this.delivery.isDone ? "records" : "clients to read, and records";
  }

  private get isHandedOver(): boolean {
    return this.unsequenced.isEmpty && this.delivery.isLiveDone;
  }

  /** Returns the records handled. */
  private takeBatch(): number {
    const { stamps } = this;
    const written = this.core.written;
    this.isShort = this.inputLog.isShort;
    let fromOutside = 0;
    let count = 0;
    this.share.beginBatch();
    while (count < this.batchMax && this.core.written - written < BATCH_OUTPUTS) {
      const offset = this.takeOne(fromOutside);
      if (offset === RING_EMPTY) break;
      const slots = offset === OWN_SLOT ? this.own.slots : this.inbound.slots;
      if (offset !== OWN_SLOT) fromOutside++;
      this.record.wrap(slots, offset === OWN_SLOT ? 0 : offset);
      if (count === 0) this.beginBatch();
      stamps.readNs[count] = this.record.readNs;
      stamps.inboundNs[count] = this.record.inboundNs;
      stamps.depths[count] = this.record.depth;
      if (this.awaitsRecovered) this.expectRecovered();
      this.isApplying = true;
      const isLogged = this.core.apply(this.record, slots, stamps.batch, count);
      this.isApplying = false;
      if (isLogged) {
        this.inputLog.append(slots, offset === OWN_SLOT ? 0 : offset, this.core.digest);
      }
      count++;
    }
    if (count > 0) this.endBatch(count, fromOutside);
    return count;
  }

  /** Offset of the next record: from the ring, or OWN_SLOT for unfinished work, or RING_EMPTY. */
  private takeOne(fromOutside: number): number {
    if (!this.unsequenced.canTake()) return RING_EMPTY;
    const { core, own } = this;
    if (this.mustTellShortage()) return own.writeShortage(core.eventNs, this.isShort);
    const hasOwn = this.writesContinues && core.hasWork();
    // In a replay, what makes room comes from the ring as well.
    const mayTake = !this.writesContinues || core.canTake();
    const next = mayTake ? this.inbound.peek() : RING_EMPTY;
    const isAwaited = next !== RING_EMPTY;
    if (this.share.takeTurn(hasOwn, fromOutside, isAwaited)) return own.writeContinue(core.eventNs);
    if (!isAwaited) return RING_EMPTY;
    if (this.isTimeUp(next)) return own.writeTick(this.record.eventNs, this.record.sinceNs);
    return this.inbound.take();
  }

  /**
   * The next request brings the time of orders that are over: they all go before it, a step's worth with each record. A
   * request expires no more than that by itself.
   */
  private isTimeUp(next: number): boolean {
    if (!this.writesContinues || !this.core.hasExpiries) return false;
    const { record } = this;
    record.wrap(this.inbound.slots, next);
    return record.kind === INBOUND_KIND.MESSAGE && this.core.isDue(record.eventNs);
  }

  private mustTellShortage(): boolean {
    if (this.isShort === this.core.isDiskShort) return false;
    return this.writesContinues && this.core.isConfigured;
  }

  private expectRecovered(): void {
    assert(this.record.kind === INBOUND_KIND.RECOVERED, "a rebuilt lane is not told that it was");
    this.awaitsRecovered = false;
    this.writesContinues = true;
  }

  private beginBatch(): void {
    this.stamps.batch = (this.stamps.batch + 1) | 0;
    this.stamps.isOpen = true;
    this.stamps.laneNs = this.clock.nowNs();
    this.facts?.onBatch(this.stamps.laneNs);
  }

  private endBatch(count: number, fromOutside: number): void {
    const { stamps, counters, core } = this;
    stamps.count = count;
    stamps.doneNs = this.clock.nowNs();
    this.inputLog.commit(core.digest);
    stamps.durableNs = this.clock.nowNs();
    this.releaseInbound(fromOutside);
    this.watch?.onBatch(stamps);

    counters.add(LANE_COUNTERS.batches, 1);
    this.countOutbox();
    core.state?.countTables();
  }

  private countOutbox(): void {
    const { counters, outbox } = this;
    counters.set(LANE_COUNTERS.outboxBytes, outbox.usedBytes);
    counters.set(LANE_COUNTERS.outboxSpilledBytes, outbox.spilledBytes);
    counters.set(LANE_COUNTERS.outboxRuns, outbox.runs);
    counters.set(LANE_COUNTERS.outboxSpillFailures, outbox.spillFailures);
  }

  /** Sockets that the gate paused for want of room go on at half a ring: a batch without answers must say so too. */
  private releaseInbound(fromOutside: number): void {
    const waiting = this.inbound.waitingSlots();
    const wasOverHalf = waiting + fromOutside > this.halfInbound;
    this.hasMadeRoom = wasOverHalf && waiting <= this.halfInbound;
    this.inbound.release();
  }

  /** Returns the records put into the outbound ring. */
  private handOver(): number {
    const { unsequenced, delivery, outbound, signal } = this;
    let done = unsequenced.releaseBefore(outbound, signal);
    if (done > 0) this.writer?.holdBack();
    // Nothing of the stream reaches a connection before its login is accepted.
    if (unsequenced.isNothingBefore) {
      done += delivery.deliverLive();
      if (delivery.isLiveDone) {
        done += delivery.deliverBacklog();
        done += unsequenced.releaseBehind(outbound, signal);
        const isDone = delivery.isDone && !this.core.hasWork();
        if (isDone) done += unsequenced.releaseCommandAnswers(outbound, signal);
      }
    }
    return done;
  }

  private ringDoorbell(): void {
    if (this.signal.shouldRing()) this.doorbell.ring();
  }
}

/** What clients asked for and were told in this process: a recovery asks and tells nobody. */
const LIVE_COUNTERS: readonly number[] = Object.entries(LANE_COUNTERS)
  .filter(([name]) =>
    /^(requests|ignored|undelivered|rejected|malformed|recordsStale|takeovers|loginAhead)/.test(
      name,
    ),
  )
  .map(([, index]) => index);
