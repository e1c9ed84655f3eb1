// Login Rejected, server → client (SoupBinTCP 3.00 §2.2). Offsets count from the payload.

import { assert } from "../../base/assert.ts";
import { UNWRAPPED } from "../wire-fields.ts";
import { PACKET_HEADER_BYTES, writePacketHeader } from "./packet-header.ts";
import { SERVER_LOGIN_REJECTED } from "./packet-type.ts";

const REASON_OFFSET = 0; // 1, LOGIN_REJECT_REASON

export const LOGIN_REJECTED_BYTES = REASON_OFFSET + 1;
export const LOGIN_REJECTED_PACKET_BYTES = PACKET_HEADER_BYTES + LOGIN_REJECTED_BYTES;

/** The specification has these two and no others. */
export const LOGIN_REJECT_REASON = {
  NOT_AUTHORIZED: 0x41, // 'A', user name or password
  SESSION_NOT_AVAILABLE: 0x53, // 'S', session or sequence
} as const;

/** A window on the payload of one Login Rejected. Valid until the bytes beneath it are reused. */
export class LoginRejected {
  private view = UNWRAPPED;
  private base = 0;

  wrap(view: DataView, base: number): this {
    assert(base >= 0, "login answer starts before its buffer");
    assert(base + LOGIN_REJECTED_BYTES <= view.byteLength, "login answer overruns its buffer");
    this.view = view;
    this.base = base;
    return this;
  }

  get reason(): number {
    return this.view.getUint8(this.base + REASON_OFFSET);
  }
}

/** Writes a whole packet and returns its bytes on the wire. */
export function writeLoginRejected(view: DataView, offset: number, reason: number): number {
  view.setUint8(offset + PACKET_HEADER_BYTES + REASON_OFFSET, reason);
  return writePacketHeader(view, offset, SERVER_LOGIN_REJECTED, LOGIN_REJECTED_BYTES);
}
