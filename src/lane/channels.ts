// The channels in which UserRefNums rise: one per (account, UserRefIdx), each with its highest number and its orders
// in rising number. Lane thread. Numbered in the order of first use.

import type { Saved, StateReader, StateWriter } from "../journal/state-stream.ts";
import { NO_ORDER, type OrderSlab } from "../venue/order-slab.ts";

export const NO_CHANNEL = -1;
export const USER_REF_NUM_MAX = 0xffffffff;
const USER_REF_IDX_COUNT = 256;

/** What an account knows of its channels. */
export class AccountChannels {
  /** UserRefIdx 0, the port's own. */
  readonly portWide: number;
  /** Channel by UserRefIdx, once another than the port's own was used. */
  byIdx: Int32Array | undefined = undefined;
  /** The account's channels, chained. */
  first: number;

  constructor(portWide: number) {
    this.portWide = portWide;
    this.first = portWide;
  }

  save(out: StateWriter): void {
    out.number(this.portWide);
    out.number(this.first);
    const used = this.byIdx?.reduce(
      (count, channel) => count + (channel === NO_CHANNEL ? 0 : 1),
      0,
    );
    out.number(used ?? 0);
    this.byIdx?.forEach((channel, userRefIdx) => {
      if (channel === NO_CHANNEL) return;
      out.number(userRefIdx);
      out.number(channel);
    });
  }
}

export function restoreAccountChannels(from: StateReader): AccountChannels {
  const channels = new AccountChannels(from.number());
  channels.first = from.number();
  const used = from.number();
  if (used === 0) return channels;
  channels.byIdx = noChannels();
  for (let left = used; left > 0; left--) {
    const userRefIdx = from.number();
    channels.byIdx[userRefIdx] = from.number();
  }
  return channels;
}

export class Channels implements Saved {
  private readonly orders: OrderSlab;
  private count = 0;
  private highs = new Uint32Array(64);
  private heads = new Int32Array(64); // oldest order
  private tails = new Int32Array(64); // youngest order
  private nexts = new Int32Array(64); // the account's next channel
  private cursors = new Int32Array(64); // the order that a mass cancel looks at next

  constructor(orders: OrderSlab) {
    this.orders = orders;
  }

  addAccount(): AccountChannels {
    return new AccountChannels(this.add(NO_CHANNEL));
  }

  /** The channel of a UserRefIdx, a new one at first use. */
  of(account: AccountChannels, userRefIdx: number): number {
    if (userRefIdx === 0) return account.portWide;
    account.byIdx ??= noChannels();
    const known = account.byIdx[userRefIdx]!;
    if (known !== NO_CHANNEL) return known;
    const channel = this.add(account.first);
    account.byIdx[userRefIdx] = channel;
    account.first = channel;
    return channel;
  }

  /** The highest number used with a UserRefIdx. Unlike of(), makes nothing: for requests that leave no trace. */
  highWith(account: AccountChannels, userRefIdx: number): number {
    if (userRefIdx === 0) return this.highs[account.portWide]!;
    const channel = account.byIdx === undefined ? NO_CHANNEL : account.byIdx[userRefIdx]!;
    return channel === NO_CHANNEL ? 0 : this.highs[channel]!;
  }

  /** The highest number used. */
  high(channel: number): number {
    return this.highs[channel]!;
  }
  setHigh(channel: number, userRefNum: number): void {
    this.highs[channel] = userRefNum;
  }
  /** The account's next channel, or NO_CHANNEL. */
  next(channel: number): number {
    return this.nexts[channel]!;
  }
  firstOrder(channel: number): number {
    return this.heads[channel]!;
  }

  /** The order's number is higher than all that are here. */
  append(channel: number, order: number): void {
    const tail = this.tails[channel]!;
    this.orders.setPrevInAccount(order, tail);
    this.orders.setNextInAccount(order, NO_ORDER);
    if (tail === NO_ORDER) this.heads[channel] = order;
    else this.orders.setNextInAccount(tail, order);
    this.tails[channel] = order;
  }

  /** Takes an order out; a mass cancel that was to look at it looks at the one behind. */
  remove(channel: number, order: number): void {
    const previous = this.orders.prevInAccount(order);
    const next = this.orders.nextInAccount(order);
    if (previous === NO_ORDER) this.heads[channel] = next;
    else this.orders.setNextInAccount(previous, next);
    if (next === NO_ORDER) this.tails[channel] = previous;
    else this.orders.setPrevInAccount(next, previous);
    if (this.cursors[channel] === order) this.cursors[channel] = next;
  }

  cursor(channel: number): number {
    return this.cursors[channel]!;
  }
  setCursor(channel: number, order: number): void {
    this.cursors[channel] = order;
  }

  save(out: StateWriter): void {
    out.number(this.count);
    out.array(this.highs, 0, this.count);
    out.array(this.heads, 0, this.count);
    out.array(this.tails, 0, this.count);
    out.array(this.nexts, 0, this.count);
    out.array(this.cursors, 0, this.count);
  }
  restore(from: StateReader): void {
    this.count = from.number();
    while (this.highs.length < this.count) this.grow();
    from.array(this.highs, 0, this.count);
    from.array(this.heads, 0, this.count);
    from.array(this.tails, 0, this.count);
    from.array(this.nexts, 0, this.count);
    from.array(this.cursors, 0, this.count);
  }

  private add(next: number): number {
    if (this.count === this.highs.length) this.grow();
    const channel = this.count;
    this.count++;
    this.heads[channel] = NO_ORDER;
    this.tails[channel] = NO_ORDER;
    this.cursors[channel] = NO_ORDER;
    this.nexts[channel] = next;
    return channel;
  }

  private grow(): void {
    const highs = new Uint32Array(this.highs.length * 2);
    highs.set(this.highs);
    this.highs = highs;
    this.heads = doubled(this.heads);
    this.tails = doubled(this.tails);
    this.nexts = doubled(this.nexts);
    this.cursors = doubled(this.cursors);
  }
}

const noChannels = (): Int32Array => new Int32Array(USER_REF_IDX_COUNT).fill(NO_CHANNEL);

function doubled(words: Int32Array): Int32Array<ArrayBuffer> {
  const twice = new Int32Array(words.length * 2);
  twice.set(words);
  return twice;
}
