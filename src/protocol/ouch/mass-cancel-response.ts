// Mass Cancel Response, host → client: the request is taken; each order's own Canceled follows
// (OUCH 5.0 §3.14).

import { assert } from "../../base/assert.ts";
import { copyU64, readText, readU64, UNWRAPPED, writeText, writeU64 } from "../wire-fields.ts";
import { FIRM_BYTES, SYMBOL_BYTES } from "./field-bytes.ts";
import { OUTBOUND_FIELDS_OFFSET, TIMESTAMP_OFFSET, TYPE_OFFSET } from "./message-header.ts";
import { TAG, tagMask } from "./tag.ts";

const USER_REF_NUM_OFFSET = OUTBOUND_FIELDS_OFFSET; // u32, the request's
const FIRM_OFFSET = USER_REF_NUM_OFFSET + 4; // 4, letters
const SYMBOL_OFFSET = FIRM_OFFSET + FIRM_BYTES; // 8, letters

export const MASS_CANCEL_RESPONSE_TYPE = 0x58; // 'X'
/** Without the appendage and its length, which stands here. */
export const MASS_CANCEL_RESPONSE_BYTES = SYMBOL_OFFSET + SYMBOL_BYTES;
/** The appendage length is always there, and 0 when nothing follows. */
export const MASS_CANCEL_RESPONSE_APPENDAGE_OPTIONAL = false;
export const MASS_CANCEL_RESPONSE_TAGS: number = tagMask(TAG.GROUP_ID, TAG.SIDE, TAG.USER_REF_IDX);

/** A window on one Mass Cancel Response. Valid until the bytes beneath it are reused. */
export class MassCancelResponse {
  private view = UNWRAPPED;
  private base = 0;

  wrap(view: DataView, base: number): this {
    assert(base >= 0, "message starts before its buffer");
    assert(base + MASS_CANCEL_RESPONSE_BYTES <= view.byteLength, "message overruns its buffer");
    this.view = view;
    this.base = base;
    return this;
  }

  /** Writes the type and nothing else. */
  start(): this {
    this.view.setUint8(this.base + TYPE_OFFSET, MASS_CANCEL_RESPONSE_TYPE);
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

  /** The four letters as one number. */
  get firm(): number {
    return this.view.getUint32(this.base + FIRM_OFFSET);
  }
  set firm(value: number) {
    this.view.setUint32(this.base + FIRM_OFFSET, value);
  }

  /** For tools: makes a string. */
  get firmText(): string {
    return readText(this.view, this.base + FIRM_OFFSET, FIRM_BYTES);
  }
  set firmText(value: string) {
    writeText(this.view, this.base + FIRM_OFFSET, FIRM_BYTES, value);
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
}
