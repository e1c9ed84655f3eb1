// Order Accepted, host → client: answers Enter Order (OUCH 5.0 §3.2).

import { assert } from "../../base/assert.ts";
import { copyU64, readText, readU64, UNWRAPPED, writeText, writeU64 } from "../wire-fields.ts";
import { CL_ORD_ID_BYTES, copyClOrdId, isSameClOrdId } from "./cl-ord-id.ts";
import { SYMBOL_BYTES } from "./field-bytes.ts";
import { OUTBOUND_FIELDS_OFFSET, TIMESTAMP_OFFSET, TYPE_OFFSET } from "./message-header.ts";
import { TAG, tagMask } from "./tag.ts";

const USER_REF_NUM_OFFSET = OUTBOUND_FIELDS_OFFSET; // u32, the order's number
const SIDE_OFFSET = USER_REF_NUM_OFFSET + 4; // 1, as entered
const QUANTITY_OFFSET = SIDE_OFFSET + 1; // u32, accepted shares
const SYMBOL_OFFSET = QUANTITY_OFFSET + 4; // 8, letters
const PRICE_OFFSET = SYMBOL_OFFSET + SYMBOL_BYTES; // u64, accepted; equal to the entered one or better
const TIME_IN_FORCE_OFFSET = PRICE_OFFSET + 8; // 1, accepted; equal to the entered one or shorter
const DISPLAY_OFFSET = TIME_IN_FORCE_OFFSET + 1; // 1, DISPLAY
const ORDER_REFERENCE_OFFSET = DISPLAY_OFFSET + 1; // u64, day-unique, the host's
const CAPACITY_OFFSET = ORDER_REFERENCE_OFFSET + 8; // 1
const INTER_MARKET_SWEEP_OFFSET = CAPACITY_OFFSET + 1; // 1
const CROSS_TYPE_OFFSET = INTER_MARKET_SWEEP_OFFSET + 1; // 1
const ORDER_STATE_OFFSET = CROSS_TYPE_OFFSET + 1; // 1, ORDER_STATE
const CL_ORD_ID_OFFSET = ORDER_STATE_OFFSET + 1; // 14, letters

export const ORDER_ACCEPTED_TYPE = 0x41; // 'A'
/** Without the appendage and its length, which stands here. */
export const ORDER_ACCEPTED_BYTES = CL_ORD_ID_OFFSET + CL_ORD_ID_BYTES;
/** The appendage length is always there, and 0 when nothing follows. */
export const ORDER_ACCEPTED_APPENDAGE_OPTIONAL = false;
export const ORDER_ACCEPTED_TAGS: number = tagMask(
  TAG.FIRM,
  TAG.MIN_QTY,
  TAG.CUSTOMER_TYPE,
  TAG.MAX_FLOOR,
  TAG.PRICE_TYPE,
  TAG.PEG_OFFSET,
  TAG.DISCRETION_PRICE,
  TAG.DISCRETION_PRICE_TYPE,
  TAG.DISCRETION_PEG_OFFSET,
  TAG.POST_ONLY,
  TAG.RANDOM_RESERVES,
  TAG.ROUTE,
  TAG.EXPIRE_TIME,
  TAG.TRADE_NOW,
  TAG.HANDLE_INST,
  TAG.BBO_WEIGHT,
  TAG.GROUP_ID,
  TAG.SHARES_LOCATED,
  TAG.USER_REF_IDX,
);

/** The price of an Order Accepted that starts at `offset`, less its upper half, which no legal price has. */
export const acceptedPriceAt = (bytes: Buffer, offset: number): number => {
  const price = offset + PRICE_OFFSET + 4;
  return (
    (bytes[price]! << 24) | (bytes[price + 1]! << 16) | (bytes[price + 2]! << 8) | bytes[price + 3]!
  );
};

/** A window on one Order Accepted. Valid until the bytes beneath it are reused. */
export class OrderAccepted {
  private view = UNWRAPPED;
  private base = 0;

  wrap(view: DataView, base: number): this {
    assert(base >= 0, "message starts before its buffer");
    assert(base + ORDER_ACCEPTED_BYTES <= view.byteLength, "message overruns its buffer");
    this.view = view;
    this.base = base;
    return this;
  }

  /** Writes the type and nothing else. */
  start(): this {
    this.view.setUint8(this.base + TYPE_OFFSET, ORDER_ACCEPTED_TYPE);
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

  get side(): number {
    return this.view.getUint8(this.base + SIDE_OFFSET);
  }
  set side(value: number) {
    this.view.setUint8(this.base + SIDE_OFFSET, value);
  }

  get quantity(): number {
    return this.view.getUint32(this.base + QUANTITY_OFFSET);
  }
  set quantity(value: number) {
    this.view.setUint32(this.base + QUANTITY_OFFSET, value);
  }

  get symbolHigh(): number {
    return this.view.getUint32(this.base + SYMBOL_OFFSET);
  }
  set symbolHigh(value: number) {
    this.view.setUint32(this.base + SYMBOL_OFFSET, value);
  }

  get symbolLow(): number {
    return this.view.getUint32(this.base + SYMBOL_OFFSET + 4);
  }
  set symbolLow(value: number) {
    this.view.setUint32(this.base + SYMBOL_OFFSET + 4, value);
  }

  /** For tools: makes a string. */
  get symbol(): string {
    return readText(this.view, this.base + SYMBOL_OFFSET, SYMBOL_BYTES);
  }
  set symbol(value: string) {
    writeText(this.view, this.base + SYMBOL_OFFSET, SYMBOL_BYTES, value);
  }

  get price(): number {
    return readU64(this.view, this.base + PRICE_OFFSET);
  }
  set price(value: number) {
    writeU64(this.view, this.base + PRICE_OFFSET, value);
  }

  get timeInForce(): number {
    return this.view.getUint8(this.base + TIME_IN_FORCE_OFFSET);
  }
  set timeInForce(value: number) {
    this.view.setUint8(this.base + TIME_IN_FORCE_OFFSET, value);
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

  get capacity(): number {
    return this.view.getUint8(this.base + CAPACITY_OFFSET);
  }
  set capacity(value: number) {
    this.view.setUint8(this.base + CAPACITY_OFFSET, value);
  }

  get interMarketSweep(): number {
    return this.view.getUint8(this.base + INTER_MARKET_SWEEP_OFFSET);
  }
  set interMarketSweep(value: number) {
    this.view.setUint8(this.base + INTER_MARKET_SWEEP_OFFSET, value);
  }

  get crossType(): number {
    return this.view.getUint8(this.base + CROSS_TYPE_OFFSET);
  }
  set crossType(value: number) {
    this.view.setUint8(this.base + CROSS_TYPE_OFFSET, value);
  }

  get orderState(): number {
    return this.view.getUint8(this.base + ORDER_STATE_OFFSET);
  }
  set orderState(value: number) {
    this.view.setUint8(this.base + ORDER_STATE_OFFSET, value);
  }

  copyClOrdIdTo(target: DataView, targetOffset: number): void {
    copyClOrdId(this.view, this.base + CL_ORD_ID_OFFSET, target, targetOffset);
  }
  copyClOrdIdFrom(source: DataView, sourceOffset: number): void {
    copyClOrdId(source, sourceOffset, this.view, this.base + CL_ORD_ID_OFFSET);
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
