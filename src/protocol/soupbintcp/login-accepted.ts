// Login Accepted, server → client (SoupBinTCP 3.00 §2.2). Offsets count from the payload.

import { assert } from "../../base/assert.ts";
import { UNWRAPPED, writeTextRight } from "../wire-fields.ts";
import {
  readDecimal,
  readTrimmed,
  SEQUENCE_BYTES,
  SESSION_BYTES,
  writeDecimal,
} from "./justified-fields.ts";
import { PACKET_HEADER_BYTES, writePacketHeader } from "./packet-header.ts";
import { SERVER_LOGIN_ACCEPTED } from "./packet-type.ts";

const SESSION_OFFSET = 0; // 10, padded left
const SEQUENCE_OFFSET = SESSION_OFFSET + SESSION_BYTES; // 20, digits, padded left

export const LOGIN_ACCEPTED_BYTES = SEQUENCE_OFFSET + SEQUENCE_BYTES;
export const LOGIN_ACCEPTED_PACKET_BYTES = PACKET_HEADER_BYTES + LOGIN_ACCEPTED_BYTES;

/** A window on the payload of one Login Accepted. Valid until the bytes beneath it are reused. */
export class LoginAccepted {
  private view = UNWRAPPED;
  private base = 0;

  wrap(view: DataView, base: number): this {
    assert(base >= 0, "login answer starts before its buffer");
    assert(base + LOGIN_ACCEPTED_BYTES <= view.byteLength, "login answer overruns its buffer");
    this.view = view;
    this.base = base;
    return this;
  }

  get session(): string {
    return readTrimmed(this.view, this.base + SESSION_OFFSET, SESSION_BYTES);
  }
  /** The number of the next Sequenced Data packet on this connection; -1 = no number. */
  get sequence(): number {
    return readDecimal(this.view, this.base + SEQUENCE_OFFSET, SEQUENCE_BYTES);
  }
}

/** Writes a whole packet and returns its bytes on the wire. */
export function writeLoginAccepted(
  view: DataView,
  offset: number,
  session: string,
  sequence: number,
): number {
  const base = offset + PACKET_HEADER_BYTES;
  writeTextRight(view, base + SESSION_OFFSET, SESSION_BYTES, session);
  writeDecimal(view, base + SEQUENCE_OFFSET, SEQUENCE_BYTES, sequence);
  return writePacketHeader(view, offset, SERVER_LOGIN_ACCEPTED, LOGIN_ACCEPTED_BYTES);
}
