// Cancel Pending, host → client: will be canceled right after the cross (OUCH 5.0 §3.9).

import { assert } from "../../base/assert.ts";
import { copyU64, readU64, UNWRAPPED, writeU64 } from "../wire-fields.ts";
import { OUTBOUND_FIELDS_OFFSET, TIMESTAMP_OFFSET, TYPE_OFFSET } from "./message-header.ts";
import { TAG, tagMask } from "./tag.ts";

const USER_REF_NUM_OFFSET = OUTBOUND_FIELDS_OFFSET; // u32, the order's number

export const CANCEL_PENDING_TYPE = 0x50; // 'P'
/** Without the appendage and its length, which stands here. */
export const CANCEL_PENDING_BYTES = USER_REF_NUM_OFFSET + 4;
/** The appendage is there only when the order or request has a UserRefIdx other than 0. */
export const CANCEL_PENDING_APPENDAGE_OPTIONAL = true;
export const CANCEL_PENDING_TAGS: number = tagMask(TAG.USER_REF_IDX);

/** A window on one Cancel Pending. Valid until the bytes beneath it are reused. */
export class CancelPending {
  private view = UNWRAPPED;
  private base = 0;

  wrap(view: DataView, base: number): this {
    assert(base >= 0, "message starts before its buffer");
    assert(base + CANCEL_PENDING_BYTES <= view.byteLength, "message overruns its buffer");
    this.view = view;
    this.base = base;
    return this;
  }

  /** Writes the type and nothing else. */
  start(): this {
    this.view.setUint8(this.base + TYPE_OFFSET, CANCEL_PENDING_TYPE);
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
}
