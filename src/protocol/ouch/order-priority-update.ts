// Order Priority Update, host → client: the order stands elsewhere in its queue (OUCH 5.0 §3.11).

import { assert } from "../../base/assert.ts";
import { copyU64, readU64, UNWRAPPED, writeU64 } from "../wire-fields.ts";
import { OUTBOUND_FIELDS_OFFSET, TIMESTAMP_OFFSET, TYPE_OFFSET } from "./message-header.ts";
import { TAG, tagMask } from "./tag.ts";

const USER_REF_NUM_OFFSET = OUTBOUND_FIELDS_OFFSET; // u32, the order's number
const PRICE_OFFSET = USER_REF_NUM_OFFSET + 4; // u64
const DISPLAY_OFFSET = PRICE_OFFSET + 8; // 1, DISPLAY
const ORDER_REFERENCE_OFFSET = DISPLAY_OFFSET + 1; // u64, a new one

export const ORDER_PRIORITY_UPDATE_TYPE = 0x54; // 'T'
/** Without the appendage and its length, which stands here. */
export const ORDER_PRIORITY_UPDATE_BYTES = ORDER_REFERENCE_OFFSET + 8;
/** The appendage is there only when the order or request has a UserRefIdx other than 0. */
export const ORDER_PRIORITY_UPDATE_APPENDAGE_OPTIONAL = true;
export const ORDER_PRIORITY_UPDATE_TAGS: number = tagMask(TAG.USER_REF_IDX);

/** A window on one Order Priority Update. Valid until the bytes beneath it are reused. */
export class OrderPriorityUpdate {
  private view = UNWRAPPED;
  private base = 0;

  wrap(view: DataView, base: number): this {
    assert(base >= 0, "message starts before its buffer");
    assert(base + ORDER_PRIORITY_UPDATE_BYTES <= view.byteLength, "message overruns its buffer");
    this.view = view;
    this.base = base;
    return this;
  }

  /** Writes the type and nothing else. */
  start(): this {
    this.view.setUint8(this.base + TYPE_OFFSET, ORDER_PRIORITY_UPDATE_TYPE);
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

  get price(): number {
    return readU64(this.view, this.base + PRICE_OFFSET);
  }
  set price(value: number) {
    writeU64(this.view, this.base + PRICE_OFFSET, value);
  }

  get display(): number {
    return this.view.getUint8(this.base + DISPLAY_OFFSET);
  }
  set display(value: number) {
    this.view.setUint8(this.base + DISPLAY_OFFSET, value);
  }

  get orderReferenceHigh(): number {
    return this.view.getUint32(this.base + ORDER_REFERENCE_OFFSET);
  }
  set orderReferenceHigh(value: number) {
    this.view.setUint32(this.base + ORDER_REFERENCE_OFFSET, value);
  }

  get orderReferenceLow(): number {
    return this.view.getUint32(this.base + ORDER_REFERENCE_OFFSET + 4);
  }
  set orderReferenceLow(value: number) {
    this.view.setUint32(this.base + ORDER_REFERENCE_OFFSET + 4, value);
  }

  /** For tools: makes a bigint. */
  get orderReference(): bigint {
    return this.view.getBigUint64(this.base + ORDER_REFERENCE_OFFSET);
  }
}
