// One record of a log ring (E35): 72 bytes, the core of 21 first, as it stands in the binary file.
//
//   core (21 bytes, little-endian, unpadded)
//     id      u64   what it is about: lane << 56 | account << 32 | UserRefNum; of a connection ffffffff << 32 | epoch
//     ns      u64   when it was over; in the ring: monotonic; in the file: since 1970
//     status  u8    LOG_STATUS
//     delta   i32   signed µs: how long it took, clamped
//   beside it: kind, thread, type, connection, account, UserRefNum, why, and the first bytes of the frame
//
// The frame is the beginning of an answer's packet. What is about a connection has its account's name and its address
// there instead: nothing of a login is ever kept.

import { assert } from "../base/assert.ts";
import { createRecordRing } from "./record-ring.ts";

const ID_LOW_OFFSET = 0; // u32
const ID_HIGH_OFFSET = ID_LOW_OFFSET + 4; // u32
const NS_LOW_OFFSET = ID_HIGH_OFFSET + 4; // u32
const NS_HIGH_OFFSET = NS_LOW_OFFSET + 4; // u32
const STATUS_OFFSET = NS_HIGH_OFFSET + 4; // u8
const DELTA_US_OFFSET = STATUS_OFFSET + 1; // i32, unaligned
export const LOG_CORE_BYTES = DELTA_US_OFFSET + 4;
const KIND_OFFSET = LOG_CORE_BYTES; // u8, LOG_KIND
const THREAD_OFFSET = KIND_OFFSET + 1; // u8, THREAD
const TYPE_OFFSET = THREAD_OFFSET + 1; // u8, OUCH letter of the request, 0 = none
const CONNECTION_OFFSET = TYPE_OFFSET + 1; // i32, -1 = none
const ACCOUNT_OFFSET = CONNECTION_OFFSET + 4; // i32, the lane's number, -1 = none
const USER_REF_NUM_OFFSET = ACCOUNT_OFFSET + 4; // u32
const WHY_OFFSET = USER_REF_NUM_OFFSET + 4; // u8, LOG_WHY bits
const FRAME_BYTES_OFFSET = WHY_OFFSET + 1; // u8, of the frame that follows
const DETAIL_OFFSET = FRAME_BYTES_OFFSET + 1; // u16, per kind
const FRAME_OFFSET = DETAIL_OFFSET + 2;
export const LOG_FRAME_BYTES_MAX = 32;
export const LOG_RECORD_BYTES = FRAME_OFFSET + LOG_FRAME_BYTES_MAX;
export const LOG_RING_RECORDS = 65_536;

/** Within the frame of what is about a connection. */
const NAME_BYTES = 8;
const ADDRESS_OFFSET = FRAME_OFFSET + NAME_BYTES;
const ADDRESS_BYTES_MAX = LOG_FRAME_BYTES_MAX - NAME_BYTES;

export const createLogRing = (): SharedArrayBuffer =>
  createRecordRing(LOG_RING_RECORDS, LOG_RECORD_BYTES);

/** They stand in files: only added to. */
export const LOG_KIND = {
  /** A request was answered. detail: the answer's letter, and LOG_ANSWER bits. */
  ANSWER: 1,
  /** An account is attached. */
  LOGIN: 2,
  /** detail: LOGIN_REFUSAL. */
  LOGIN_REFUSED: 3,
  /** A connection ended. detail: DETACH_REASON. */
  DISCONNECT: 4,
  /** A newcomer met a cap of `listen`. */
  CONNECTION_REFUSED: 5,
  /** A market order traded late; delta: after it was entered. */
  LATE_FILL: 6,
  /** An order is over that rested long; delta: how long, clamped. */
  LONG_REST: 7,
  /** Another cancel of the same order within a moment; delta: after the one before. */
  CANCEL_AGAIN: 8,
} as const;

/** Of the binary file's core: only added to. */
export const LOG_STATUS = {
  OK: 0,
  /** Rejected or refused. */
  ERROR: 1,
  /** Later than the SLA; idle, stalled; late or long by the limits of `telemetry.log`. */
  TIME_OUT: 2,
  /** The peer went. */
  DISCONNECT: 3,
  /** We sent it away: bad packets, resources, an operator, another login. */
  CLOSED: 4,
} as const;

/** Why a record was kept, as bits. */
export const LOG_WHY = {
  SAMPLED: 1,
  /** Slower than telemetry.tailMs. */
  SLOW: 2,
  REJECTED: 4,
  /** Its kind always is. */
  ALWAYS: 8,
} as const;

/** Upper byte of an answer's detail, as bits. */
export const LOG_ANSWER = { PEER_LIMITED: 1, DELAYED: 2, MARKET: 4 } as const;

const DELTA_US_MAX = 2 ** 31 - 1;
const NS_PER_US = 1000;
const WORD_VALUES = 2 ** 32;

/**
 * Everything but ids and frame, which writeLogOrder() and writeLogFrame(), or writeLogPeer(), add. When it was over and
 * how long it took come from two stamps of `stamps`: doubles are handed over where they lie, as arguments they might
 * become objects. Whole words only; `base` is a whole 8.
 */
export function writeLogHead(
  words: Int32Array,
  base: number,
  kind: number,
  thread: number,
  status: number,
  type: number,
  why: number,
  detail: number,
  frameBytes: number,
  stamps: Float64Array,
  fromStamp: number,
  toStamp: number,
): void {
  const word = base >> 2;
  const ns = stamps[toStamp]!;
  const high = Math.floor(ns / WORD_VALUES);
  words[word + (NS_LOW_OFFSET >> 2)] = ns - high * WORD_VALUES;
  words[word + (NS_HIGH_OFFSET >> 2)] = high;
  const exactUs = (ns - stamps[fromStamp]!) / NS_PER_US;
  let deltaUs = DELTA_US_MAX;
  if (exactUs < DELTA_US_MAX)
    deltaUs = exactUs > -DELTA_US_MAX ? Math.round(exactUs) : -DELTA_US_MAX;
  // The delta lies across two words: behind the status, and before kind, thread and type.
  words[word + (STATUS_OFFSET >> 2)] = status | (deltaUs << 8);
  words[word + (KIND_OFFSET >> 2)] = (deltaUs >>> 24) | (kind << 8) | (thread << 16) | (type << 24);
  words[word + (WHY_OFFSET >> 2)] = why | (frameBytes << 8) | (detail << 16);
}

export function writeLogOrder(
  words: Int32Array,
  base: number,
  lane: number,
  account: number,
  userRefNum: number,
  connection: number,
): void {
  const word = base >> 2;
  words[word + (ID_LOW_OFFSET >> 2)] = userRefNum;
  words[word + (ID_HIGH_OFFSET >> 2)] = (lane << 24) | account;
  words[word + (CONNECTION_OFFSET >> 2)] = connection;
  words[word + (ACCOUNT_OFFSET >> 2)] = account;
  words[word + (USER_REF_NUM_OFFSET >> 2)] = userRefNum;
}

/** Copies whole words, whatever the frame's length: a branch less, and the reader knows the length. */
export function writeLogFrame(
  words: Int32Array,
  base: number,
  source: Int32Array,
  sourceOffset: number,
): void {
  const target = (base + FRAME_OFFSET) >> 2;
  const first = sourceOffset >> 2;
  for (let word = 0; word < LOG_FRAME_BYTES_MAX >> 2; word++) {
    words[target + word] = source[first + word]!;
  }
}

/** Who a connection is, off the path. */
export function writeLogPeer(
  words: Int32Array,
  bytes: Buffer,
  base: number,
  epoch: number,
  connection: number,
  name: string,
  address: string,
): void {
  const word = base >> 2;
  words[word + (ID_LOW_OFFSET >> 2)] = epoch;
  words[word + (ID_HIGH_OFFSET >> 2)] = -1;
  words[word + (CONNECTION_OFFSET >> 2)] = connection;
  words[word + (ACCOUNT_OFFSET >> 2)] = -1;
  words[word + (USER_REF_NUM_OFFSET >> 2)] = 0;
  const frame = base + FRAME_OFFSET;
  bytes.fill(0, frame, frame + LOG_FRAME_BYTES_MAX);
  bytes.write(name, frame, NAME_BYTES, "latin1");
  const written = bytes.write(address, base + ADDRESS_OFFSET, ADDRESS_BYTES_MAX, "latin1");
  bytes[base + FRAME_BYTES_OFFSET] = NAME_BYTES + written;
}

/** Lane of what is about a connection, which is no lane's. */
export const LOG_NO_LANE = 0xff;

/** A window on one log record, for readers off the path. Valid until the bytes are used again. */
export class LogRecord {
  private view: DataView = new DataView(new ArrayBuffer(0));
  private base = 0;

  wrap(memory: ArrayBufferLike, base: number): this {
    if (this.view.buffer !== memory) this.view = new DataView(memory);
    this.base = base;
    return this;
  }

  /** Of the core's id: the UserRefNum, or the connection's epoch. */
  get idLow(): number {
    return this.view.getUint32(this.base + ID_LOW_OFFSET, true);
  }
  /** LOG_NO_LANE: it is about a connection. */
  get lane(): number {
    return this.view.getUint32(this.base + ID_HIGH_OFFSET, true) >>> 24;
  }
  get ns(): number {
    return this.nsHigh * WORD_VALUES + this.nsLow;
  }
  /** Of the core's id: the lane's number of the account. */
  get idAccount(): number {
    return this.view.getUint32(this.base + ID_HIGH_OFFSET, true) & 0xff_ffff;
  }
  get nsHigh(): number {
    return this.view.getUint32(this.base + NS_HIGH_OFFSET, true);
  }
  get nsLow(): number {
    return this.view.getUint32(this.base + NS_LOW_OFFSET, true);
  }
  get status(): number {
    return this.view.getUint8(this.base + STATUS_OFFSET);
  }
  get deltaUs(): number {
    return this.view.getInt32(this.base + DELTA_US_OFFSET, true);
  }
  get kind(): number {
    return this.view.getUint8(this.base + KIND_OFFSET);
  }
  get thread(): number {
    return this.view.getUint8(this.base + THREAD_OFFSET);
  }
  /** OUCH letter of the request, as its byte; 0 = none. */
  get type(): number {
    return this.view.getUint8(this.base + TYPE_OFFSET);
  }
  get connection(): number {
    return this.view.getInt32(this.base + CONNECTION_OFFSET, true);
  }
  /** The lane's number of it, -1 = none. */
  get account(): number {
    return this.view.getInt32(this.base + ACCOUNT_OFFSET, true);
  }
  get userRefNum(): number {
    return this.view.getUint32(this.base + USER_REF_NUM_OFFSET, true);
  }
  get why(): number {
    return this.view.getUint8(this.base + WHY_OFFSET);
  }
  get detail(): number {
    return this.view.getUint16(this.base + DETAIL_OFFSET, true);
  }
  get frameBytes(): number {
    return this.view.getUint8(this.base + FRAME_BYTES_OFFSET);
  }
  /** A copy of the frame. */
  frame(): Uint8Array {
    const first = this.base + FRAME_OFFSET;
    return new Uint8Array(this.view.buffer.slice(first, first + this.frameBytes));
  }
  /** Of what is about a connection; empty = it never said. */
  get peerName(): string {
    return this.text(FRAME_OFFSET, Math.min(this.frameBytes, NAME_BYTES));
  }
  get peerAddress(): string {
    return this.text(ADDRESS_OFFSET, Math.max(0, this.frameBytes - NAME_BYTES));
  }

  private text(offset: number, length: number): string {
    let text = "";
    for (let index = 0; index < length; index++) {
      const byte = this.view.getUint8(this.base + offset + index);
      if (byte === 0) break;
      text += String.fromCharCode(byte);
    }
    return text;
  }
}

/** Copies the core, with its time since 1970 in place of the monotonic one. */
export function writeLogCore(
  target: Buffer,
  targetOffset: number,
  source: Buffer,
  base: number,
  epochNsHigh: number,
  epochNsLow: number,
): void {
  source.copy(target, targetOffset, base, base + LOG_CORE_BYTES);
  target.writeUInt32LE(epochNsLow, targetOffset + NS_LOW_OFFSET);
  target.writeUInt32LE(epochNsHigh, targetOffset + NS_HIGH_OFFSET);
}

assert(
  KIND_OFFSET % 4 === 1 && STATUS_OFFSET % 4 === 0 && WHY_OFFSET % 4 === 0,
  "fields that share a word do not lie in one",
);
assert(LOG_CORE_BYTES === 21, "the core has grown");
assert(LOG_RECORD_BYTES === 72, "a record has grown");
