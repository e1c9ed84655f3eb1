// What the owner of an account can work out from the messages of its stream alone, in their order: which numbers were
// used, what is open of each order, what it has traded. Fails on a message that cannot follow those before it.

import assert from "node:assert/strict";
import { describeOutbound, type Fields } from "../../src/protocol/ouch/describe.ts";

/** A UserRefNum in its channel. */
export const orderKey = (channel: number, userRefNum: number): string => `${channel}/${userRefNum}`;

/** What an Enter or a Replace asked for, so that its acceptance can be held against it. */
export interface SentOrder {
  readonly type: "O" | "U";
  readonly clOrdId: string;
  readonly quantity: number;
}

export interface BookOrder {
  open: number;
  /** Of the whole chain of replaces. */
  executed: number;
  side: string;
}

export interface Execution {
  readonly account: string;
  readonly match: string;
  readonly isBuy: boolean;
  readonly shares: number;
  readonly price: string;
}

export class CrashBook {
  readonly name: string;
  readonly orders = new Map<string, BookOrder>();
  readonly executions: Execution[] = [];
  /** Every Canceled as it came: order and shares. */
  readonly canceled: [key: string, shares: number][] = [];
  /** Of every order that was accepted or replaced another, as they came. */
  readonly references: bigint[] = [];
  private readonly sent: ReadonlyMap<string, SentOrder>;
  private readonly used = new Set<string>();
  private readonly highest = new Map<number, number>();
  private messages = 0;
  private latestNs = 0;

  constructor(name: string, sent: ReadonlyMap<string, SentOrder>) {
    this.name = name;
    this.sent = sent;
  }

  isUsed(channel: number, userRefNum: number): boolean {
    return this.used.has(orderKey(channel, userRefNum));
  }
  /** The highest number of a channel that an answer has shown to be used up. */
  highestUsed(channel: number): number {
    return this.highest.get(channel) ?? 0;
  }
  /** Open shares; 0 = no such order, or dead. */
  openOf(key: string): number {
    return this.orders.get(key)?.open ?? 0;
  }
  /** Shares that are open, by key, of the orders that live. */
  liveOrders(): Map<string, number> {
    const live = new Map<string, number>();
    for (const [key, { open }] of this.orders) if (open > 0) live.set(key, open);
    return live;
  }

  /** The next message of the stream. Returns its fields. */
  take(message: Buffer): Fields {
    const view = new DataView(message.buffer, message.byteOffset, message.length);
    const fields = describeOutbound(view, 0, message.length);
    this.messages++;
    const channel = Number(fields.userRefIdx ?? 0);
    const number = Number(fields.userRefNum ?? 0);
    const name = `message ${this.messages} of ${this.name}: ${fields.type} ${orderKey(channel, number)}`;
    assert.equal(fields.malformed ?? fields.refused, undefined, name);
    const ns = Number(fields.timestamp);
    assert(ns >= this.latestNs, `${name} is of ${ns}, after one of ${this.latestNs}`);
    this.latestNs = ns;
    const isStart = fields.type === "S" && fields.eventCode === "S";
    assert.equal(isStart, this.messages === 1, `${name}: System Event S is the first, and only it`);
    this.takeKind(fields, channel, number, name);
    return fields;
  }

  private takeKind(fields: Fields, channel: number, number: number, name: string): void {
    const key = orderKey(channel, number);
    const quantity = Number(fields.quantity);
    switch (fields.type) {
      case "A":
        this.use(channel, number, name);
        this.begin(key, "O", fields, 0, name);
        break;
      case "U": {
        const target = this.live(orderKey(channel, Number(fields.origUserRefNum)), name);
        target.open = 0;
        this.use(channel, number, name);
        this.begin(key, "U", fields, target.executed, name);
        break;
      }
      case "J":
      case "X":
        this.use(channel, number, name);
        break;
      case "M": {
        const order = this.live(key, name);
        assert(quantity > 0 && quantity <= order.open, `${name}: ${quantity} of ${order.open}`);
        order.open = quantity;
        order.side = String(fields.side);
        break;
      }
      case "E":
        this.execute(this.live(key, name), fields, quantity, name);
        break;
      case "C": {
        const order = this.live(key, name);
        // Only a client cancels a part.
        const isWhole = fields.reason !== "U";
        const isRight = isWhole ? quantity === order.open : quantity <= order.open;
        assert(quantity > 0 && isRight, `${name} ${fields.reason}: ${quantity} of ${order.open}`);
        order.open -= quantity;
        this.canceled.push([key, quantity]);
        break;
      }
      case "Q": {
        const next = Number(fields.nextUserRefNum);
        const least = this.highestUsed(channel) + 1;
        assert(next >= least, `${name}: ${next} is next, but ${least - 1} was used`);
        break;
      }
      case "S":
        assert.equal(fields.eventCode, "S", name);
        break;
      default:
        assert.fail(`${name} was not asked for`);
    }
  }

  private live(key: string, name: string): BookOrder {
    const order = this.orders.get(key);
    assert(order !== undefined && order.open > 0, `${name}: ${key} is not open`);
    return order;
  }

  /** Answered as used up: once. */
  private use(channel: number, number: number, name: string): void {
    const key = orderKey(channel, number);
    assert(!this.used.has(key), `${name} was used before`);
    this.used.add(key);
    this.highest.set(channel, Math.max(number, this.highestUsed(channel)));
  }

  private begin(
    key: string,
    type: "O" | "U",
    fields: Fields,
    executed: number,
    name: string,
  ): void {
    const sent = this.sent.get(key);
    assert(sent !== undefined, `${name} was never sent`);
    assert.equal(sent.type, type, `${name} answers another request`);
    assert.equal(fields.clOrdId, sent.clOrdId, `${name} has another's ClOrdID`);
    const quantity = Number(fields.quantity);
    const isLive = fields.orderState === "L";
    const asked = Math.max(0, sent.quantity - executed);
    if (isLive || type === "O") assert.equal(quantity, asked, `${name} is of another quantity`);
    this.orders.set(key, { open: isLive ? quantity : 0, executed, side: String(fields.side) });

    const reference = BigInt(fields.orderReference ?? 0);
    const latest = this.references.at(-1) ?? 0n;
    assert(reference > latest, `${name}: reference ${reference} comes after ${latest}`);
    this.references.push(reference);
  }

  private execute(order: BookOrder, fields: Fields, shares: number, name: string): void {
    assert(shares > 0 && shares <= order.open, `${name}: ${shares} of ${order.open}`);
    order.open -= shares;
    order.executed += shares;
    this.executions.push({
      account: this.name,
      match: String(fields.matchNumber),
      isBuy: order.side === "B",
      shares,
      price: String(fields.price),
    });
  }
}

/**
 * What must hold of all books together once nobody waits for anything: each match has a buyer and a seller of the same
 * shares at the same price, and no two orders have one reference. Returns the number of matches.
 */
export function checkBooksTogether(books: readonly CrashBook[]): number {
  const matches = new Map<string, Execution[]>();
  let balance = 0;
  for (const execution of books.flatMap(({ executions }) => executions)) {
    balance += execution.isBuy ? execution.shares : -execution.shares;
    const sides = matches.get(execution.match);
    if (sides === undefined) matches.set(execution.match, [execution]);
    else sides.push(execution);
  }
  for (const [match, [one, other, third]] of matches) {
    const name = `match ${match}, told to ${one?.account} and ${other?.account}`;
    assert(one !== undefined && other !== undefined && third === undefined, `${name}: sides`);
    assert.notEqual(one.isBuy, other.isBuy, `${name}: a buyer and a seller`);
    assert.equal(one.shares, other.shares, `${name}: shares`);
    assert.equal(one.price, other.price, `${name}: price`);
  }
  assert.equal(balance, 0, "as many shares are bought as sold");
  const references = books.flatMap((book) => book.references);
  assert.equal(new Set(references).size, references.length, "order references are used twice");
  return matches.size;
}
