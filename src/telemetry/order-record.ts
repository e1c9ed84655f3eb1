// One answered request with all its stamps: the beginning of the outbound record that carried the answer, its first
// bytes, and two more stamps, which the gate adds, or the lane that writes the answer itself. What the gate keeps until
// the kernel has the answer, and what stands in the slow board and in the trace ring.

import { assert } from "../base/assert.ts";
import { OUTBOUND_FLAG, OUTBOUND_OFFSETS, OUTCOME } from "../memory/outbound-record.ts";
import { STAGE } from "./latency-series.ts";

/** Bytes of the answer's frame that are kept. */
export const FRAME_BYTES_KEPT = 32;
/** What is copied from an outbound record. */
export const ORDER_RECORD_COPIED_BYTES = OUTBOUND_OFFSETS.PAYLOAD + FRAME_BYTES_KEPT;
const OUTBOUND_NS_OFFSET = ORDER_RECORD_COPIED_BYTES; // f64, monotonic, the lane's own write began, or the gate took the answer
const WRITTEN_NS_OFFSET = OUTBOUND_NS_OFFSET + 8; // f64, monotonic, the kernel had its last byte
export const ORDER_RECORD_BYTES = WRITTEN_NS_OFFSET + 8;
export const ORDER_RECORD_WORDS = ORDER_RECORD_BYTES / Int32Array.BYTES_PER_ELEMENT;

/** Places of the stamps, as doubles from the beginning of a record. */
export const ORDER_STAMP = {
  SINCE_NS: OUTBOUND_OFFSETS.SINCE_NS >> 3,
  READ_NS: OUTBOUND_OFFSETS.READ_NS >> 3,
  INBOUND_NS: OUTBOUND_OFFSETS.INBOUND_NS >> 3,
  LANE_NS: OUTBOUND_OFFSETS.LANE_NS >> 3,
  DONE_NS: OUTBOUND_OFFSETS.DONE_NS >> 3,
  DURABLE_NS: OUTBOUND_OFFSETS.DURABLE_NS >> 3,
  OUTBOUND_NS: OUTBOUND_NS_OFFSET >> 3,
  WRITTEN_NS: WRITTEN_NS_OFFSET >> 3,
} as const;
/** In the order in which they are taken. Stage n lies between stamp n and stamp n + 1. */
export const ORDER_STAMPS: readonly number[] = Object.values(ORDER_STAMP);

/** Places of single bytes, from the beginning of a record. */
export const ORDER_BYTE = {
  OUTCOME: OUTBOUND_OFFSETS.OUTCOME,
  REQUEST_TYPE: OUTBOUND_OFFSETS.REQUEST_TYPE,
  ANSWER_TYPE: OUTBOUND_OFFSETS.ANSWER_TYPE,
  FLAGS: OUTBOUND_OFFSETS.FLAGS,
  LANE: OUTBOUND_OFFSETS.LANE,
  /** The answer's packet begins here, cut after FRAME_BYTES_KEPT. */
  FRAME: OUTBOUND_OFFSETS.PAYLOAD,
} as const;

/** A window on one order record, for readers off the path. Valid until the bytes are used again. */
export class OrderRecord {
  private view: DataView = new DataView(new ArrayBuffer(0));
  private bytes: Uint8Array = new Uint8Array(0);
  private base = 0;

  wrap(memory: ArrayBufferLike, base: number): this {
    if (this.view.buffer !== memory) {
      this.view = new DataView(memory);
      this.bytes = new Uint8Array(memory);
    }
    this.base = base;
    return this;
  }

  /** `stamp` of ORDER_STAMP. */
  stampNs(stamp: number): number {
    return this.view.getFloat64(this.base + stamp * 8, true);
  }
  get sinceNs(): number {
    return this.stampNs(ORDER_STAMP.SINCE_NS);
  }
  get writtenNs(): number {
    return this.stampNs(ORDER_STAMP.WRITTEN_NS);
  }
  get totalNs(): number {
    return this.writtenNs - this.sinceNs;
  }
  get connection(): number {
    return this.view.getInt32(this.base + OUTBOUND_OFFSETS.CONNECTION, true);
  }
  get epoch(): number {
    return this.view.getInt32(this.base + OUTBOUND_OFFSETS.EPOCH, true);
  }
  /** Records in the inbound ring when the request came. */
  get depth(): number {
    return this.view.getInt32(this.base + OUTBOUND_OFFSETS.DEPTH, true);
  }
  get lane(): number {
    return this.view.getUint8(this.base + OUTBOUND_OFFSETS.LANE);
  }
  /** The lane's number of it. */
  get account(): number {
    return this.view.getInt32(this.base + OUTBOUND_OFFSETS.ACCOUNT, true);
  }
  get userRefNum(): number {
    return this.view.getUint32(this.base + OUTBOUND_OFFSETS.USER_REF_NUM, true);
  }
  /** OUCH inbound letter, as its byte. */
  get requestType(): number {
    return this.view.getUint8(this.base + OUTBOUND_OFFSETS.REQUEST_TYPE);
  }
  get answerType(): number {
    return this.view.getUint8(this.base + OUTBOUND_OFFSETS.ANSWER_TYPE);
  }
  get isRejected(): boolean {
    return isRejectedOutcome(this.view.getUint8(this.base + OUTBOUND_OFFSETS.OUTCOME));
  }
  /** It left later than its batch. */
  get isDelayed(): boolean {
    return isDelayedOutcome(this.view.getUint8(this.base + OUTBOUND_OFFSETS.OUTCOME));
  }
  get isPeerLimited(): boolean {
    return (
      (this.view.getUint8(this.base + OUTBOUND_OFFSETS.FLAGS) & OUTBOUND_FLAG.PEER_LIMITED) !== 0
    );
  }
  /** Inputs in the request's batch, 0 = not known; and its place among them. */
  get batchCount(): number {
    return this.view.getUint16(this.base + OUTBOUND_OFFSETS.BATCH_COUNT, true);
  }
  get batchIndex(): number {
    return this.view.getUint16(this.base + OUTBOUND_OFFSETS.BATCH_INDEX, true);
  }
  /** A copy: the first bytes of the answer's SoupBinTCP packet. */
  frame(): Uint8Array<ArrayBuffer> {
    const start = this.base + ORDER_BYTE.FRAME;
    const packetBytes = this.view.getUint16(this.base + OUTBOUND_OFFSETS.PAYLOAD_BYTES, true);
    return new Uint8Array(
      this.bytes.subarray(start, start + Math.min(FRAME_BYTES_KEPT, packetBytes)),
    );
  }
}

export const isRejectedOutcome = (outcome: number): boolean =>
  outcome === OUTCOME.REJECTED || outcome === OUTCOME.DELAYED_REJECTED;
export const isDelayedOutcome = (outcome: number): boolean => outcome >= OUTCOME.DELAYED_ACCEPTED;

assert(ORDER_RECORD_BYTES === 128, "an order record is no two cache lines");
assert(ORDER_STAMPS.length === STAGE.service + 1, "stages do not lie between stamps");
