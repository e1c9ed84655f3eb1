// AIQ Canceled, host → client: self-match prevention took shares off an order (OUCH 5.0 §3.5).

import { assert } from "../../base/assert.ts";
import { copyU64, readU64, UNWRAPPED, writeU64 } from "../wire-fields.ts";
import { OUTBOUND_FIELDS_OFFSET, TIMESTAMP_OFFSET, TYPE_OFFSET } from "./message-header.ts";
import { TAG, tagMask } from "./tag.ts";

const USER_REF_NUM_OFFSET = OUTBOUND_FIELDS_OFFSET; // u32, the order's number
const DECREMENT_SHARES_OFFSET = USER_REF_NUM_OFFSET + 4; // u32, shares removed by this event
const REASON_OFFSET = DECREMENT_SHARES_OFFSET + 4; // 1, always 'Q'
const QUANTITY_PREVENTED_OFFSET = REASON_OFFSET + 1; // u32, shares kept from trading
const EXECUTION_PRICE_OFFSET = QUANTITY_PREVENTED_OFFSET + 4; // u64, at which they would have traded
const LIQUIDITY_FLAG_OFFSET = EXECUTION_PRICE_OFFSET + 8; // 1, LIQUIDITY
const AIQ_STRATEGY_OFFSET = LIQUIDITY_FLAG_OFFSET + 1; // 1

export const AIQ_CANCELED_TYPE = 0x44; // 'D'
/** Without the appendage and its length, which stands here. */
export const AIQ_CANCELED_BYTES = AIQ_STRATEGY_OFFSET + 1;
/** The appendage is there only when the order or request has a UserRefIdx other than 0. */
export const AIQ_CANCELED_APPENDAGE_OPTIONAL = true;
export const AIQ_CANCELED_TAGS: number = tagMask(TAG.USER_REF_IDX);

/** A window on one AIQ Canceled. Valid until the bytes beneath it are reused. */
export class AiqCanceled {
  private view = UNWRAPPED;
  private base = 0;

  wrap(view: DataView, base: number): this {
    assert(base >= 0, "message starts before its buffer");
    assert(base + AIQ_CANCELED_BYTES <= view.byteLength, "message overruns its buffer");
    this.view = view;
    this.base = base;
    return this;
  }

  /** Writes the type and nothing else. */
  start(): this {
    this.view.setUint8(this.base + TYPE_OFFSET, AIQ_CANCELED_TYPE);
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

  get decrementShares(): number {
    return this.view.getUint32(this.base + DECREMENT_SHARES_OFFSET);
  }
  set decrementShares(value: number) {
    this.view.setUint32(this.base + DECREMENT_SHARES_OFFSET, value);
  }

  get reason(): number {
    return this.view.getUint8(this.base + REASON_OFFSET);
  }
  set reason(value: number) {
    this.view.setUint8(this.base + REASON_OFFSET, value);
  }

  get quantityPrevented(): number {
    return this.view.getUint32(this.base + QUANTITY_PREVENTED_OFFSET);
  }
  set quantityPrevented(value: number) {
    this.view.setUint32(this.base + QUANTITY_PREVENTED_OFFSET, value);
  }

  get executionPrice(): number {
    return readU64(this.view, this.base + EXECUTION_PRICE_OFFSET);
  }
  set executionPrice(value: number) {
    writeU64(this.view, this.base + EXECUTION_PRICE_OFFSET, value);
  }

  get liquidityFlag(): number {
    return this.view.getUint8(this.base + LIQUIDITY_FLAG_OFFSET);
  }
  set liquidityFlag(value: number) {
    this.view.setUint8(this.base + LIQUIDITY_FLAG_OFFSET, value);
  }

  get aiqStrategy(): number {
    return this.view.getUint8(this.base + AIQ_STRATEGY_OFFSET);
  }
  set aiqStrategy(value: number) {
    this.view.setUint8(this.base + AIQ_STRATEGY_OFFSET, value);
  }
}
