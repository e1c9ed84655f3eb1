// One connection of a trader, from its connect to its end: it reads packets wherever the stream is cut, and holds each
// sequenced one against the lane's outbox.

import assert from "node:assert/strict";
import { LoginAccepted } from "../../src/protocol/soupbintcp/login-accepted.ts";
import {
  PACKET_HEADER_BYTES,
  packetBytesAt,
  packetTypeAt,
  wireBytes,
} from "../../src/protocol/soupbintcp/packet-header.ts";
import { SESSION } from "./lane-rig.ts";
import type { ModelSocket } from "./model-socket.ts";
import type { Sender, Trader } from "./model-trader.ts";
import { login, packet } from "./soup-packets.ts";

const ACCOUNT_QUERY_RESPONSE = "Q".charCodeAt(0);
const NEXT_NUMBER_OFFSET = 9;
const QUERY_TAGS_OFFSET = 15;
/** An Account Query in a channel that nobody trades in marks a place in the stream. */
export const FIRST_MARK = 100;

interface Query {
  readonly mark: number;
  readonly channel: number;
}

export class Client implements Sender {
  readonly trader: Trader;
  readonly socket: ModelSocket;
  /** Rises with every connection of the model. */
  readonly number: number;
  isLoggedIn = false;
  /** The login cannot be refused: nobody else is there, and what it asks for exists. */
  mustBeAccepted = false;
  isRejected = false;
  isClosed = false;
  /** Reads nothing until then. */
  sleepsUntilNs = 0;
  lastSentNs = 0;
  nextSequence = 0;
  hasSentLogin = false;
  private requestedSequence = 0;
  private readonly queries: Query[] = [];
  private markSeen = 0;
  private rest: Buffer = Buffer.alloc(0);
  private readonly packets: () => readonly Buffer[];
  private readonly attachOrder: () => number;

  constructor(
    trader: Trader,
    socket: ModelSocket,
    number: number,
    packets: () => readonly Buffer[],
    attachOrder: () => number,
  ) {
    this.trader = trader;
    this.socket = socket;
    this.number = number;
    this.packets = packets;
    this.attachOrder = attachOrder;
  }

  get attachedAs(): number {
    return this.attachOrder();
  }

  logIn(session: string, sequence: number, password: string): Buffer {
    this.requestedSequence = sequence;
    this.hasSentLogin = true;
    const userName = this.trader.name;
    return login({ userName, password, requestedSession: session, requestedSequence: sequence });
  }

  noteQuery(mark: number, channel: number): void {
    this.queries.push({ mark, channel });
  }

  /** Reads a chunk. Returns the packets that it completed. */
  read(bytesMax: number): number {
    const chunk = this.socket.clientReads(bytesMax);
    if (chunk.length === 0) {
      if (this.socket.isAtEnd) this.isClosed = true;
      return 0;
    }
    let bytes = Buffer.concat([this.rest, chunk]);
    let count = 0;
    while (bytes.length >= PACKET_HEADER_BYTES) {
      const length = wireBytes(packetBytesAt(bytes, 0));
      if (bytes.length < length) break;
      this.onPacket(bytes.subarray(0, length));
      bytes = bytes.subarray(length);
      count++;
    }
    this.rest = bytes;
    return count;
  }

  /** It has everything that its account was told. */
  get isUpToDate(): boolean {
    if (!this.isLoggedIn || this.socket.isAtEnd) return false;
    return this.nextSequence === this.packets().length + 1;
  }

  private onPacket(bytes: Buffer): void {
    const type = String.fromCharCode(packetTypeAt(bytes, 0));
    switch (type) {
      case "S":
        this.onSequenced(bytes);
        return;
      case "A":
        this.onAccepted(bytes);
        return;
      case "J":
        assert(!this.isLoggedIn, "a login is rejected after it was accepted");
        assert(!this.mustBeAccepted, "a login that must be accepted is rejected");
        this.isRejected = true;
        return;
      case "H":
      case "+":
        return;
      default:
        assert.fail(`a packet of type ${type}`);
    }
  }

  private onAccepted(bytes: Buffer): void {
    assert(!this.isLoggedIn && !this.isRejected, "a login is answered twice");
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const { session, sequence } = new LoginAccepted().wrap(view, PACKET_HEADER_BYTES);
    assert.equal(session, SESSION);
    if (this.requestedSequence !== 0) assert.equal(sequence, this.requestedSequence);
    this.isLoggedIn = true;
    this.nextSequence = sequence;
  }

  private onSequenced(bytes: Buffer): void {
    assert(this.isLoggedIn, "a sequenced packet comes before the login is accepted");
    const sequence = this.nextSequence++;
    const truth = this.packets()[sequence - 1];
    assert(truth !== undefined, `packet ${sequence} is not in the outbox of ${this.trader.name}`);
    assert(truth.equals(bytes), `packet ${sequence} is another one in the outbox`);
    if (sequence === this.trader.nextSequence) this.trader.take(bytes);
    this.findQueryAnswer(bytes.subarray(PACKET_HEADER_BYTES));
  }

  private findQueryAnswer(message: Buffer): void {
    if (message[0] !== ACCOUNT_QUERY_RESPONSE) return;
    const channel = message.length > QUERY_TAGS_OFFSET ? (message.at(-1) ?? 0) : 0;
    const query = this.queries[0];
    if (query === undefined) return;
    if (channel === query.mark) this.markSeen = query.mark;
    if (channel !== query.channel || this.markSeen !== query.mark) return;
    this.queries.shift();
    this.trader.onNextNumber(channel, message.readUInt32BE(NEXT_NUMBER_OFFSET), this);
  }
}

/** An unsequenced packet. */
export const request = (message: Buffer): Buffer => packet("U", message);
