// Order Executed, host → client: shares have traded (OUCH 5.0 §3.6).

import { assert } from "../../base/assert.ts";
import { copyU64, readU64, UNWRAPPED, writeU64 } from "../wire-fields.ts";
import { OUTBOUND_FIELDS_OFFSET, TIMESTAMP_OFFSET, TYPE_OFFSET } from "./message-header.ts";
import { TAG, tagMask } from "./tag.ts";

const USER_REF_NUM_OFFSET = OUTBOUND_FIELDS_OFFSET; // u32, the order's number
const QUANTITY_OFFSET = USER_REF_NUM_OFFSET + 4; // u32, shares of this execution
const PRICE_OFFSET = QUANTITY_OFFSET + 4; // u64, four implied decimals
const LIQUIDITY_FLAG_OFFSET = PRICE_OFFSET + 8; // 1, LIQUIDITY
const MATCH_NUMBER_OFFSET = LIQUIDITY_FLAG_OFFSET + 1; // u64, shared by both sides of the trade

export const ORDER_EXECUTED_TYPE = 0x45; // 'E'
/** Without the appendage and its length, which stands here. */
export const ORDER_EXECUTED_BYTES = MATCH_NUMBER_OFFSET + 8;
/** The appendage length is always there, and 0 when nothing follows. */
export const ORDER_EXECUTED_APPENDAGE_OPTIONAL = false;
export const ORDER_EXECUTED_TAGS: number = tagMask(TAG.USER_REF_IDX);

/** A window on one Order Executed. Valid until the bytes beneath it are reused. */
export class OrderExecuted {
  private view = UNWRAPPED;
  private base = 0;

  wrap(view: DataView, base: number): this {
    assert(base >= 0, "message starts before its buffer");
    assert(base + ORDER_EXECUTED_BYTES <= view.byteLength, "message overruns its buffer");
    this.view = view;
    this.base = base;
    return this;
  }

  /** Writes the type and nothing else. */
  start(): this {
    this.view.setUint8(this.base + TYPE_OFFSET, ORDER_EXECUTED_TYPE);
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

  get quantity(): number {
    return this.view.getUint32(this.base + QUANTITY_OFFSET);
  }
  set quantity(value: number) {
    this.view.setUint32(this.base + QUANTITY_OFFSET, value);
  }

  get price(): number {
    return readU64(this.view, this.base + PRICE_OFFSET);
  }
  set price(value: number) {
    writeU64(this.view, this.base + PRICE_OFFSET, value);
  }

  get liquidityFlag(): number {
    return this.view.getUint8(this.base + LIQUIDITY_FLAG_OFFSET);
  }
  set liquidityFlag(value: number) {
    this.view.setUint8(this.base + LIQUIDITY_FLAG_OFFSET, value);
  }

  get matchNumberHigh(): number {
    return this.view.getUint32(this.base + MATCH_NUMBER_OFFSET);
  }
  set matchNumberHigh(value: number) {
    this.view.setUint32(this.base + MATCH_NUMBER_OFFSET, value);
  }

  get matchNumberLow(): number {
    return this.view.getUint32(this.base + MATCH_NUMBER_OFFSET + 4);
  }
  set matchNumberLow(value: number) {
    this.view.setUint32(this.base + MATCH_NUMBER_OFFSET + 4, value);
  }

  /** For tools: makes a bigint. */
  get matchNumber(): bigint {
    return this.view.getBigUint64(this.base + MATCH_NUMBER_OFFSET);
  }
}
