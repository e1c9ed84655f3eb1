// Blanks passwords in the copy of what a client sends, however TCP cut it. It follows the packets of one connection for
// all its life, and never looks back: what it lets pass cannot turn out to be of a password later.
//
// Before the login, nothing but its packet is let pass, and of Debug packets the header. A length's first byte is below
// a blank there; one that is not, an illegal length, another packet, a login of another size: what follows may be a
// login wherever it begins, so all of it is blanked, for good. After the login the same holds from the first byte on
// which both sides cannot agree any more.

import { assert } from "../base/assert.ts";
import {
  isLoginRequestBytes,
  PASSWORD_BYTES,
  PASSWORD_OFFSET,
} from "../protocol/soupbintcp/login-request.ts";
import { PACKET_BYTES_BYTES, PACKET_HEADER_BYTES } from "../protocol/soupbintcp/packet-header.ts";
import {
  CLIENT_HEARTBEAT,
  CLIENT_LOGIN_REQUEST,
  CLIENT_LOGOUT,
  CLIENT_UNSEQUENCED,
  DEBUG,
} from "../protocol/soupbintcp/packet-type.ts";
import { SPACE } from "../protocol/wire-fields.ts";

const PHASE = { BEFORE_LOGIN: 0, AFTER_LOGIN: 1, BLIND: 2 } as const;
const PAYLOAD = { KEPT: 0, LOGIN: 1, BLANKED: 2 } as const;

const PASSWORD_END = PASSWORD_OFFSET + PASSWORD_BYTES;
const PACKET_BYTES_MAX = 65_535;

export interface BlankerOptions {
  /** The stream begins behind a login, with a whole packet. */
  readonly isLoggedIn: boolean;
  /** What the server takes; a longer packet ends the framing. Default: whatever a length can say. */
  readonly packetBytesMax?: number;
}

export class LoginBlanker {
  private readonly packetBytesMax: number;
  private phase: number;
  private headerBytes = 0; // that came of the packet's header
  private packetBytes = 0;
  private payload: number = PAYLOAD.KEPT;
  private payloadBytes = 0; // that came of the packet's payload
  private payloadLeft = 0;

  constructor({ isLoggedIn, packetBytesMax = PACKET_BYTES_MAX }: BlankerOptions) {
    this.packetBytesMax = packetBytesMax;
    this.phase = isLoggedIn ? PHASE.AFTER_LOGIN : PHASE.BEFORE_LOGIN;
  }

  /** The stream's next bytes, which are in [start, end). Blanks them where they lie. */
  blank(bytes: Uint8Array, start: number, end: number): void {
    this.walk(bytes, start, end, true);
  }

  /** The stream's next bytes, of which no copy is kept: they stay as they are. */
  follow(bytes: Uint8Array, start: number, end: number): void {
    this.walk(bytes, start, end, false);
  }

  /** Bytes of the stream were not seen: all that follows is blanked. */
  lose(): void {
    this.phase = PHASE.BLIND;
  }

  private walk(bytes: Uint8Array, start: number, end: number, isCopy: boolean): void {
    let offset = start;
    while (offset < end) {
      if (this.phase === PHASE.BLIND) {
        if (isCopy) bytes.fill(SPACE, offset, end);
        return;
      }
      if (this.headerBytes < PACKET_HEADER_BYTES) {
        if (this.takeHeaderByte(bytes[offset]!)) offset++;
      } else {
        let count = Math.min(this.payloadLeft, end - offset);
        if (this.payload === PAYLOAD.LOGIN) {
          const printable = printableBytes(bytes, offset, offset + count);
          // No login has such a byte; another login begins with one, and this one would end in its password.
          if (printable < count) this.phase = PHASE.BLIND;
          count = printable;
        }
        if (isCopy && this.payload !== PAYLOAD.KEPT) this.blankPayload(bytes, offset, count);
        this.takePayload(count);
        offset += count;
      }
    }
  }

  /** False: the byte is blanked with all that follow it. */
  private takeHeaderByte(byte: number): boolean {
    const index = this.headerBytes++;
    if (index === 0) {
      // No password has such a byte; a login that begins elsewhere would have to be in here.
      if (this.phase === PHASE.BEFORE_LOGIN && byte >= SPACE) return this.goBlind(false);
      this.packetBytes = byte << 8;
      return true;
    }
    if (index < PACKET_BYTES_BYTES) {
      this.packetBytes |= byte;
      const isLegal = this.packetBytes > 0 && this.packetBytes <= this.packetBytesMax;
      return isLegal || this.goBlind(true);
    }
    return this.startPayload(byte);
  }

  private startPayload(type: number): boolean {
    this.payloadBytes = 0;
    this.payloadLeft = this.packetBytes - 1;
    if (type === CLIENT_LOGIN_REQUEST) {
      this.payload = PAYLOAD.LOGIN;
      return isLoginRequestBytes(this.payloadLeft) || this.goBlind(true);
    }
    const isKept = this.phase === PHASE.AFTER_LOGIN;
    this.payload = isKept ? PAYLOAD.KEPT : PAYLOAD.BLANKED;
    const isAgreed = type === DEBUG || (isKept && isSessionPacket(type));
    if (!isAgreed) return this.goBlind(isKept);
    if (this.payloadLeft === 0) this.headerBytes = 0;
    return true;
  }

  private blankPayload(bytes: Uint8Array, offset: number, count: number): void {
    let from = 0;
    let to = count;
    if (this.payload === PAYLOAD.LOGIN) {
      from = Math.max(PASSWORD_OFFSET - this.payloadBytes, 0);
      to = Math.min(PASSWORD_END - this.payloadBytes, count);
    }
    if (from < to) bytes.fill(SPACE, offset + from, offset + to);
  }

  private takePayload(count: number): void {
    this.payloadBytes += count;
    this.payloadLeft -= count;
    if (this.payloadLeft > 0) return;
    this.headerBytes = 0;
    if (this.payload === PAYLOAD.LOGIN) this.phase = PHASE.AFTER_LOGIN;
  }

  private goBlind(isByteKept: boolean): boolean {
    this.phase = PHASE.BLIND;
    return isByteKept;
  }
}

function printableBytes(bytes: Uint8Array, start: number, end: number): number {
  let offset = start;
  while (offset < end && bytes[offset]! >= SPACE) offset++;
  return offset - start;
}

const isSessionPacket = (type: number): boolean =>
  type === CLIENT_UNSEQUENCED || type === CLIENT_HEARTBEAT || type === CLIENT_LOGOUT;

assert(PACKET_BYTES_BYTES === 2, "a length has two bytes here");
