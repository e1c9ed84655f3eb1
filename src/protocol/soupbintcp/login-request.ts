// Login Request, client → server (SoupBinTCP 3.00 §2.3). Offsets count from the payload.

import { assert } from "../../base/assert.ts";
import { SPACE, UNWRAPPED, writeText, writeTextRight } from "../wire-fields.ts";
import {
  NOT_A_NUMBER,
  readDecimal,
  readTrimmed,
  SEQUENCE_BYTES,
  SESSION_BYTES,
  writeDecimal,
} from "./justified-fields.ts";
import { PACKET_HEADER_BYTES, writePacketHeader } from "./packet-header.ts";
import { CLIENT_LOGIN_REQUEST } from "./packet-type.ts";

const USER_NAME_OFFSET = 0; // 6, case does not matter
export const USER_NAME_BYTES = 6;
export const PASSWORD_OFFSET = USER_NAME_OFFSET + USER_NAME_BYTES; // 10, case does not matter
export const PASSWORD_BYTES = 10;
const REQUESTED_SESSION_OFFSET = PASSWORD_OFFSET + PASSWORD_BYTES; // 10, blank = the current one
const REQUESTED_SEQUENCE_OFFSET = REQUESTED_SESSION_OFFSET + SESSION_BYTES; // 20, digits; 0 = live end
const HEARTBEAT_TIMEOUT_OFFSET = REQUESTED_SEQUENCE_OFFSET + SEQUENCE_BYTES; // 5, digits, ms; 4.10 only
const HEARTBEAT_TIMEOUT_BYTES = 5;

/** Versions 3.00 and 4.00. */
export const LOGIN_REQUEST_BYTES = HEARTBEAT_TIMEOUT_OFFSET;
/** Version 4.10, which adds a heartbeat timeout. */
export const LOGIN_REQUEST_410_BYTES = HEARTBEAT_TIMEOUT_OFFSET + HEARTBEAT_TIMEOUT_BYTES;

export const isLoginRequestBytes = (payloadBytes: number): boolean =>
  payloadBytes === LOGIN_REQUEST_BYTES || payloadBytes === LOGIN_REQUEST_410_BYTES;

/** A window on the payload of one Login Request. Valid until the bytes beneath it are reused. */
export class LoginRequest {
  private view = UNWRAPPED;
  private base = 0;
  private payloadBytes = LOGIN_REQUEST_BYTES;

  wrap(view: DataView, base: number, payloadBytes: number = LOGIN_REQUEST_BYTES): this {
    assert(base >= 0, "login starts before its buffer");
    assert(isLoginRequestBytes(payloadBytes), "login has no size of a login");
    assert(base + payloadBytes <= view.byteLength, "login overruns its buffer");
    this.view = view;
    this.base = base;
    this.payloadBytes = payloadBytes;
    return this;
  }

  /** As sent, without padding; fold its case before comparing. */
  get userName(): string {
    return readTrimmed(this.view, this.base + USER_NAME_OFFSET, USER_NAME_BYTES);
  }
  /** As sent, without padding; fold its case before comparing. */
  get password(): string {
    return readTrimmed(this.view, this.base + PASSWORD_OFFSET, PASSWORD_BYTES);
  }
  /** "" = whatever session is current. */
  get requestedSession(): string {
    return readTrimmed(this.view, this.base + REQUESTED_SESSION_OFFSET, SESSION_BYTES);
  }
  /** The next number the client needs; 0 = live end; -1 = blank or no number. */
  get requestedSequence(): number {
    return readDecimal(this.view, this.base + REQUESTED_SEQUENCE_OFFSET, SEQUENCE_BYTES);
  }
  /** 0 = the client did not say (3.00); -1 = it sent no number. */
  get heartbeatTimeoutMs(): number {
    if (this.payloadBytes !== LOGIN_REQUEST_410_BYTES) return 0;
    return readDecimal(this.view, this.base + HEARTBEAT_TIMEOUT_OFFSET, HEARTBEAT_TIMEOUT_BYTES);
  }

  /** Overwrites the password where it lies. */
  wipePassword(): void {
    for (let index = 0; index < PASSWORD_BYTES; index++) {
      this.view.setUint8(this.base + PASSWORD_OFFSET + index, SPACE);
    }
  }
}

export interface LoginFields {
  readonly userName: string;
  readonly password: string;
  /** "" = whatever session is current. */
  readonly requestedSession: string;
  /** The next number needed; 0 = live end. */
  readonly requestedSequence: number;
  /** Makes it a login of version 4.10. */
  readonly heartbeatTimeoutMs?: number;
}

/** For clients: writes a whole packet and returns its bytes on the wire. */
export function writeLoginRequest(view: DataView, offset: number, login: LoginFields): number {
  const base = offset + PACKET_HEADER_BYTES;
  writeText(view, base + USER_NAME_OFFSET, USER_NAME_BYTES, login.userName);
  writeText(view, base + PASSWORD_OFFSET, PASSWORD_BYTES, login.password);
  const sessionOffset = base + REQUESTED_SESSION_OFFSET;
  writeTextRight(view, sessionOffset, SESSION_BYTES, login.requestedSession);
  const sequenceOffset = base + REQUESTED_SEQUENCE_OFFSET;
  writeDecimal(view, sequenceOffset, SEQUENCE_BYTES, login.requestedSequence);
  const timeoutMs = login.heartbeatTimeoutMs ?? NOT_A_NUMBER;
  if (timeoutMs === NOT_A_NUMBER) {
    return writePacketHeader(view, offset, CLIENT_LOGIN_REQUEST, LOGIN_REQUEST_BYTES);
  }
  writeDecimal(view, base + HEARTBEAT_TIMEOUT_OFFSET, HEARTBEAT_TIMEOUT_BYTES, timeoutMs);
  return writePacketHeader(view, offset, CLIENT_LOGIN_REQUEST, LOGIN_REQUEST_410_BYTES);
}

/** The longest packet that writeLoginRequest() writes. */
export const LOGIN_REQUEST_PACKET_BYTES_MAX = PACKET_HEADER_BYTES + LOGIN_REQUEST_410_BYTES;
