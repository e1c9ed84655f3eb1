// What an account's owner knows, whatever becomes of his connections: the numbers he used, the requests that have no
// answer yet, and what is open of each order according to the messages he got.

import assert from "node:assert/strict";
import { describeOutbound, type Fields } from "../../src/protocol/ouch/describe.ts";
import { SEQUENCED_HEADER_BYTES } from "../../src/protocol/soupbintcp/sequenced.ts";

/** UserRefNum in its channel. */
export const orderKey = (channel: number, userRefNum: number): string => `${channel}/${userRefNum}`;

/** A connection, as far as its order among the others goes. */
export interface Sender {
  /** Rises with every login that the lane has accepted; 0 = not yet, or never. */
  readonly attachedAs: number;
}

/** An Enter or a Replace, found again by its ClOrdID. */
export interface SentOrder {
  readonly channel: number;
  readonly userRefNum: number;
  readonly quantity: number;
  readonly isReplace: boolean;
  /** The connections that it was sent on. */
  readonly senders: Sender[];
  /** An Account Query has shown that it never arrived, and it was not sent again. */
  isLost: boolean;
}

interface Unanswered {
  readonly channel: number;
  readonly userRefNum: number;
  readonly clOrdId: string;
  readonly packet: Buffer;
}

/** Answers to requests that use up a number. */
const USING_UP = "AJUXGK";
const UNANSWERED_MAX = 60;

export class Trader {
  readonly name: string;
  readonly lane: number;
  /** The next message of the stream that is news. */
  nextSequence = 1;
  /** Open shares by orderKey. */
  readonly open = new Map<string, number>();
  readonly sides = new Map<string, string>();
  readonly unanswered: Unanswered[] = [];
  executions = 0;
  private readonly nextNumbers = new Map<number, number>();
  private readonly accepted = new Set<string>();
  private readonly used = new Map<number, number>(); // highest number by channel
  private readonly sent = new Map<string, SentOrder>(); // by ClOrdID
  private latestClOrdId = 0;

  constructor(name: string, lane: number) {
    this.name = name;
    this.lane = lane;
  }

  /** The number that the next new request of a channel may have. */
  nextNumber(channel: number): number {
    return this.nextNumbers.get(channel) ?? 1;
  }
  setNextNumber(channel: number, next: number): void {
    this.nextNumbers.set(channel, next);
  }
  newClOrdId(): string {
    this.latestClOrdId++;
    return `${this.name}${this.latestClOrdId}`;
  }

  note(clOrdId: string, order: SentOrder): void {
    this.sent.set(clOrdId, order);
  }
  /** A request with a number of its own leaves; it is sent again until it is answered. */
  expectAnswer(channel: number, userRefNum: number, clOrdId: string, packet: Buffer): void {
    this.unanswered.push({ channel, userRefNum, clOrdId, packet });
    if (this.unanswered.length > UNANSWERED_MAX) this.unanswered.shift();
  }
  noteSentAgain(clOrdId: string, sender: Sender): void {
    const order = this.sent.get(clOrdId);
    if (order === undefined) return;
    order.senders.push(sender);
    order.isLost = false;
  }

  /**
   * An Account Query of this connection was answered: what older connections sent above that number will never be
   * heard of, for nothing of theirs is taken any more (semantics §2.1).
   */
  onNextNumber(channel: number, next: number, sender: Sender): void {
    for (const order of this.sent.values()) {
      if (order.channel !== channel || order.userRefNum < next) continue;
      const isOver = ({ attachedAs }: Sender): boolean =>
        attachedAs > 0 && attachedAs < sender.attachedAs;
      if (order.senders.every(isOver)) order.isLost = true;
    }
  }

  /** The next message of the stream. */
  take(packet: Buffer): void {
    this.nextSequence++;
    const view = new DataView(packet.buffer, packet.byteOffset, packet.length);
    const messageBytes = packet.length - SEQUENCED_HEADER_BYTES;
    const fields = describeOutbound(view, SEQUENCED_HEADER_BYTES, messageBytes);
    assert.equal(fields.malformed, undefined, "a malformed message");
    assert.equal(fields.refused, undefined, "a tag that is not for there");
    this.takeMessage(fields);
  }

  /** The highest number of a channel that was answered. */
  highest(channel: number): number {
    return this.used.get(channel) ?? 0;
  }

  private takeMessage(fields: Fields): void {
    const channel = Number(fields.userRefIdx ?? 0);
    const number = Number(fields.userRefNum ?? 0);
    const key = orderKey(channel, number);
    const name = `${fields.type} ${key} of ${this.name}`;
    const quantity = Number(fields.quantity);
    const type = String(fields.type);
    if (USING_UP.includes(type)) this.onNumberUsed(channel, number);
    if (type === "Q") {
      const next = Number(fields.nextUserRefNum);
      assert(next > this.highest(channel), `${name} gives ${next}, which was used`);
    }
    switch (type) {
      case "A":
        this.checkNew(key, fields, name, quantity);
        if (fields.orderState === "L") this.open.set(key, quantity);
        return;
      case "U": {
        const target = orderKey(channel, Number(fields.origUserRefNum));
        assert(this.open.delete(target), `${name} of ${target}, which is not open`);
        this.checkNew(key, fields, name, quantity);
        if (fields.orderState === "L") this.open.set(key, quantity);
        return;
      }
      case "M":
        assert(quantity > 0 && quantity <= this.openOf(key, name), `${name} grows`);
        this.open.set(key, quantity);
        this.sides.set(key, String(fields.side));
        return;
      case "E":
      case "C": {
        if (type === "E") this.executions++;
        const left = this.openOf(key, name) - quantity;
        assert(quantity > 0 && left >= 0, `${name}: ${quantity} shares, ${left} left`);
        if (left === 0) this.open.delete(key);
        else this.open.set(key, left);
        return;
      }
      default:
    }
  }

  private openOf(key: string, name: string): number {
    const open = this.open.get(key);
    assert(open !== undefined, `${name}, which is not open`);
    return open;
  }

  /** Accepted or Replaced: once, and as it was asked for. */
  private checkNew(key: string, fields: Fields, name: string, quantity: number): void {
    assert(!this.accepted.has(key), `${name} is accepted twice`);
    this.accepted.add(key);
    this.sides.set(key, String(fields.side));
    const order = this.sent.get(String(fields.clOrdId));
    assert(order !== undefined, `${name} was never sent`);
    assert.equal(orderKey(order.channel, order.userRefNum), key, `${name} has another number`);
    assert.equal(order.isReplace, fields.type === "U", `${name} answers another request`);
    assert(!order.isLost, `${name} is taken from a connection whose end was known`);
    if (order.isReplace) assert(quantity <= order.quantity, `${name} grows`);
    else assert.equal(quantity, order.quantity, name);
  }

  private onNumberUsed(channel: number, number: number): void {
    const used = this.used.get(channel) ?? 0;
    this.used.set(channel, Math.max(used, number));
    if (number >= this.nextNumber(channel)) this.setNextNumber(channel, number + 1);
    const place = this.unanswered.findIndex(
      (request) => request.channel === channel && request.userRefNum === number,
    );
    if (place >= 0) this.unanswered.splice(place, 1);
  }
}
