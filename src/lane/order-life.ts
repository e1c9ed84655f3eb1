// How an order becomes known and is forgotten again: index, channel, expiry, its number. Lane thread.

import type { ExpiryHeap } from "../venue/expiry-heap.ts";
import type { OrderIndex } from "../venue/order-index.ts";
import { NO_ORDER, ORDER_LIFE, type OrderSlab } from "../venue/order-slab.ts";
import type { Account, Accounts } from "./accounts.ts";
import type { Channels } from "./channels.ts";
import type { HeldRequests } from "./held-requests.ts";

/** The lane's bits of an order's flags. */
export const ORDER_FLAG = {
  /** Waits behind a mass cancel: in the index, but in no channel, and the venue does not know it yet. */
  HELD: 1,
  /** In neither any more. */
  RETIRED: 2,
} as const;

export class OrderLife {
  private readonly orders: OrderSlab;
  private readonly index: OrderIndex;
  private readonly expiry: ExpiryHeap;
  private readonly channels: Channels;
  private readonly accounts: Accounts;
  private readonly held: HeldRequests;

  constructor(
    orders: OrderSlab,
    index: OrderIndex,
    expiry: ExpiryHeap,
    channels: Channels,
    accounts: Accounts,
    held: HeldRequests,
  ) {
    this.orders = orders;
    this.index = index;
    this.expiry = expiry;
    this.channels = channels;
    this.accounts = accounts;
    this.held = held;
  }

  /** A filled-in order takes its number; from now on requests find it. */
  begin(account: Account, order: number, isHeld: boolean): void {
    const { orders, channels } = this;
    const channel = channels.of(account.channels, orders.userRefIdx(order));
    orders.setPreviousHigh(order, channels.high(channel));
    channels.setHigh(channel, orders.userRefNum(order));
    this.index.insert(order);
    if (isHeld) orders.setFlags(order, ORDER_FLAG.HELD);
    else channels.append(channel, order);
  }

  isHeld(order: number): boolean {
    return (this.orders.flags(order) & ORDER_FLAG.HELD) !== 0;
  }

  /** What is asked about the order now comes behind what waits already: its own beginning, or other requests about it. */
  isAskedLater(order: number): boolean {
    return this.isHeld(order) || this.orders.waiting(order) > 0;
  }
  /** A request about the order is held back, a replace of it too, and none of those that begin it; -1: it is carried out. */
  countWaiting(order: number, change: 1 | -1): void {
    this.orders.setWaiting(order, this.orders.waiting(order) + change);
  }

  /** A replacement came to nothing: its number is not consumed, unless a higher one was used since. */
  giveNumberBack(replacement: number): void {
    const { orders, channels } = this;
    const channel = this.channelOf(replacement);
    const number = orders.userRefNum(replacement);
    const previousHigh = orders.previousHigh(replacement);
    if (channels.high(channel) === number) {
      channels.setHigh(channel, previousHigh);
    } else {
      // Should the next one come to nothing too, both are free.
      const next = this.nextNew(replacement);
      if (next !== NO_ORDER && orders.previousHigh(next) === number) {
        orders.setPreviousHigh(next, previousHigh);
      }
    }
    this.retire(replacement);
  }

  /** Nobody finds the order any more. */
  retire(order: number): void {
    const { orders } = this;
    const flags = orders.flags(order);
    if ((flags & ORDER_FLAG.RETIRED) !== 0) return;
    orders.setFlags(order, flags | ORDER_FLAG.RETIRED);
    this.index.remove(order);
    this.expiry.remove(order);
    if ((flags & ORDER_FLAG.HELD) === 0) this.channels.remove(this.channelOf(order), order);
  }

  /** Whoever was begun and not retired: the index is not kept, it follows from the orders. */
  findAllAgain(): void {
    const { orders, index } = this;
    for (let order = 0; order < orders.usedCount; order++) {
      const isKnown =
        orders.state(order) !== ORDER_LIFE.FREE && (orders.flags(order) & ORDER_FLAG.RETIRED) === 0;
      if (isKnown) index.insert(order);
    }
  }

  /** The order that took the channel's next number, as long as it is known. What waits comes after what does not. */
  private nextNew(order: number): number {
    const { orders, index, held } = this;
    const next = this.isHeld(order) ? NO_ORDER : orders.nextInAccount(order);
    if (next !== NO_ORDER) return next;
    const account = this.accounts.at(orders.account(order));
    const userRefIdx = orders.userRefIdx(order);
    return index.find(account.number, userRefIdx, held.firstNewNumber(account, userRefIdx));
  }

  private channelOf(order: number): number {
    const account = this.accounts.at(this.orders.account(order));
    return this.channels.of(account.channels, this.orders.userRefIdx(order));
  }
}
