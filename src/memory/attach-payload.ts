// Payload of an ATTACH record: who logs in, and from where the stream is wanted.
// Written by the gate after the credentials were found good, read by the lane.

import { assert } from "../base/assert.ts";
import { INBOUND_PAYLOAD_BYTES_MAX } from "./inbound-record.ts";

const ACCOUNT_OFFSET = 0; // 6, ASCII, upper case, padded right with spaces
export const ACCOUNT_BYTES = 6;
const FIRMS_COUNT_OFFSET = ACCOUNT_OFFSET + ACCOUNT_BYTES; // u8, how many firms follow; 255 = any firm
const FLAGS_OFFSET = FIRMS_COUNT_OFFSET + 1; // u8, spare
const SESSION_OFFSET = FLAGS_OFFSET + 1; // 10, ASCII, padded right with spaces; blank = the current one
export const SESSION_BYTES = 10;
const REQUESTED_OFFSET = SESSION_OFFSET + SESSION_BYTES; // f64, next sequence wanted; 0 = live end
const FIRMS_OFFSET = REQUESTED_OFFSET + 8; // 4 each, ASCII; the first is the account's own
export const FIRM_BYTES = 4;
export const FIRMS_MAX = 32;
export const FIRMS_ANY = 255;

export const ATTACH_PAYLOAD_BYTES_MAX = FIRMS_OFFSET + FIRMS_MAX * FIRM_BYTES;

/** A window on the payload of one ATTACH record. */
export class AttachPayload {
  private bytes: Buffer = Buffer.alloc(0);
  private base = 0;

  wrap(bytes: Buffer, base: number): this {
    this.bytes = bytes;
    this.base = base;
    return this;
  }

  /** Logins are rare: strings are fine here. */
  get account(): string {
    const offset = this.base + ACCOUNT_OFFSET;
    return this.bytes.toString("latin1", offset, offset + ACCOUNT_BYTES).trimEnd();
  }
  get session(): string {
    const offset = this.base + SESSION_OFFSET;
    return this.bytes.toString("latin1", offset, offset + SESSION_BYTES).trimEnd();
  }
  get requestedSequence(): number {
    return this.bytes.readDoubleLE(this.base + REQUESTED_OFFSET);
  }
  get anyFirm(): boolean {
    return this.bytes[this.base + FIRMS_COUNT_OFFSET] === FIRMS_ANY;
  }
  /** Firms as u32 of their four letters; with anyFirm, the account's own alone. */
  get firms(): number[] {
    const count = this.anyFirm ? 1 : this.bytes[this.base + FIRMS_COUNT_OFFSET]!;
    return Array.from({ length: count }, (_, index) =>
      this.bytes.readUInt32BE(this.base + FIRMS_OFFSET + index * FIRM_BYTES),
    );
  }

  /** Writes the whole payload and returns its bytes. */
  write(
    account: string,
    firms: readonly string[],
    anyFirm: boolean,
    session: string,
    requestedSequence: number,
  ): number {
    assert(account.length <= ACCOUNT_BYTES, "account name is too long");
    assert(session.length <= SESSION_BYTES, "session name is too long");
    assert(firms.length >= 1 && firms.length <= FIRMS_MAX, "an account has 1 to FIRMS_MAX firms");
    const { bytes, base } = this;
    bytes.write(account.padEnd(ACCOUNT_BYTES), base + ACCOUNT_OFFSET, ACCOUNT_BYTES, "latin1");
    bytes[base + FIRMS_COUNT_OFFSET] = anyFirm ? FIRMS_ANY : firms.length;
    bytes[base + FLAGS_OFFSET] = 0;
    bytes.write(session.padEnd(SESSION_BYTES), base + SESSION_OFFSET, SESSION_BYTES, "latin1");
    bytes.writeDoubleLE(requestedSequence, base + REQUESTED_OFFSET);
    const written = anyFirm ? 1 : firms.length;
    for (let index = 0; index < written; index++) {
      const offset = base + FIRMS_OFFSET + index * FIRM_BYTES;
      bytes.write(firms[index]!.padEnd(FIRM_BYTES), offset, FIRM_BYTES, "latin1");
    }
    return FIRMS_OFFSET + written * FIRM_BYTES;
  }
}

assert(ATTACH_PAYLOAD_BYTES_MAX <= INBOUND_PAYLOAD_BYTES_MAX, "an ATTACH overruns its slot");
