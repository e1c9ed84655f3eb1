// What a lane does before it takes its place: it decides, journals and writes some thousands of orders that are nobody's,
// in memory of their own, to /dev/null and to a file that is thrown away, so that V8 has compiled the path of an order
// when the first real one comes. Without it the first second of trading has a P999 ten times that of the next
// (decision 0012). Lane thread, behind a short recovery and before the first record.

import type { Clock } from "../base/clock.ts";
import { realFiles } from "../journal/files.ts";
import { SPILL_NAME, STORE_NAME, segmentPath } from "../journal/journal-names.ts";
import { JOURNAL_START } from "../journal/journal-position.ts";
import { JournalWriter, type JournalWriterOptions } from "../journal/journal-writer.ts";
import { AttachPayload } from "../memory/attach-payload.ts";
import { CounterWriter, createCounters, LANE_COUNTERS } from "../memory/counters.ts";
import { joinDoorbell } from "../memory/doorbell.ts";
import { INBOUND_KIND, InboundRecord } from "../memory/inbound-record.ts";
import { createJournalBlock, JournalBlock } from "../memory/journal-block.ts";
import {
  LANE_BEHAVIOUR_VERSION,
  type LaneConfig,
  type LaneVenueConfig,
  laneConfigPieces,
  publishLaneConfig,
} from "../memory/lane-config.ts";
import { createLaneSignal, LaneSignal } from "../memory/lane-signal.ts";
import { OUTBOUND_KIND, OutboundRecord } from "../memory/outbound-record.ts";
import { createProgress, Progress } from "../memory/progress.ts";
import { RING_EMPTY, RingConsumer } from "../memory/ring-consumer.ts";
import { createRing } from "../memory/ring-layout.ts";
import { RingProducer } from "../memory/ring-producer.ts";
import { createWires, Wires, writeToSocket } from "../memory/wires.ts";
import { LaneTelemetry } from "../telemetry/lane-telemetry.ts";
import { createLaneTelemetryMemory } from "../telemetry/telemetry-memory.ts";
import { NoInputLog } from "./input-log.ts";
import { JournalWatch } from "./journal-watch.ts";
import { Lane } from "./lane.ts";
import { makeVenue } from "./make-venue.ts";
import { REQUESTS_PER_ROUND, writeWarmUpRequest } from "./warm-up-requests.ts";

export interface WarmUpOptions {
  /** About so many; 0 = none. */
  readonly requests: number;
  readonly config: LaneConfig;
  readonly durability: JournalWriterOptions["durability"] | "none";
  readonly hasTelemetry: boolean;
  readonly batchMax: number;
  readonly windowBytes: number;
  readonly clock: Clock;
  /** Called now and then: sleeps for some ten milliseconds. */
  readonly rest: () => void;
  /** For a journal; the caller's to remove. */
  readonly directory: string;
  /** Of the directory. A disk would make a journal that syncs take seconds: without memory it only writes. */
  readonly isInMemory: boolean;
  /** A descriptor of /dev/null. */
  readonly nowhere: number;
}

const ACCOUNTS = 8;
const SLOTS = 1024;
const ORDERS_MAX = 16_384;
const INSTRUMENTS_MAX = 64;
const OUTBOX_BYTES_MIN = 2 ** 20;
/** More than a request's answers take. */
const OUTBOX_BYTES_PER_REQUEST = 512;
const SEGMENT_BYTES = 2 ** 20;
const EVENT_NS = 34_200e9;
const BATCHES_PER_TICK = 10;
/** So often a wire goes back to the gate: the way through the ring is to be fast, too. */
const DRAINS_PER_LOSS = 3;
const NOBODY = -1;
/**
 * What is done once per batch is to be compiled, too: most are small, as in life. Their sum and count have no factor in
 * common with REQUESTS_PER_ROUND and BATCHES_PER_TICK, or a batch of one would only ever be of one kind.
 */
const BATCH_SIZES = [1, 2, 1, 4, 1, 1, 2, 1, 16];
/** V8 compiles on one thread for all others: without rests a lane is through before half of it is done. */
const REQUESTS_PER_REST = 4_000;

/** What is left of a rehearsal. */
export interface Rehearsed {
  /** Messages that the lane answered with. */
  readonly answers: number;
  /**
   * To be kept until a real lane has its state: V8 forgets the shape of objects when the last of them is collected, and
   * with it all code that was compiled for it.
   */
  readonly lane: Lane;
}

/** Undefined: nothing was to be rehearsed. */
export function warmUpLane(options: WarmUpOptions): Rehearsed | undefined {
  if (options.requests === 0) return undefined;
  const rehearsal = new Rehearsal(options);
  try {
    return { answers: rehearsal.run(options.requests), lane: rehearsal.lane };
  } finally {
    rehearsal.close();
  }
}

class Rehearsal {
  private readonly options: WarmUpOptions;
  readonly lane: Lane;
  private readonly inbound: RingProducer;
  private readonly outbound: RingConsumer;
  private readonly signal = new LaneSignal(createLaneSignal());
  private readonly progress = new Progress(createProgress(ACCOUNTS));
  private readonly wires = new Wires(createWires(ACCOUNTS));
  private readonly block = new JournalBlock(createJournalBlock());
  private readonly counters = new CounterWriter(createCounters(LANE_COUNTERS));
  private writer: JournalWriter | undefined;
  private segment = 0;
  private drains = 0;
  private readonly record = new InboundRecord();
  private readonly answer = new OutboundRecord();

  constructor(options: WarmUpOptions) {
    const { clock, batchMax, windowBytes, hasTelemetry, config, durability, directory } = options;
    this.options = options;
    const inbound = createRing(SLOTS);
    const outbound = createRing(SLOTS);
    const telemetry = hasTelemetry
      ? new LaneTelemetry(createLaneTelemetryMemory(), config.lane)
      : undefined;
    this.inbound = new RingProducer(inbound);
    this.outbound = new RingConsumer(outbound);
    this.lane = new Lane({
      laneIndex: config.lane,
      inbound,
      outbound,
      signal: this.signal,
      progress: this.progress,
      wires: { words: this.wires, write: writeToSocket },
      doorbell: joinDoorbell({ kind: "fifo", descriptor: options.nowhere }),
      counters: this.counters,
      clock,
      windowBytes,
      batchMax,
      outboxBytesMax: OUTBOX_BYTES_MIN + options.requests * OUTBOX_BYTES_PER_REQUEST,
      spill:
        durability === "none"
          ? undefined
          : {
              files: realFiles,
              path: `${directory}/${SPILL_NAME}`,
              storePath: `${directory}/${STORE_NAME}`,
            },
      telemetry,
      inputLog: new NoInputLog(),
      makeVenue,
      writesContinues: true,
    });
    if (durability !== "none") this.openJournal(durability, telemetry);
  }

  run(requests: number): number {
    this.configure();
    for (let account = 0; account < ACCOUNTS; account++) this.attach(account);
    this.turn();
    let batch = 0;
    const { rest } = this.options;
    let restAt = REQUESTS_PER_REST;
    for (let sent = 0; sent < requests; ) {
      if (sent >= restAt) {
        restAt += REQUESTS_PER_REST;
        rest();
      }
      const batchSize = BATCH_SIZES[batch++ % BATCH_SIZES.length]!;
      for (let index = 0; index < batchSize; index++) this.request(sent++);
      if (batch % BATCHES_PER_TICK === 0) this.start(INBOUND_KIND.TICK, NOBODY);
      this.turn();
    }
    return this.counters.get(LANE_COUNTERS.outputs);
  }

  close(): void {
    this.writer?.close();
    this.lane.close();
    // Nobody closes what a lane has opened when its thread ends (trackUnmanagedFds).
    while (this.block.stagedWaiting > 0) realFiles.close(this.block.takeBack());
  }

  private openJournal(
    durability: JournalWriterOptions["durability"],
    telemetry: LaneTelemetry | undefined,
  ): void {
    const { clock, config, directory, isInMemory } = this.options;
    this.stage();
    this.writer = new JournalWriter({
      files: realFiles,
      laneDirectory: directory,
      lane: config.lane,
      session: config.session,
      build: "",
      behaviourVersion: LANE_BEHAVIOUR_VERSION,
      incarnation: 1,
      durability: isInMemory ? durability : "process-crash",
      block: this.block,
      position: JOURNAL_START,
      clock,
      times: telemetry && new JournalWatch(telemetry),
      onWaiting: () => this.stage(),
    });
    const { writer } = this;
    this.lane.rebuild(() => writer);
  }

  private stage(): void {
    while (this.block.canHandOver) {
      this.segment++;
      const descriptor = realFiles.open(segmentPath(this.options.directory, this.segment), true);
      realFiles.truncate(descriptor, SEGMENT_BYTES);
      this.block.handOver(this.segment, descriptor);
    }
  }

  private configure(): void {
    const { config } = this.options;
    const { kind, instruments } = config.venue;
    const few: LaneVenueConfig = {
      kind,
      instruments: instruments === "*" ? instruments : instruments.slice(0, INSTRUMENTS_MAX),
      instrumentsMax: INSTRUMENTS_MAX,
      ordersMax: ORDERS_MAX,
    };
    const pieces = laneConfigPieces({ ...config, venue: few });
    for (let index = 0; index < pieces.length; ) {
      index = publishLaneConfig(this.inbound, pieces, index, EVENT_NS);
      this.turn();
    }
  }

  private attach(account: number): void {
    const record = this.start(INBOUND_KIND.ATTACH, account);
    const payload = new AttachPayload().wrap(this.inbound.slots.bytes, record.payloadOffset);
    record.payloadBytes = payload.write(`WARM${account}`, ["WARM"], false, "", 1);
  }

  private request(number: number): void {
    const { venue } = this.options.config;
    const account = Math.trunc(number / REQUESTS_PER_ROUND) % ACCOUNTS;
    const round = Math.trunc(number / REQUESTS_PER_ROUND / ACCOUNTS);
    const record = this.start(INBOUND_KIND.MESSAGE, account);
    const { view } = this.inbound.slots;
    const place = number % REQUESTS_PER_ROUND;
    const { instruments } = venue;
    const count = instruments === "*" ? 0 : Math.min(instruments.length, INSTRUMENTS_MAX);
    const instrument = instruments === "*" ? undefined : instruments[round % count];
    record.payloadBytes = writeWarmUpRequest(view, record.payloadOffset, round, place, instrument);
  }

  private start(kind: number, account: number): InboundRecord {
    const record = this.record.wrap(this.inbound.slots, this.inbound.claim(0));
    record.start(kind, account, account + 1);
    const nowNs = this.options.clock.nowNs();
    record.eventNs = EVENT_NS;
    record.sinceNs = nowNs;
    record.readNs = nowNs;
    record.inboundNs = nowNs;
    return record;
  }

  private turn(): void {
    this.inbound.publish();
    let work = 1;
    while (work > 0) work = this.lane.turn() + this.drain();
  }

  /** The gate's part: it takes what came by the ring, and lends the wires again. */
  private drain(): number {
    const { outbound, answer, progress, signal, wires } = this;
    const { nowhere } = this.options;
    signal.clearDoorbell();
    let count = 0;
    for (let offset = outbound.take(); offset !== RING_EMPTY; offset = outbound.take()) {
      const { kind, connection, epoch, payloadBytes } = answer.wrap(outbound.slots, offset);
      count++;
      if (kind !== OUTBOUND_KIND.SEQUENCED && kind !== OUTBOUND_KIND.LOGIN_ACCEPTED) continue;
      if (kind === OUTBOUND_KIND.SEQUENCED) progress.addTaken(connection, payloadBytes);
      if (progress.inFlight(connection) === 0) wires.lend(connection, nowhere, epoch);
    }
    outbound.release();
    signal.clearRingStarved();
    if (++this.drains % DRAINS_PER_LOSS === 0) wires.takeBack(this.drains % ACCOUNTS);
    return count;
  }
}
