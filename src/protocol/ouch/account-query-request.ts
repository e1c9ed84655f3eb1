// Account Query Request, client → host: which UserRefNum is next (OUCH 5.0 §2.8).

import { assert } from "../../base/assert.ts";
import { UNWRAPPED } from "../wire-fields.ts";
import { INBOUND_FIELDS_OFFSET, TYPE_OFFSET } from "./message-header.ts";
import { TAG, tagMask } from "./tag.ts";

export const ACCOUNT_QUERY_REQUEST_TYPE = 0x51; // 'Q'
/** Without the appendage and its length, which stands here. */
export const ACCOUNT_QUERY_REQUEST_BYTES = INBOUND_FIELDS_OFFSET;
/** The message may end before the appendage length. */
export const ACCOUNT_QUERY_REQUEST_APPENDAGE_OPTIONAL = true;
export const ACCOUNT_QUERY_REQUEST_TAGS: number = tagMask(TAG.USER_REF_IDX);

/** A window on one Account Query Request. Valid until the bytes beneath it are reused. */
export class AccountQueryRequest {
  private view = UNWRAPPED;
  private base = 0;

  wrap(view: DataView, base: number): this {
    assert(base >= 0, "message starts before its buffer");
    assert(base + ACCOUNT_QUERY_REQUEST_BYTES <= view.byteLength, "message overruns its buffer");
    this.view = view;
    this.base = base;
    return this;
  }

  /** Writes the type and nothing else. */
  start(): this {
    this.view.setUint8(this.base + TYPE_OFFSET, ACCOUNT_QUERY_REQUEST_TYPE);
    return this;
  }
}
