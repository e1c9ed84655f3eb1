// Modify Order Request, client → host: another kind of sell, or fewer shares (OUCH 5.0 §2.4).

import { assert } from "../../base/assert.ts";
import { UNWRAPPED } from "../wire-fields.ts";
import { INBOUND_FIELDS_OFFSET, TYPE_OFFSET } from "./message-header.ts";
import { TAG, tagMask } from "./tag.ts";

const USER_REF_NUM_OFFSET = INBOUND_FIELDS_OFFSET; // u32, the order's number
const SIDE_OFFSET = USER_REF_NUM_OFFSET + 4; // 1, changes among the sell kinds only
const QUANTITY_OFFSET = SIDE_OFFSET + 1; // u32, intended total, executed shares included; 0 = cancel the rest

export const MODIFY_ORDER_REQUEST_TYPE = 0x4d; // 'M'
/** Without the appendage and its length, which stands here. */
export const MODIFY_ORDER_REQUEST_BYTES = QUANTITY_OFFSET + 4;
/** The message may end before the appendage length. */
export const MODIFY_ORDER_REQUEST_APPENDAGE_OPTIONAL = true;
export const MODIFY_ORDER_REQUEST_TAGS: number = tagMask(
  TAG.SHARES_LOCATED,
  TAG.LOCATE_BROKER,
  TAG.USER_REF_IDX,
);

/** A window on one Modify Order Request. Valid until the bytes beneath it are reused. */
export class ModifyOrderRequest {
  private view = UNWRAPPED;
  private base = 0;

  wrap(view: DataView, base: number): this {
    assert(base >= 0, "message starts before its buffer");
    assert(base + MODIFY_ORDER_REQUEST_BYTES <= view.byteLength, "message overruns its buffer");
    this.view = view;
    this.base = base;
    return this;
  }

  /** Writes the type and nothing else. */
  start(): this {
    this.view.setUint8(this.base + TYPE_OFFSET, MODIFY_ORDER_REQUEST_TYPE);
    return this;
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
}
