// One record of a lane's inbound ring: the only way in which anything reaches a lane.
// Written by the gate (CONTINUE by the lane itself), read by the lane, the journal and replays.
// Little-endian, as the machine has it; payloads keep the byte order of the wire.

import { assert } from "../base/assert.ts";
import { SLOT_BYTES, type SlotMemory } from "./slot-memory.ts";

const KIND_OFFSET = 0; // u8, INBOUND_KIND
const FLAGS_OFFSET = KIND_OFFSET + 1; // u8, per kind
const PAYLOAD_BYTES_OFFSET = FLAGS_OFFSET + 1; // u16
const CONNECTION_OFFSET = PAYLOAD_BYTES_OFFSET + 2; // i32, place in the gate's table, or -1
const EPOCH_OFFSET = CONNECTION_OFFSET + 4; // i32, rises with every accepted connection
const DETAIL_OFFSET = EPOCH_OFFSET + 4; // i32, per kind
const EVENT_NS_OFFSET = DETAIL_OFFSET + 4; // f64, since midnight of the trading date
const SINCE_NS_OFFSET = EVENT_NS_OFFSET + 8; // f64, monotonic
const READ_NS_OFFSET = SINCE_NS_OFFSET + 8; // f64, monotonic
const INBOUND_NS_OFFSET = READ_NS_OFFSET + 8; // f64, monotonic
const DEPTH_OFFSET = INBOUND_NS_OFFSET + 8; // i32, records that were in the ring before this one
const PAYLOAD_OFFSET = DEPTH_OFFSET + 8; // padded to a whole 8

export const INBOUND_PAYLOAD_BYTES_MAX = SLOT_BYTES - PAYLOAD_OFFSET;

/** Never renumbered, only added to: they stand in journals. */
export const INBOUND_KIND = {
  /** payload: one OUCH message, as it came. */
  MESSAGE: 1,
  /** payload: the beginning of an OUCH message longer than a slot; detail: its whole length. */
  MALFORMED: 2,
  /** payload: AttachPayload; detail: the connection's takenBytes at this moment. */
  ATTACH: 3,
  /** detail: DETACH_REASON. */
  DETACH: 4,
  /** Time has passed, nothing else: eventNs is all. */
  TICK: 5,
  /** flags: REGULATE_SOURCE; detail: level, 0 = none, 1 = shed new orders. */
  REGULATE: 6,
  /** detail: request id; flags: COMMAND_CODE; payload: per command. */
  COMMAND: 7,
  /** payload: a piece of the lane's configuration as JSON; detail: which, from 0; flags: 1 = more follow. */
  CONFIG: 8,
  /** detail: ROLL_STEP. Answered with a COMMAND_ANSWER of the step's REQUEST_ID. */
  ROLL: 9,
  /** Written by the lane itself: go on with unfinished work. */
  CONTINUE: 10,
  /** An event of a venue that answers later; payload: the venue's own. */
  VENUE: 11,
  /** The lane was rebuilt from its journal: nobody is attached. */
  RECOVERED: 12,
} as const;

export const CONFIG_MORE = 1;

/** COMMAND codes: the lane answers each with one COMMAND_ANSWER that carries the request id. */
export const COMMAND_CODE = {
  /** Answered when every record before it has been handled and its outputs released. */
  FENCE: 1,
} as const;

/** Who sheds. */
export const REGULATE_SOURCE = {
  REGULATOR: 0,
  /** Written by the lane itself: the journal's room runs out. */
  DISK: 1,
} as const;

/** What the gate asks a lane. */
export const REQUEST_ID = {
  DRAIN: 1,
  ROLL_CLOSE: 2,
  ROLL_END: 3,
} as const;

/** The end of the day, step by step; a step that was taken already is answered again and does nothing. */
export const ROLL_STEP = {
  /** No more orders; every open one is canceled. Answered when none is left, whoever reads or does not. */
  CLOSE: 1,
  /** Only when none is left: nothing is taken any more. Answered as a FENCE is. */
  END: 2,
} as const;

/** Where a lane stands in its session. */
export const DAY_PHASE = {
  OPEN: 0,
  /** CLOSE came: no more orders, and the open ones go. */
  CLOSING: 1,
  /** None is left. */
  CLOSED: 2,
  /** END came: the journal is complete. */
  ENDED: 3,
} as const;

export const DETACH_REASON = {
  CLOSED: 1, // the peer closed or reset
  LOGOUT: 2,
  IDLE: 3,
  STALLED: 4, // full window did not move for sendStallMsMax
  PROTOCOL: 5, // bad packet
  FORCED: 6, // we closed it: offences, resources, operator
  DRAIN: 7,
  SUPERSEDED: 8,
} as const;

/** Places in an array of stamps for copyStampsFrom(). */
export const STAMP = { EVENT_NS: 0, SINCE_NS: 1, READ_NS: 2 } as const;
const STAMP_COUNT = 3;
export const createStamps = (): Float64Array => new Float64Array(STAMP_COUNT);

/** A window on one inbound record. Valid until the slot is handed back. */
export class InboundRecord {
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

  /** Starts a record: kind, connection, epoch; everything else zero, but the depth, which is known when it is handed over. */
  start(kind: number, connection: number, epoch: number): this {
    const word = this.base >> 2;
    this.words[word + (KIND_OFFSET >> 2)] = kind; // and no flags, no payload: they are of the same word
    this.words[word + (CONNECTION_OFFSET >> 2)] = connection;
    this.words[word + (EPOCH_OFFSET >> 2)] = epoch;
    this.words[word + (DETAIL_OFFSET >> 2)] = 0;
    const double = this.base >> 3;
    this.doubles[double + (EVENT_NS_OFFSET >> 3)] = 0;
    this.doubles[double + (SINCE_NS_OFFSET >> 3)] = 0;
    this.doubles[double + (READ_NS_OFFSET >> 3)] = 0;
    this.doubles[double + (INBOUND_NS_OFFSET >> 3)] = 0;
    return this;
  }

  get kind(): number {
    return this.bytes[this.base + KIND_OFFSET]!;
  }
  get flags(): number {
    return this.bytes[this.base + FLAGS_OFFSET]!;
  }
  set flags(value: number) {
    this.bytes[this.base + FLAGS_OFFSET] = value;
  }
  get payloadBytes(): number {
    const offset = this.base + PAYLOAD_BYTES_OFFSET;
    return this.bytes[offset]! | (this.bytes[offset + 1]! << 8);
  }
  set payloadBytes(value: number) {
    assert(value <= INBOUND_PAYLOAD_BYTES_MAX, "payload overruns its slot");
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
  get eventNs(): number {
    return this.doubles[(this.base + EVENT_NS_OFFSET) >> 3]!;
  }
  set eventNs(value: number) {
    this.doubles[(this.base + EVENT_NS_OFFSET) >> 3] = value;
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
  get depth(): number {
    return this.words[(this.base + DEPTH_OFFSET) >> 2]!;
  }
  set depth(value: number) {
    this.words[(this.base + DEPTH_OFFSET) >> 2] = value;
  }
  /**
   * Event, since and read time at once, at the places of STAMP. Handed to setters one by one, each would become an
   * object of 16 bytes wherever V8 does not inline the call.
   */
  copyStampsFrom(stamps: Float64Array): void {
    const double = this.base >> 3;
    this.doubles[double + (EVENT_NS_OFFSET >> 3)] = stamps[STAMP.EVENT_NS]!;
    this.doubles[double + (SINCE_NS_OFFSET >> 3)] = stamps[STAMP.SINCE_NS]!;
    this.doubles[double + (READ_NS_OFFSET >> 3)] = stamps[STAMP.READ_NS]!;
  }
  /** Byte offset of the payload within the slot memory. */
  get payloadOffset(): number {
    return this.base + PAYLOAD_OFFSET;
  }
}

assert(SINCE_NS_OFFSET % 8 === 0 && EVENT_NS_OFFSET % 8 === 0, "stamps are not aligned");
