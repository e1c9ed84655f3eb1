// Order Restated, host → client: how the order is displayed has changed (OUCH 5.0 §3.13).

import { assert } from "../../base/assert.ts";
import { copyU64, readU64, UNWRAPPED, writeU64 } from "../wire-fields.ts";
import { OUTBOUND_FIELDS_OFFSET, TIMESTAMP_OFFSET, TYPE_OFFSET } from "./message-header.ts";
import { TAG, tagMask } from "./tag.ts";

const USER_REF_NUM_OFFSET = OUTBOUND_FIELDS_OFFSET; // u32, the order's number
const REASON_OFFSET = USER_REF_NUM_OFFSET + 4; // 1, RESTATED_REASON

export const ORDER_RESTATED_TYPE = 0x52; // 'R'
/** Without the appendage and its length, which stands here. */
export const ORDER_RESTATED_BYTES = REASON_OFFSET + 1;
/** The appendage length is always there, and 0 when nothing follows. */
export const ORDER_RESTATED_APPENDAGE_OPTIONAL = false;
export const ORDER_RESTATED_TAGS: number = tagMask(
  TAG.SECONDARY_ORDER_REFERENCE,
  TAG.DISPLAY_QUANTITY,
  TAG.DISPLAY_PRICE,
  TAG.USER_REF_IDX,
);

/** A window on one Order Restated. Valid until the bytes beneath it are reused. */
export class OrderRestated {
  private view = UNWRAPPED;
  private base = 0;

  wrap(view: DataView, base: number): this {
    assert(base >= 0, "message starts before its buffer");
    assert(base + ORDER_RESTATED_BYTES <= view.byteLength, "message overruns its buffer");
    this.view = view;
    this.base = base;
    return this;
  }

  /** Writes the type and nothing else. */
  start(): this {
    this.view.setUint8(this.base + TYPE_OFFSET, ORDER_RESTATED_TYPE);
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
    return this.view.getUint8(this.base + REASON_OFFSET);
  }
  set reason(value: number) {
    this.view.setUint8(this.base + REASON_OFFSET, value);
  }
}
