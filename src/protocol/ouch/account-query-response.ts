// Account Query Response, host → client (OUCH 5.0 §3.17).

import { assert } from "../../base/assert.ts";
import { copyU64, readU64, UNWRAPPED, writeU64 } from "../wire-fields.ts";
import { OUTBOUND_FIELDS_OFFSET, TIMESTAMP_OFFSET, TYPE_OFFSET } from "./message-header.ts";
import { TAG, tagMask } from "./tag.ts";

const NEXT_USER_REF_NUM_OFFSET = OUTBOUND_FIELDS_OFFSET; // u32, the lowest number that a new request may carry; 0 = none is left

export const ACCOUNT_QUERY_RESPONSE_TYPE = 0x51; // 'Q'
/** Without the appendage and its length, which stands here. */
export const ACCOUNT_QUERY_RESPONSE_BYTES = NEXT_USER_REF_NUM_OFFSET + 4;
/** The appendage is there only when the order or request has a UserRefIdx other than 0. */
export const ACCOUNT_QUERY_RESPONSE_APPENDAGE_OPTIONAL = true;
export const ACCOUNT_QUERY_RESPONSE_TAGS: number = tagMask(TAG.USER_REF_IDX);

/** A window on one Account Query Response. Valid until the bytes beneath it are reused. */
export class AccountQueryResponse {
  private view = UNWRAPPED;
  private base = 0;

  wrap(view: DataView, base: number): this {
    assert(base >= 0, "message starts before its buffer");
    assert(base + ACCOUNT_QUERY_RESPONSE_BYTES <= view.byteLength, "message overruns its buffer");
    this.view = view;
    this.base = base;
    return this;
  }

  /** Writes the type and nothing else. */
  start(): this {
    this.view.setUint8(this.base + TYPE_OFFSET, ACCOUNT_QUERY_RESPONSE_TYPE);
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

  get nextUserRefNum(): number {
    return this.view.getUint32(this.base + NEXT_USER_REF_NUM_OFFSET);
  }
  set nextUserRefNum(value: number) {
    this.view.setUint32(this.base + NEXT_USER_REF_NUM_OFFSET, value);
  }
}
