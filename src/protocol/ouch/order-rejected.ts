// Rejected, host → client: a request was refused and its number is used up (OUCH 5.0 §3.8).

import { assert } from "../../base/assert.ts";
import { copyU64, readText, readU64, UNWRAPPED, writeText, writeU64 } from "../wire-fields.ts";
import { blankClOrdId, CL_ORD_ID_BYTES, copyClOrdId, isSameClOrdId } from "./cl-ord-id.ts";
import { OUTBOUND_FIELDS_OFFSET, TIMESTAMP_OFFSET, TYPE_OFFSET } from "./message-header.ts";
import { TAG, tagMask } from "./tag.ts";

const USER_REF_NUM_OFFSET = OUTBOUND_FIELDS_OFFSET; // u32, the refused request's number
const REASON_OFFSET = USER_REF_NUM_OFFSET + 4; // u16, REJECT_REASON
const CL_ORD_ID_OFFSET = REASON_OFFSET + 2; // 14, letters, blank when the request has none

export const ORDER_REJECTED_TYPE = 0x4a; // 'J'
/** Without the appendage and its length, which stands here. */
export const ORDER_REJECTED_BYTES = CL_ORD_ID_OFFSET + CL_ORD_ID_BYTES;
/** The appendage is there only when the order or request has a UserRefIdx other than 0. */
export const ORDER_REJECTED_APPENDAGE_OPTIONAL = true;
export const ORDER_REJECTED_TAGS: number = tagMask(TAG.USER_REF_IDX);

/** A window on one Rejected. Valid until the bytes beneath it are reused. */
export class OrderRejected {
  private view = UNWRAPPED;
  private base = 0;

  wrap(view: DataView, base: number): this {
    assert(base >= 0, "message starts before its buffer");
    assert(base + ORDER_REJECTED_BYTES <= view.byteLength, "message overruns its buffer");
    this.view = view;
    this.base = base;
    return this;
  }

  /** Writes the type and nothing else. */
  start(): this {
    this.view.setUint8(this.base + TYPE_OFFSET, ORDER_REJECTED_TYPE);
    return this;
  }

  /** Nanoseconds since midnight of the trading date. */
  get timestamp(): number {
    return readU64(this.view, this.base + TIMESTAMP_OFFSET);
  }
  set timestamp(value: number) {
    writeU64(this.view, this.base + TIMESTAMP_OFFSET, value);
  }
  /** From a u64 that writeU64() wrote: takes no number too large for a small integer, so makes no box. */
  copyTimestampFrom(source: DataView, sourceOffset: number): void {
    copyU64(source, sourceOffset, this.view, this.base + TIMESTAMP_OFFSET);
  }

  get userRefNum(): number {
    return this.view.getUint32(this.base + USER_REF_NUM_OFFSET);
  }
  set userRefNum(value: number) {
    this.view.setUint32(this.base + USER_REF_NUM_OFFSET, value);
  }

  get reason(): number {
    return this.view.getUint16(this.base + REASON_OFFSET);
  }
  set reason(value: number) {
    this.view.setUint16(this.base + REASON_OFFSET, value);
  }

  copyClOrdIdTo(target: DataView, targetOffset: number): void {
    copyClOrdId(this.view, this.base + CL_ORD_ID_OFFSET, target, targetOffset);
  }
  copyClOrdIdFrom(source: DataView, sourceOffset: number): void {
    copyClOrdId(source, sourceOffset, this.view, this.base + CL_ORD_ID_OFFSET);
  }

  blankClOrdId(): void {
    blankClOrdId(this.view, this.base + CL_ORD_ID_OFFSET);
  }

  hasClOrdId(other: DataView, otherOffset: number): boolean {
    return isSameClOrdId(this.view, this.base + CL_ORD_ID_OFFSET, other, otherOffset);
  }

  /** For tools: makes a string. */
  get clOrdId(): string {
    return readText(this.view, this.base + CL_ORD_ID_OFFSET, CL_ORD_ID_BYTES);
  }
  set clOrdId(value: string) {
    writeText(this.view, this.base + CL_ORD_ID_OFFSET, CL_ORD_ID_BYTES, value);
  }
}
