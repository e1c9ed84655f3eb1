// System Event, host → client: the day starts or ends (OUCH 5.0 §3.1).

import { assert } from "../../base/assert.ts";
import { copyU64, readU64, UNWRAPPED, writeU64 } from "../wire-fields.ts";
import { OUTBOUND_FIELDS_OFFSET, TIMESTAMP_OFFSET, TYPE_OFFSET } from "./message-header.ts";

const EVENT_CODE_OFFSET = OUTBOUND_FIELDS_OFFSET; // 1, EVENT_CODE

export const SYSTEM_EVENT_TYPE = 0x53; // 'S'
export const SYSTEM_EVENT_BYTES = EVENT_CODE_OFFSET + 1;

/** A window on one System Event. Valid until the bytes beneath it are reused. */
export class SystemEvent {
  private view = UNWRAPPED;
  private base = 0;

  wrap(view: DataView, base: number): this {
    assert(base >= 0, "message starts before its buffer");
    assert(base + SYSTEM_EVENT_BYTES <= view.byteLength, "message overruns its buffer");
    this.view = view;
    this.base = base;
    return this;
  }

  /** Writes the type and nothing else. */
  start(): this {
    this.view.setUint8(this.base + TYPE_OFFSET, SYSTEM_EVENT_TYPE);
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

  get eventCode(): number {
    return this.view.getUint8(this.base + EVENT_CODE_OFFSET);
  }
  set eventCode(value: number) {
    this.view.setUint8(this.base + EVENT_CODE_OFFSET, value);
  }
}
