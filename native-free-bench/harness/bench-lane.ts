// A lane for benches, ring to ring and without a gate: records go in as the gate writes them, answers come out, and
// credit goes back. Makes no garbage of its own.

import { startClock } from "../../src/base/clock.ts";
import { type InputLog, NoInputLog } from "../../src/lane/input-log.ts";
import { Lane } from "../../src/lane/lane.ts";
import { makeVenue } from "../../src/lane/make-venue.ts";
import type { SpillOptions } from "../../src/lane/outbox-spill.ts";
import { ATTACH_PAYLOAD_BYTES_MAX, AttachPayload } from "../../src/memory/attach-payload.ts";
import {
  CounterReader,
  CounterWriter,
  createCounters,
  LANE_COUNTERS,
} from "../../src/memory/counters.ts";
import { INBOUND_KIND, InboundRecord } from "../../src/memory/inbound-record.ts";
import {
  LANE_BEHAVIOUR_VERSION,
  laneConfigPieces,
  publishLaneConfig,
} from "../../src/memory/lane-config.ts";
import { createLaneSignal, LaneSignal } from "../../src/memory/lane-signal.ts";
import { OUTBOUND_KIND, OutboundRecord } from "../../src/memory/outbound-record.ts";
import { createProgress, Progress } from "../../src/memory/progress.ts";
import { RING_EMPTY, RingConsumer } from "../../src/memory/ring-consumer.ts";
import { createRing } from "../../src/memory/ring-layout.ts";
import { RingProducer } from "../../src/memory/ring-producer.ts";
import { SEQUENCED_HEADER_BYTES } from "../../src/protocol/soupbintcp/sequenced.ts";

const SLOTS = 4096; // as lanes.inboundSlots
const START_NS = 34_200e9; // 09:30
export const BENCH_SESSION = "20261121A";

const NOW_NS = 0;
const EVENT_NS = 1;

export interface BenchLaneOptions {
  readonly accounts: number;
  readonly batchMax: number;
  readonly ordersMax: number;
  readonly outboxBytesMax: number;
  readonly spill?: SpillOptions;
  readonly inputLog?: InputLog;
  /** Each sequenced message, if somebody wants to know. */
  readonly onMessage?: (account: number, view: DataView, offset: number) => void;
}

export class BenchLane {
  readonly inbound: RingProducer;
  private readonly counters: CounterReader;
  private readonly outbound: RingConsumer;
  private readonly signal = new LaneSignal(createLaneSignal());
  private readonly progress: Progress;
  private readonly lane: Lane;
  private readonly clock = startClock().clock;
  private readonly record = new InboundRecord();
  private readonly answer = new OutboundRecord();
  private readonly onMessage: BenchLaneOptions["onMessage"];
  // The bench itself must not make garbage: fields would box each new value.
  private readonly stamps = new Float64Array(2);
  private readonly loginOutputs: number;

  /** Configured, and each account is logged in on the connection of its number. */
  constructor(options: BenchLaneOptions) {
    const { accounts, ordersMax, ...others } = options;
    const inbound = createRing(SLOTS);
    const outbound = createRing(SLOTS);
    const counters = createCounters(LANE_COUNTERS);
    this.counters = new CounterReader(counters);
    this.inbound = new RingProducer(inbound);
    this.outbound = new RingConsumer(outbound);
    this.progress = new Progress(createProgress(accounts));
    this.onMessage = options.onMessage;
    this.lane = new Lane({
      laneIndex: 0,
      inbound,
      outbound,
      signal: this.signal,
      progress: this.progress,
      doorbell: { ring: () => undefined },
      counters: new CounterWriter(counters),
      clock: this.clock,
      windowBytes: 65_536,
      batchMax: others.batchMax,
      outboxBytesMax: others.outboxBytesMax, // committed as it is used
      spill: others.spill,
      inputLog: others.inputLog ?? new NoInputLog(),
      makeVenue,
      writesContinues: true,
    });
    this.stamps[EVENT_NS] = START_NS;
    this.configure(ordersMax);
    for (let account = 0; account < accounts; account++) this.attach(account);
    this.turn();
    this.loginOutputs = this.read("outputs");
  }

  get ordersEntered(): number {
    return this.read("ordersEntered");
  }
  get ordersLive(): number {
    return this.read("ordersLive");
  }
  get matches(): number {
    return this.read("matches");
  }
  /** Sequenced messages that the orders caused. */
  get outputs(): number {
    return this.read("outputs") - this.loginOutputs;
  }
  get digest(): number {
    return this.lane.core.digest.low;
  }
  get digestHex(): string {
    return this.lane.core.digest.hex();
  }

  /** Time passes for the records to come. */
  pass(eventNs: number): void {
    this.stamps[EVENT_NS]! += eventNs;
    this.stamps[NOW_NS] = this.clock.nowNs();
  }

  /** Ends the batch: the lane works, the gate's part takes the answers and gives credit. */
  turn(): void {
    this.inbound.publish();
    let work = 1;
    while (work > 0) work = this.lane.turn() + this.drain();
  }

  /** The next slot: what is written into it goes to the lane with the turn. */
  start(kind: number, account: number): InboundRecord {
    const record = this.record.wrap(this.inbound.slots, this.inbound.claim(0));
    record.start(kind, account, account + 1);
    record.flags = 0;
    record.eventNs = this.stamps[EVENT_NS]!;
    record.sinceNs = this.stamps[NOW_NS]!;
    record.readNs = this.stamps[NOW_NS]!;
    record.inboundNs = this.stamps[NOW_NS]!;
    return record;
  }

  private drain(): number {
    const { outbound, answer, progress, signal, onMessage } = this;
    signal.clearDoorbell();
    let count = 0;
    for (let offset = outbound.take(); offset !== RING_EMPTY; offset = outbound.take()) {
      answer.wrap(outbound.slots, offset);
      count++;
      if (answer.kind !== OUTBOUND_KIND.SEQUENCED) continue;
      if (onMessage !== undefined) {
        const messageOffset = answer.payloadOffset + SEQUENCED_HEADER_BYTES;
        onMessage(answer.connection, outbound.slots.view, messageOffset);
      }
      progress.addTaken(answer.connection, answer.payloadBytes);
      if (progress.clearStarved(answer.connection)) signal.addCredit();
    }
    outbound.release();
    signal.clearRingStarved();
    return count;
  }

  private read(counter: keyof typeof LANE_COUNTERS): number {
    return this.counters.read(LANE_COUNTERS[counter]);
  }

  private configure(ordersMax: number): void {
    const pieces = laneConfigPieces({
      formatVersion: 1,
      behaviourVersion: LANE_BEHAVIOUR_VERSION,
      session: BENCH_SESSION,
      midnightUtcMs: Date.UTC(2026, 10, 21, 5),
      node: 0,
      lane: 0,
      outputsPerStepMax: 256,
      explainIgnored: false,
      offencesMax: 10,
      venue: { kind: "book", instruments: "*", instrumentsMax: 64, ordersMax },
    });
    for (let index = 0; index < pieces.length; ) {
      index = publishLaneConfig(this.inbound, pieces, index, START_NS);
      this.turn();
    }
  }

  private attach(account: number): void {
    const payload = Buffer.alloc(ATTACH_PAYLOAD_BYTES_MAX);
    const attach = new AttachPayload().wrap(payload, 0);
    const payloadBytes = attach.write(`ACC${account}`, ["LIME"], false, "", 1);
    const record = this.start(INBOUND_KIND.ATTACH, account);
    record.payloadBytes = payloadBytes;
    payload.copy(this.inbound.slots.bytes, record.payloadOffset, 0, payloadBytes);
  }
}
