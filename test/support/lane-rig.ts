// One lane in this thread, between two rings, with the gate's part played by hand: logins, records, credit. What each
// connection receives is kept as short text: "A 1 L", "E 1 100@189.5000 A", "J 2 0017", …

import assert from "node:assert/strict";
import { type InputLog, NoInputLog } from "../../src/lane/input-log.ts";
import { Lane, type LaneOptions } from "../../src/lane/lane.ts";
import { type MakeVenue, makeVenue } from "../../src/lane/make-venue.ts";
import type { SpillOptions } from "../../src/lane/outbox-spill.ts";
import { AttachPayload } from "../../src/memory/attach-payload.ts";
import {
  CounterReader,
  CounterWriter,
  createCounters,
  LANE_COUNTERS,
} from "../../src/memory/counters.ts";
import { INBOUND_KIND, InboundRecord } from "../../src/memory/inbound-record.ts";
import {
  LANE_BEHAVIOUR_VERSION,
  type LaneConfig,
  type LaneVenueConfig,
  laneConfigPieces,
  publishLaneConfig,
} from "../../src/memory/lane-config.ts";
import { createLaneSignal, LaneSignal } from "../../src/memory/lane-signal.ts";
import { OUTBOUND_KIND, OutboundRecord } from "../../src/memory/outbound-record.ts";
import { createProgress, Progress } from "../../src/memory/progress.ts";
import { RING_EMPTY, RingConsumer } from "../../src/memory/ring-consumer.ts";
import { createRing } from "../../src/memory/ring-layout.ts";
import { RING_FULL, RingProducer } from "../../src/memory/ring-producer.ts";
import type { SlotMemory } from "../../src/memory/slot-memory.ts";
import { describeOutbound, type Fields } from "../../src/protocol/ouch/describe.ts";
import { LoginAccepted } from "../../src/protocol/soupbintcp/login-accepted.ts";
import { PACKET_HEADER_BYTES } from "../../src/protocol/soupbintcp/packet-header.ts";
import { SEQUENCED_HEADER_BYTES } from "../../src/protocol/soupbintcp/sequenced.ts";
import type { LaneTelemetry } from "../../src/telemetry/lane-telemetry.ts";
import {
  type CancelFields,
  type EnterFields,
  type EntryControlFields,
  type MassCancelFields,
  type ModifyFields,
  type QueryFields,
  type ReplaceFields,
  writeCancel,
  writeDisable,
  writeEnable,
  writeEnter,
  writeMassCancel,
  writeModify,
  writeQuery,
  writeReplace,
} from "../../src/tools/client/order-messages.ts";
import { BookVenue } from "../../src/venue/book/book-venue.ts";
import type { Venue, VenueOptions } from "../../src/venue/venue.ts";
import { LateVenue, latePayload } from "./late-venue.ts";
import { shortText } from "./short-text.ts";

const CONNECTIONS_MAX = 64;
export const START_NS = 34_200e9; // 09:30
export const MIDNIGHT_MS = Date.UTC(2026, 10, 21, 5);
export const SESSION = "20261121A";

export interface LaneRigOptions {
  readonly batchMax?: number;
  readonly inboundSlots?: number;
  readonly outboundSlots?: number;
  readonly windowBytes?: number;
  readonly connectionsMax?: number;
  readonly outboxBytesMax?: number;
  readonly spill?: SpillOptions;
  readonly outputsPerStepMax?: number;
  readonly offencesMax?: number;
  readonly explainIgnored?: boolean;
  readonly venue?: Partial<LaneVenueConfig>;
  /** The venue answers one VENUE record later; run() sends those by itself. */
  readonly isLate?: boolean;
  /** Requests that the book may hold back behind sweeps. */
  readonly heldRequestsMax?: number;
  readonly inputLog?: InputLog;
  readonly telemetry?: LaneTelemetry;
  /** Nothing is configured or continued by itself: the records of a run come through pushSlot(). */
  readonly isReplay?: boolean;
  /** Sequenced bytes are not taken by themselves: the test calls take(). */
  readonly isSlow?: boolean;
  /** What the test lends; what the lane writes itself is "sent" to the rig. */
  readonly wires?: LaneOptions["wires"];
}

/** A sequenced packet as the gate got it. */
export interface Delivered {
  readonly connection: number;
  readonly epoch: number;
  readonly account: number;
  readonly outcome: number;
  readonly requestType: number;
  readonly userRefNum: number;
  /** OUTBOUND_FLAG bits. */
  readonly flags: number;
  readonly sinceNs: number;
  readonly readNs: number;
  readonly laneNs: number;
  readonly batchCount: number;
  readonly batchIndex: number;
  readonly packetBytes: number;
  readonly fields: Fields;
  readonly text: string;
}

/** One connection, from its login on. */
export class RigClient {
  readonly name: string;
  readonly connection: number;
  readonly epoch: number;
  /** What came since the last receive(): sequenced messages, and "login 5", "rejected", "close 8", "+ text". */
  private fresh: string[] = [];
  readonly delivered: Delivered[] = [];
  readonly all: string[] = [];
  private readonly rig: LaneRig;

  constructor(rig: LaneRig, name: string, connection: number, epoch: number) {
    this.rig = rig;
    this.name = name;
    this.connection = connection;
    this.epoch = epoch;
  }

  note(text: string): void {
    this.fresh.push(text);
    this.all.push(text);
  }
  /** What came since the last call. */
  receive(): string[] {
    const { fresh } = this;
    this.fresh = [];
    return fresh;
  }
  /** As receive(), without the texts for people. */
  receiveMessages(): string[] {
    return this.receive().filter((text) => !text.startsWith("+"));
  }

  enter(fields: Partial<EnterFields> & { userRefNum: number }): this {
    const all = { side: "B", quantity: 100, symbol: "AAPL", price: 1_895_000, ...fields };
    return this.write((view) => writeEnter(view, 0, all));
  }
  replace(fields: Partial<ReplaceFields> & { origUserRefNum: number; userRefNum: number }): this {
    const all = { quantity: 100, price: 1_895_000, ...fields };
    return this.write((view) => writeReplace(view, 0, all));
  }
  cancel(userRefNum: number, fields: Partial<CancelFields> = {}): this {
    return this.write((view) => writeCancel(view, 0, { userRefNum, ...fields }));
  }
  modify(fields: ModifyFields): this {
    return this.write((view) => writeModify(view, 0, fields));
  }
  massCancel(fields: Partial<MassCancelFields> & { userRefNum: number }): this {
    return this.write((view) => writeMassCancel(view, 0, { firm: "LIME", ...fields }));
  }
  disable(fields: EntryControlFields): this {
    return this.write((view) => writeDisable(view, 0, fields));
  }
  enable(fields: EntryControlFields): this {
    return this.write((view) => writeEnable(view, 0, fields));
  }
  query(fields: QueryFields = {}): this {
    return this.write((view) => writeQuery(view, 0, fields));
  }
  /** Any bytes as one OUCH message. */
  send(message: Buffer): this {
    this.rig.push(INBOUND_KIND.MESSAGE, this.connection, this.epoch, 0, message);
    return this;
  }
  detach(reason: number): this {
    this.rig.push(INBOUND_KIND.DETACH, this.connection, this.epoch, reason);
    return this;
  }

  private write(writeMessage: (view: DataView) => number): this {
    const bytes = Buffer.alloc(256);
    const messageBytes = writeMessage(new DataView(bytes.buffer, bytes.byteOffset, bytes.length));
    return this.send(bytes.subarray(0, messageBytes));
  }
}

export class LaneRig {
  readonly lane: Lane;
  readonly signal = new LaneSignal(createLaneSignal());
  readonly progress: Progress;
  readonly clients: RigClient[] = [];
  readonly commandAnswers: number[] = [];
  readonly counters: CounterReader;
  /** Event time of the records to come. */
  eventNs = START_NS;
  doorbellRings = 0;
  late: LateVenue | undefined = undefined;

  private readonly inbound: RingProducer;
  private readonly outbound: RingConsumer;
  private readonly record = new InboundRecord();
  private readonly answer = new OutboundRecord();
  private readonly isSlow: boolean;
  private nextConnection = 0;
  private nextEpoch = 1;
  private clockNs = 0;

  constructor(options: LaneRigOptions = {}) {
    const inbound = createRing(options.inboundSlots ?? 1024);
    const outbound = createRing(options.outboundSlots ?? 1024);
    const counters = createCounters(LANE_COUNTERS);
    this.counters = new CounterReader(counters);
    this.isSlow = options.isSlow ?? false;
    this.progress = new Progress(createProgress(options.connectionsMax ?? CONNECTIONS_MAX));
    this.inbound = new RingProducer(inbound);
    this.outbound = new RingConsumer(outbound);
    this.lane = new Lane({
      laneIndex: 0,
      inbound,
      outbound,
      signal: this.signal,
      progress: this.progress,
      wires: options.wires,
      doorbell: { ring: () => this.noteRing() },
      counters: new CounterWriter(counters),
      clock: { nowNs: () => this.tickClock() },
      windowBytes: options.windowBytes ?? 65_536,
      batchMax: options.batchMax ?? 64,
      outboxBytesMax: options.outboxBytesMax ?? 16 * 2 ** 20,
      spill: options.spill,
      telemetry: options.telemetry,
      inputLog: options.inputLog ?? new NoInputLog(),
      makeVenue: this.venueMaker(options),
      writesContinues: options.isReplay !== true,
    });
    if (options.isReplay === true) return;
    const pieces = laneConfigPieces(laneConfig(options));
    for (let index = 0; index < pieces.length; ) {
      index = publishLaneConfig(this.inbound, pieces, index, this.eventNs);
      this.run();
    }
  }

  /** Logs in on a connection of its own. */
  login(
    name: string,
    options: {
      sequence?: number;
      session?: string;
      firms?: readonly string[];
      anyFirm?: boolean;
      connection?: number;
    } = {},
  ): RigClient {
    const connection = options.connection ?? this.nextConnection++ % CONNECTIONS_MAX;
    const client = new RigClient(this, name, connection, this.nextEpoch++);
    this.clients.push(client);
    const payload = Buffer.alloc(200);
    const payloadBytes = new AttachPayload()
      .wrap(payload, 0)
      .write(
        name,
        options.firms ?? ["LIME"],
        options.anyFirm ?? false,
        options.session ?? "",
        options.sequence ?? 1,
      );
    const taken = this.progress.taken(connection);
    const attached = payload.subarray(0, payloadBytes);
    this.push(INBOUND_KIND.ATTACH, connection, client.epoch, taken, attached);
    return client;
  }

  /** Puts one record into the lane's ring; the lane takes some first when it is full. */
  push(
    kind: number,
    connection: number,
    epoch: number,
    detail: number,
    payload: Buffer = Buffer.alloc(0),
    flags = 0,
  ): void {
    let offset = this.inbound.claim(0);
    while (offset === RING_FULL) {
      assert.ok(this.runOnce() > 0, "the lane takes nothing, and its ring is full");
      offset = this.inbound.claim(0);
    }
    const record = this.record.wrap(this.inbound.slots, offset).start(kind, connection, epoch);
    record.flags = flags;
    record.detail = detail;
    record.eventNs = this.eventNs;
    record.sinceNs = this.tickClock();
    record.readNs = record.sinceNs;
    record.inboundNs = record.sinceNs;
    record.payloadBytes = payload.length;
    payload.copy(this.inbound.slots.bytes, record.payloadOffset);
    this.inbound.publish();
  }

  /** Puts a recorded record into the ring as it is. */
  pushSlot(slot: Buffer): void {
    let offset = this.inbound.claim(0);
    while (offset === RING_FULL) {
      assert.ok(this.lane.turn() + this.drainUnseen() > 0, "the lane takes nothing");
      offset = this.inbound.claim(0);
    }
    slot.copy(this.inbound.slots.bytes, offset);
    this.inbound.publish();
  }

  /** Time passes, and the lane is told. */
  tick(ms: number): void {
    this.eventNs += ms * 1e6;
    this.push(INBOUND_KIND.TICK, -1, 0, 0);
  }

  /** Turns until nothing is left to do, VENUE records of a late venue included. */
  run(): this {
    for (;;) {
      while (this.runOnce() > 0);
      if (this.late === undefined || this.late.waitingCount === 0) return this;
      this.push(INBOUND_KIND.VENUE, -1, 0, 0, latePayload(1));
    }
  }

  /** One turn, and the gate's drain behind it. Returns the work done by both. */
  runOnce(recordsMax: number = Number.POSITIVE_INFINITY): number {
    const work = this.lane.turn();
    return work + this.drain(recordsMax);
  }

  /** The gate's part: takes records, gives credit and ring room back. */
  drain(recordsMax: number = Number.POSITIVE_INFINITY): number {
    this.signal.clearDoorbell();
    let drained = 0;
    for (; drained < recordsMax; drained++) {
      const offset = this.outbound.take();
      if (offset === RING_EMPTY) break;
      this.see(this.answer.wrap(this.outbound.slots, offset), this.outbound.slots);
    }
    this.outbound.release();
    this.signal.clearRingStarved();
    return drained;
  }

  /** As drain(), for a replay: nobody looks at what comes. */
  drainUnseen(): number {
    let drained = 0;
    while (this.outbound.take() !== RING_EMPTY) drained++;
    this.outbound.release();
    this.signal.clearRingStarved();
    return drained;
  }

  /** The kernel takes sequenced bytes of a connection. */
  take(connection: number, bytes: number): void {
    this.progress.addTaken(connection, bytes);
    if (this.progress.clearStarved(connection)) this.signal.addCredit();
  }

  count(name: keyof typeof LANE_COUNTERS): number {
    return this.counters.read(LANE_COUNTERS[name]);
  }
  /** Records that the lane has not taken yet. */
  get inboundWaiting(): number {
    return this.inbound.usedSlots();
  }
  get digest(): string {
    return this.lane.core.digest.hex();
  }

  private see(record: OutboundRecord, slots: SlotMemory): void {
    if (record.kind === OUTBOUND_KIND.COMMAND_ANSWER) {
      this.commandAnswers.push(record.detail);
      return;
    }
    const client = this.clients.find(({ epoch }) => epoch === record.epoch);
    assert.ok(client, "a record for a connection that never was");
    assert.equal(client.connection, record.connection);
    const packet = record.payloadOffset;
    switch (record.kind) {
      case OUTBOUND_KIND.SENT:
        client.note("sent");
        return;
      case OUTBOUND_KIND.SEQUENCED: {
        const message = packet + SEQUENCED_HEADER_BYTES;
        const messageBytes = record.payloadBytes - SEQUENCED_HEADER_BYTES;
        const fields = describeOutbound(slots.view, message, messageBytes);
        assert.equal(fields.malformed, undefined, "the lane wrote a malformed message");
        assert.equal(fields.refused, undefined, "the lane wrote a tag that is not for there");
        const text = shortText(fields);
        client.delivered.push(deliveredOf(record, fields, text));
        client.note(text);
        if (!this.isSlow) this.take(record.connection, record.payloadBytes);
        return;
      }
      case OUTBOUND_KIND.LOGIN_ACCEPTED: {
        const accepted = new LoginAccepted().wrap(slots.view, packet + PACKET_HEADER_BYTES);
        assert.equal(accepted.session, SESSION);
        client.note(`login ${accepted.sequence}`);
        return;
      }
      case OUTBOUND_KIND.LOGIN_REJECTED: {
        const reason = slots.view.getUint8(packet + PACKET_HEADER_BYTES);
        client.note(`rejected ${String.fromCharCode(reason)}`);
        return;
      }
      case OUTBOUND_KIND.DEBUG: {
        const start = packet + PACKET_HEADER_BYTES;
        client.note(`+ ${slots.bytes.toString("latin1", start, packet + record.payloadBytes)}`);
        return;
      }
      default:
        assert.equal(record.kind, OUTBOUND_KIND.CLOSE);
        client.note(`close ${record.detail}`);
    }
  }

  private venueMaker({ isLate, heldRequestsMax }: LaneRigOptions): MakeVenue {
    if (isLate === true) return this.makeLate;
    if (heldRequestsMax === undefined) return makeVenue;
    return (config, orders, sink) => {
      const { outputsPerStepMax } = config;
      return new BookVenue({ ...config.venue, orders, sink, outputsPerStepMax }, heldRequestsMax);
    };
  }

  private readonly makeLate: MakeVenue = (config, orders, sink): Venue => {
    const { instrumentsMax, ordersMax } = config.venue;
    const { outputsPerStepMax } = config;
    const options: VenueOptions = { orders, sink, instrumentsMax, ordersMax, outputsPerStepMax };
    this.late = new LateVenue(options, () => makeVenue(config, orders, sink));
    return this.late;
  };

  private noteRing(): void {
    this.doorbellRings++;
  }
  private tickClock(): number {
    this.clockNs += 100;
    return this.clockNs;
  }
}

export function laneConfig(options: LaneRigOptions = {}): LaneConfig {
  return {
    formatVersion: 1,
    behaviourVersion: LANE_BEHAVIOUR_VERSION,
    session: SESSION,
    midnightUtcMs: MIDNIGHT_MS,
    node: 5,
    lane: 0,
    outputsPerStepMax: options.outputsPerStepMax ?? 256,
    explainIgnored: options.explainIgnored ?? false,
    offencesMax: options.offencesMax ?? 3,
    venue: {
      kind: "book",
      instruments: "*",
      instrumentsMax: 64,
      ordersMax: 4096,
      ...options.venue,
    },
  };
}

function deliveredOf(record: OutboundRecord, fields: Fields, text: string): Delivered {
  const { connection, epoch, account, outcome, requestType, userRefNum } = record;
  const { sinceNs, readNs, laneNs, batchCount, batchIndex, payloadBytes: packetBytes } = record;
  return {
    connection,
    epoch,
    account,
    outcome,
    requestType,
    userRefNum,
    flags: record.flags,
    sinceNs,
    readNs,
    laneNs,
    batchCount,
    batchIndex,
    packetBytes,
    fields,
    text,
  };
}
