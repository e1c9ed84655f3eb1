// One record of a lane's outbound ring. Written by the lane, read by the gate.
// Its payload is one complete SoupBinTCP packet, ready to be sent.

import { assert } from "../base/assert.ts";
import { SLOT_BYTES, type SlotMemory } from "./slot-memory.ts";

const KIND_OFFSET = 0; // u8, OUTBOUND_KIND
const OUTCOME_OFFSET = KIND_OFFSET + 1; // u8, OUTCOME
const PAYLOAD_BYTES_OFFSET = OUTCOME_OFFSET + 1; // u16
const CONNECTION_OFFSET = PAYLOAD_BYTES_OFFSET + 2; // i32
const EPOCH_OFFSET = CONNECTION_OFFSET + 4; // i32
const DETAIL_OFFSET = EPOCH_OFFSET + 4; // i32, per kind; SEQUENCED: records in the inbound ring when the request came
const SINCE_NS_OFFSET = DETAIL_OFFSET + 4; // f64, monotonic, of the request that this answers; 0 = none
const READ_NS_OFFSET = SINCE_NS_OFFSET + 8; // f64
const INBOUND_NS_OFFSET = READ_NS_OFFSET + 8; // f64
const LANE_NS_OFFSET = INBOUND_NS_OFFSET + 8; // f64
const DONE_NS_OFFSET = LANE_NS_OFFSET + 8; // f64
const DURABLE_NS_OFFSET = DONE_NS_OFFSET + 8; // f64
const ACCOUNT_OFFSET = DURABLE_NS_OFFSET + 8; // i32, the lane's number of the account
const USER_REF_NUM_OFFSET = ACCOUNT_OFFSET + 4; // u32, of the request
const REQUEST_TYPE_OFFSET = USER_REF_NUM_OFFSET + 4; // u8, OUCH inbound type; 0 = unsolicited
const ANSWER_TYPE_OFFSET = REQUEST_TYPE_OFFSET + 1; // u8, OUCH outbound type
const BATCH_COUNT_OFFSET = ANSWER_TYPE_OFFSET + 1; // u16, inputs in the request's batch
const BATCH_INDEX_OFFSET = BATCH_COUNT_OFFSET + 2; // u16, the request's place in it
const FLAGS_OFFSET = BATCH_INDEX_OFFSET + 2; // u8, OUTBOUND_FLAG
const LANE_OFFSET = FLAGS_OFFSET + 1; // u8, number of the lane
const PAYLOAD_OFFSET = LANE_OFFSET + 1;

export const OUTBOUND_PAYLOAD_BYTES_MAX = SLOT_BYTES - PAYLOAD_OFFSET;

/** Where things stand in a record, for who keeps the beginning of one: telemetry's order records. */
export const OUTBOUND_OFFSETS = {
  OUTCOME: OUTCOME_OFFSET,
  PAYLOAD_BYTES: PAYLOAD_BYTES_OFFSET,
  CONNECTION: CONNECTION_OFFSET,
  EPOCH: EPOCH_OFFSET,
  DEPTH: DETAIL_OFFSET,
  SINCE_NS: SINCE_NS_OFFSET,
  READ_NS: READ_NS_OFFSET,
  INBOUND_NS: INBOUND_NS_OFFSET,
  LANE_NS: LANE_NS_OFFSET,
  DONE_NS: DONE_NS_OFFSET,
  DURABLE_NS: DURABLE_NS_OFFSET,
  ACCOUNT: ACCOUNT_OFFSET,
  USER_REF_NUM: USER_REF_NUM_OFFSET,
  REQUEST_TYPE: REQUEST_TYPE_OFFSET,
  ANSWER_TYPE: ANSWER_TYPE_OFFSET,
  BATCH_COUNT: BATCH_COUNT_OFFSET,
  BATCH_INDEX: BATCH_INDEX_OFFSET,
  FLAGS: FLAGS_OFFSET,
  LANE: LANE_OFFSET,
  PAYLOAD: PAYLOAD_OFFSET,
} as const;

export const OUTBOUND_KIND = {
  /** payload: one 'S' packet. The only kind that counts towards the credit window. */
  SEQUENCED: 1,
  /** payload: the 'A' packet. Nothing else of the lane reaches the connection before it. */
  LOGIN_ACCEPTED: 2,
  /** payload: the 'J' packet; detail: LOGIN_REFUSAL; the gate flushes and closes. */
  LOGIN_REJECTED: 3,
  /** payload: a '+' packet. */
  DEBUG: 4,
  /** detail: DETACH_REASON; the gate flushes and closes. */
  CLOSE: 5,
  /** payload: the 'Z' packet; the gate flushes and closes. */
  END_OF_SESSION: 6,
  /** detail: request id; payload: per command. */
  COMMAND_ANSWER: 7,
  /**
   * A sequenced packet that the lane has written to its connection: payloadBytes is the packet's length, and of its
   * bytes only the first are left, with two stamps behind them, as telemetry's order records have them.
   */
  SENT: 8,
} as const;

/** Why a login was refused, for operators. */
export const LOGIN_REFUSAL = {
  /** It named another session than the one that is open, or that one is over. */
  SESSION: 0,
  /** The client knows of messages that we do not: it was told something that we lost (semantics §2.6). */
  AHEAD: 1,
  /** Two clients take the account away from each other. */
  TAKEOVERS: 2,
  /** No such account, or not its password. The gate's. */
  CREDENTIALS: 3,
  /** Not what a login request may be. The gate's. */
  MALFORMED: 4,
} as const;

/** What the sequenced packet is to the request that stands in the record (semantics §6). */
export const OUTCOME = {
  UNSOLICITED: 0, // not an answer, or an answer after the first
  ACCEPTED: 1, // first output, delivered with its own batch
  REJECTED: 2, // likewise, and the answer is a 'J'
  DELAYED_ACCEPTED: 3, // first output, delivered later than its batch
  DELAYED_REJECTED: 4,
} as const;

export const OUTBOUND_FLAG = {
  /** It left later than its batch because its own client had not read what went before. */
  PEER_LIMITED: 1,
  /** The lane has written the beginning of the packet: the wire is broken until the rest is sent (wires.ts). */
  BEGUN: 4,
  /** It accepts a market order. Set by the gate: telemetry/market-answer.ts. */
  MARKET: 2,
} as const;

/** A window on one outbound record. Valid until the slot is handed back. */
export class OutboundRecord {
  slots: SlotMemory | undefined = undefined;
  private words: Int32Array = new Int32Array(0);
  private doubles: Float64Array = new Float64Array(0);
  private bytes: Buffer = Buffer.alloc(0);
  private base = 0;

  wrap(slots: SlotMemory, base: number): this {
    assert(base % SLOT_BYTES === 0, "record does not start on a slot");
    if (this.slots !== slots) {
      this.slots = slots;
      this.words = slots.words;
      this.doubles = slots.doubles;
      this.bytes = slots.bytes;
    }
    this.base = base;
    return this;
  }

  /** Starts a record: kind, connection, epoch; everything else zero. */
  start(kind: number, connection: number, epoch: number): this {
    const word = this.base >> 2;
    const end = word + (PAYLOAD_OFFSET >> 2);
    // Twenty words: fill() would leave JavaScript for them.
    for (let at = word; at < end; at++) this.words[at] = 0;
    this.words[word + (KIND_OFFSET >> 2)] = kind;
    this.words[word + (CONNECTION_OFFSET >> 2)] = connection;
    this.words[word + (EPOCH_OFFSET >> 2)] = epoch;
    return this;
  }

  get kind(): number {
    return this.bytes[this.base + KIND_OFFSET]!;
  }
  set kind(value: number) {
    this.bytes[this.base + KIND_OFFSET] = value;
  }
  get outcome(): number {
    return this.bytes[this.base + OUTCOME_OFFSET]!;
  }
  set outcome(value: number) {
    this.bytes[this.base + OUTCOME_OFFSET] = value;
  }
  get payloadBytes(): number {
    const offset = this.base + PAYLOAD_BYTES_OFFSET;
    return this.bytes[offset]! | (this.bytes[offset + 1]! << 8);
  }
  set payloadBytes(value: number) {
    assert(value <= OUTBOUND_PAYLOAD_BYTES_MAX, "payload overruns its slot");
    const offset = this.base + PAYLOAD_BYTES_OFFSET;
    this.bytes[offset] = value & 0xff;
    this.bytes[offset + 1] = value >>> 8;
  }
  get connection(): number {
    return this.words[(this.base + CONNECTION_OFFSET) >> 2]!;
  }
  get epoch(): number {
    return this.words[(this.base + EPOCH_OFFSET) >> 2]!;
  }
  get detail(): number {
    return this.words[(this.base + DETAIL_OFFSET) >> 2]!;
  }
  set detail(value: number) {
    this.words[(this.base + DETAIL_OFFSET) >> 2] = value;
  }
  get sinceNs(): number {
    return this.doubles[(this.base + SINCE_NS_OFFSET) >> 3]!;
  }
  set sinceNs(value: number) {
    this.doubles[(this.base + SINCE_NS_OFFSET) >> 3] = value;
  }
  get readNs(): number {
    return this.doubles[(this.base + READ_NS_OFFSET) >> 3]!;
  }
  set readNs(value: number) {
    this.doubles[(this.base + READ_NS_OFFSET) >> 3] = value;
  }
  get inboundNs(): number {
    return this.doubles[(this.base + INBOUND_NS_OFFSET) >> 3]!;
  }
  set inboundNs(value: number) {
    this.doubles[(this.base + INBOUND_NS_OFFSET) >> 3] = value;
  }
  get laneNs(): number {
    return this.doubles[(this.base + LANE_NS_OFFSET) >> 3]!;
  }
  set laneNs(value: number) {
    this.doubles[(this.base + LANE_NS_OFFSET) >> 3] = value;
  }
  get doneNs(): number {
    return this.doubles[(this.base + DONE_NS_OFFSET) >> 3]!;
  }
  set doneNs(value: number) {
    this.doubles[(this.base + DONE_NS_OFFSET) >> 3] = value;
  }
  get durableNs(): number {
    return this.doubles[(this.base + DURABLE_NS_OFFSET) >> 3]!;
  }
  set durableNs(value: number) {
    this.doubles[(this.base + DURABLE_NS_OFFSET) >> 3] = value;
  }
  get account(): number {
    return this.words[(this.base + ACCOUNT_OFFSET) >> 2]!;
  }
  set account(value: number) {
    this.words[(this.base + ACCOUNT_OFFSET) >> 2] = value;
  }
  get userRefNum(): number {
    return this.words[(this.base + USER_REF_NUM_OFFSET) >> 2]! >>> 0;
  }
  set userRefNum(value: number) {
    this.words[(this.base + USER_REF_NUM_OFFSET) >> 2] = value;
  }
  get requestType(): number {
    return this.bytes[this.base + REQUEST_TYPE_OFFSET]!;
  }
  set requestType(value: number) {
    this.bytes[this.base + REQUEST_TYPE_OFFSET] = value;
  }
  get answerType(): number {
    return this.bytes[this.base + ANSWER_TYPE_OFFSET]!;
  }
  set answerType(value: number) {
    this.bytes[this.base + ANSWER_TYPE_OFFSET] = value;
  }
  get batchCount(): number {
    const offset = this.base + BATCH_COUNT_OFFSET;
    return this.bytes[offset]! | (this.bytes[offset + 1]! << 8);
  }
  set batchCount(value: number) {
    const offset = this.base + BATCH_COUNT_OFFSET;
    this.bytes[offset] = value & 0xff;
    this.bytes[offset + 1] = value >>> 8;
  }
  get batchIndex(): number {
    const offset = this.base + BATCH_INDEX_OFFSET;
    return this.bytes[offset]! | (this.bytes[offset + 1]! << 8);
  }
  set batchIndex(value: number) {
    const offset = this.base + BATCH_INDEX_OFFSET;
    this.bytes[offset] = value & 0xff;
    this.bytes[offset + 1] = value >>> 8;
  }
  /** OUTBOUND_FLAG bits. */
  get flags(): number {
    return this.bytes[this.base + FLAGS_OFFSET]!;
  }
  set flags(value: number) {
    this.bytes[this.base + FLAGS_OFFSET] = value;
  }
  get lane(): number {
    return this.bytes[this.base + LANE_OFFSET]!;
  }
  set lane(value: number) {
    this.bytes[this.base + LANE_OFFSET] = value;
  }
  /** Byte offset of the record within the slot memory. */
  get baseOffset(): number {
    return this.base;
  }
  /** Byte offset of the payload within the slot memory. */
  get payloadOffset(): number {
    return this.base + PAYLOAD_OFFSET;
  }
}

assert(SINCE_NS_OFFSET % 8 === 0 && PAYLOAD_OFFSET % 8 === 0, "stamps are not aligned");
