// Disable Order Entry Request, client → host: no new orders of a firm (OUCH 5.0 §2.6).

import { assert } from "../../base/assert.ts";
import { readText, UNWRAPPED, writeText } from "../wire-fields.ts";
import { FIRM_BYTES } from "./field-bytes.ts";
import { INBOUND_FIELDS_OFFSET, TYPE_OFFSET } from "./message-header.ts";
import { TAG, tagMask } from "./tag.ts";

const USER_REF_NUM_OFFSET = INBOUND_FIELDS_OFFSET; // u32, a new number of the client's, rising
const FIRM_OFFSET = USER_REF_NUM_OFFSET + 4; // 4, letters

export const DISABLE_ORDER_ENTRY_REQUEST_TYPE = 0x44; // 'D'
/** Without the appendage and its length, which stands here. */
export const DISABLE_ORDER_ENTRY_REQUEST_BYTES = FIRM_OFFSET + FIRM_BYTES;
/** The appendage length is always there, and 0 when nothing follows. */
export const DISABLE_ORDER_ENTRY_REQUEST_APPENDAGE_OPTIONAL = false;
export const DISABLE_ORDER_ENTRY_REQUEST_TAGS: number = tagMask(TAG.USER_REF_IDX);

/** A window on one Disable Order Entry Request. Valid until the bytes beneath it are reused. */
export class DisableOrderEntryRequest {
  private view = UNWRAPPED;
  private base = 0;

  wrap(view: DataView, base: number): this {
    assert(base >= 0, "message starts before its buffer");
    assert(
      base + DISABLE_ORDER_ENTRY_REQUEST_BYTES <= view.byteLength,
      "message overruns its buffer",
    );
    this.view = view;
    this.base = base;
    return this;
  }

  /** Writes the type and nothing else. */
  start(): this {
    this.view.setUint8(this.base + TYPE_OFFSET, DISABLE_ORDER_ENTRY_REQUEST_TYPE);
    return this;
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
}
