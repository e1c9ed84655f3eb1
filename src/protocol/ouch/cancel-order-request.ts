// Cancel Order Request, client → host: fewer shares, or none, of a live order (OUCH 5.0 §2.3).

import { assert } from "../../base/assert.ts";
import { UNWRAPPED } from "../wire-fields.ts";
import { INBOUND_FIELDS_OFFSET, TYPE_OFFSET } from "./message-header.ts";
import { TAG, tagMask } from "./tag.ts";

const USER_REF_NUM_OFFSET = INBOUND_FIELDS_OFFSET; // u32, the order's number
const QUANTITY_OFFSET = USER_REF_NUM_OFFSET + 4; // u32, intended total, executed shares included; 0 = cancel all that is open

export const CANCEL_ORDER_REQUEST_TYPE = 0x58; // 'X'
/** Without the appendage and its length, which stands here. */
export const CANCEL_ORDER_REQUEST_BYTES = QUANTITY_OFFSET + 4;
/** The message may end before the appendage length. */
export const CANCEL_ORDER_REQUEST_APPENDAGE_OPTIONAL = true;
export const CANCEL_ORDER_REQUEST_TAGS: number = tagMask(TAG.USER_REF_IDX);

/** A window on one Cancel Order Request. Valid until the bytes beneath it are reused. */
export class CancelOrderRequest {
  private view = UNWRAPPED;
  private base = 0;

  wrap(view: DataView, base: number): this {
    assert(base >= 0, "message starts before its buffer");
    assert(base + CANCEL_ORDER_REQUEST_BYTES <= view.byteLength, "message overruns its buffer");
    this.view = view;
    this.base = base;
    return this;
  }

  /** Writes the type and nothing else. */
  start(): this {
    this.view.setUint8(this.base + TYPE_OFFSET, CANCEL_ORDER_REQUEST_TYPE);
    return this;
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
}
