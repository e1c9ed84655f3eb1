// Replace Order Request, client → host: a new order in the place of a live one (OUCH 5.0 §2.2).

import { assert } from "../../base/assert.ts";
import { readText, readU64, UNWRAPPED, writeText, writeU64 } from "../wire-fields.ts";
import { CL_ORD_ID_BYTES, copyClOrdId } from "./cl-ord-id.ts";
import { INBOUND_FIELDS_OFFSET, TYPE_OFFSET } from "./message-header.ts";
import { TAG, tagMask } from "./tag.ts";

const ORIG_USER_REF_NUM_OFFSET = INBOUND_FIELDS_OFFSET; // u32, the live order: the Enter, or the latest Replace of its chain
const USER_REF_NUM_OFFSET = ORIG_USER_REF_NUM_OFFSET + 4; // u32, a new number for the replacement
const QUANTITY_OFFSET = USER_REF_NUM_OFFSET + 4; // u32, total of the whole chain, executed shares included; 1 … 999,999
const PRICE_OFFSET = QUANTITY_OFFSET + 4; // u64, four implied decimals
const TIME_IN_FORCE_OFFSET = PRICE_OFFSET + 8; // 1, TIME_IN_FORCE without 'E'
const DISPLAY_OFFSET = TIME_IN_FORCE_OFFSET + 1; // 1, DISPLAY
const INTER_MARKET_SWEEP_OFFSET = DISPLAY_OFFSET + 1; // 1, 'Y', 'N'
const CL_ORD_ID_OFFSET = INTER_MARKET_SWEEP_OFFSET + 1; // 14, letters, the replacement's

export const REPLACE_ORDER_REQUEST_TYPE = 0x55; // 'U'
/** Without the appendage and its length, which stands here. */
export const REPLACE_ORDER_REQUEST_BYTES = CL_ORD_ID_OFFSET + CL_ORD_ID_BYTES;
/** The appendage length is always there, and 0 when nothing follows. */
export const REPLACE_ORDER_REQUEST_APPENDAGE_OPTIONAL = false;
export const REPLACE_ORDER_REQUEST_TAGS: number = tagMask(
  TAG.MIN_QTY,
  TAG.MAX_FLOOR,
  TAG.PRICE_TYPE,
  TAG.PEG_OFFSET,
  TAG.DISCRETION_PRICE,
  TAG.DISCRETION_PRICE_TYPE,
  TAG.DISCRETION_PEG_OFFSET,
  TAG.POST_ONLY,
  TAG.RANDOM_RESERVES,
  TAG.EXPIRE_TIME,
  TAG.TRADE_NOW,
  TAG.HANDLE_INST,
  TAG.SHARES_LOCATED,
  TAG.LOCATE_BROKER,
  TAG.SIDE,
  TAG.USER_REF_IDX,
);

/** A window on one Replace Order Request. Valid until the bytes beneath it are reused. */
export class ReplaceOrderRequest {
  private view = UNWRAPPED;
  private base = 0;

  wrap(view: DataView, base: number): this {
    assert(base >= 0, "message starts before its buffer");
    assert(base + REPLACE_ORDER_REQUEST_BYTES <= view.byteLength, "message overruns its buffer");
    this.view = view;
    this.base = base;
    return this;
  }

  /** Writes the type and nothing else. */
  start(): this {
    this.view.setUint8(this.base + TYPE_OFFSET, REPLACE_ORDER_REQUEST_TYPE);
    return this;
  }

  get origUserRefNum(): number {
    return this.view.getUint32(this.base + ORIG_USER_REF_NUM_OFFSET);
  }
  set origUserRefNum(value: number) {
    this.view.setUint32(this.base + ORIG_USER_REF_NUM_OFFSET, value);
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

  get interMarketSweep(): number {
    return this.view.getUint8(this.base + INTER_MARKET_SWEEP_OFFSET);
  }
  set interMarketSweep(value: number) {
    this.view.setUint8(this.base + INTER_MARKET_SWEEP_OFFSET, value);
  }

  copyClOrdIdTo(target: DataView, targetOffset: number): void {
    copyClOrdId(this.view, this.base + CL_ORD_ID_OFFSET, target, targetOffset);
  }
  copyClOrdIdFrom(source: DataView, sourceOffset: number): void {
    copyClOrdId(source, sourceOffset, this.view, this.base + CL_ORD_ID_OFFSET);
  }

  /** For tools: makes a string. */
  get clOrdId(): string {
    return readText(this.view, this.base + CL_ORD_ID_OFFSET, CL_ORD_ID_BYTES);
  }
  set clOrdId(value: string) {
    writeText(this.view, this.base + CL_ORD_ID_OFFSET, CL_ORD_ID_BYTES, value);
  }
}
