// What the owner of an account keeps, whatever becomes of connections and gateways: every sequenced message that he
// ever received, byte for byte, what follows from them, and the requests that still want an answer.

import assert from "node:assert/strict";
import type { Fields } from "../../src/protocol/ouch/describe.ts";
import { PACKET_HEADER_BYTES } from "../../src/protocol/soupbintcp/packet-header.ts";
import { CrashBook, orderKey, type SentOrder } from "./crash-book.ts";
import { packet } from "./soup-packets.ts";

/** A request on its way; all may be sent again. */
export interface Request {
  readonly type: "O" | "U" | "X" | "M" | "C";
  readonly channel: number;
  /** Of the request where it has one of its own, else of the order. */
  readonly userRefNum: number;
  /** U: the number of the order to be replaced. */
  readonly target: number;
  /** X, M: the intended total. */
  readonly quantity: number;
  /** M: the intended side. */
  readonly side: string;
  readonly packet: Buffer;
}

const SEQUENCED = "S";
const TYPE_OFFSET = PACKET_HEADER_BYTES - 1;

export class CrashAccount {
  readonly name: string;
  readonly book: CrashBook;
  /** Session that the account was told of; "" before its first login. */
  session = "";
  /** Requests that have no answer yet, in the order in which they were sent. */
  waiting: Request[] = [];
  /** Messages that came again, and were the same. */
  compared = 0;
  private readonly messages: Buffer[] = [];
  private readonly sent = new Map<string, SentOrder>();
  private readonly nextNumbers = new Map<number, number>();
  /** The beginning of a message whose rest did not come: it must be the next one's. */
  private cut = Buffer.alloc(0);

  constructor(name: string) {
    this.name = name;
    this.book = new CrashBook(name, this.sent);
  }

  /** Number of the next message that is news. */
  get nextSequence(): number {
    return this.messages.length + 1;
  }

  /** A message of that number has arrived. Returns its fields when it is news. */
  take(sequence: number, message: Buffer): Fields | undefined {
    const name = `message ${sequence} of ${this.name}`;
    assert(sequence >= 1 && sequence <= this.nextSequence, `${name} leaves out others`);
    const before = this.messages[sequence - 1];
    if (before !== undefined) {
      this.compared++;
      if (!before.equals(message)) {
        assert.equal(message.toString("hex"), before.toString("hex"), `${name} was another one`);
      }
      return undefined;
    }
    this.checkCut(message, name);
    this.messages.push(message);
    return this.book.take(message);
  }

  /** A connection ended within a packet: these are its first bytes, and its message would have had that number. */
  noteCut(sequence: number, rest: Buffer): void {
    if (String.fromCharCode(rest[TYPE_OFFSET] ?? 0) !== SEQUENCED) return;
    const message = this.messages[sequence - 1];
    const shown = message === undefined ? this.cut : packet(SEQUENCED, message);
    const length = Math.min(shown.length, rest.length);
    const isSame = shown.subarray(0, length).equals(rest.subarray(0, length));
    assert(isSame, `message ${sequence} of ${this.name} begins in another way than before`);
    if (message === undefined && rest.length > this.cut.length) this.cut = Buffer.from(rest);
  }

  noteSession(session: string): void {
    if (this.session === "") this.session = session;
    assert.equal(session, this.session, `the session of ${this.name} has another name`);
  }

  /** The number that the next new request of a channel takes. */
  takeNumber(channel: number): number {
    const number = this.nextNumbers.get(channel) ?? 1;
    this.nextNumbers.set(channel, number + 1);
    return number;
  }
  /** The highest number that was given to a request. */
  latestNumber(channel: number): number {
    return (this.nextNumbers.get(channel) ?? 1) - 1;
  }

  note(request: Request, order?: SentOrder): void {
    this.waiting.push(request);
    if (order !== undefined) this.sent.set(orderKey(request.channel, request.userRefNum), order);
  }

  /**
   * Forgets the requests that have their answer, or do not get any: silence is right when the order is gone, or when
   * it is not larger than what was asked for (ouch50.md §6.2–6.4).
   */
  forgetExplained(): void {
    this.waiting = this.waiting.filter((request) => !this.isExplained(request));
  }

  private isExplained({ type, channel, userRefNum, target, quantity, side }: Request): boolean {
    const { book } = this;
    if (type === "O" || type === "C") return book.isUsed(channel, userRefNum);
    if (type === "U") {
      return book.isUsed(channel, userRefNum) || book.openOf(orderKey(channel, target)) === 0;
    }
    const order = book.orders.get(orderKey(channel, userRefNum));
    if (order === undefined || order.open === 0) return true;
    if (type === "M" && (order.side === "B") !== (side === "B")) return true;
    return order.executed + order.open <= quantity;
  }

  private checkCut(message: Buffer, name: string): void {
    const { cut } = this;
    if (cut.length === 0) return;
    this.cut = Buffer.alloc(0);
    const whole = packet(SEQUENCED, message);
    assert(whole.length > cut.length, `${name} is shorter than the part of it that came before`);
    assert(whole.subarray(0, cut.length).equals(cut), `${name} began in another way before`);
  }
}
