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
  /** A replacement that the venue was asked for and has not answered: it may still come to nothing. */
  UNDECIDED: 4,
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
    else this.bringInto(channel, order);
  }

  /** An order that was held back is no longer. */
  bringIn(order: number): void {
    const { orders } = this;
    orders.setFlags(order, orders.flags(order) & ~ORDER_FLAG.HELD);
    this.bringInto(this.channelOf(order), order);
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

  /** The venue was asked for a replacement; it may have answered within the call. */
  onAsked(replacement: number): void {
    const { orders } = this;
    if (orders.state(replacement) !== ORDER_LIFE.PENDING) return;
    orders.setFlags(replacement, orders.flags(replacement) | ORDER_FLAG.UNDECIDED);
    this.accountOf(replacement).undecided++;
  }
  /** The venue answers. Returns the account when nothing of it is undecided any more, and something was. */
  decide(replacement: number): Account | undefined {
    const { orders } = this;
    const flags = orders.flags(replacement);
    if ((flags & ORDER_FLAG.UNDECIDED) === 0) return undefined;
    orders.setFlags(replacement, flags & ~ORDER_FLAG.UNDECIDED);
    const account = this.accountOf(replacement);
    account.undecided--;
    return account.undecided === 0 ? account : undefined;
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

  /** Whoever was begun and not retired: the index is not kept, it follows from the orders, as what is undecided. */
  findAllAgain(): void {
    const { orders, index } = this;
    for (let order = 0; order < orders.usedCount; order++) {
      if (orders.state(order) === ORDER_LIFE.FREE) continue;
      const flags = orders.flags(order);
      if ((flags & ORDER_FLAG.RETIRED) === 0) index.insert(order);
      if ((flags & ORDER_FLAG.UNDECIDED) !== 0) this.accountOf(order).undecided++;
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

  /**
   * From here on the venue knows the order, and its time counts, even if it has to wait there: what is asked after
   * that time comes behind its end.
   */
  private bringInto(channel: number, order: number): void {
    const { orders, channels, expiry } = this;
    channels.append(channel, order);
    if (orders.expiresAtNs(order) > 0) expiry.add(order);
  }

  private channelOf(order: number): number {
    return this.channels.of(this.accountOf(order).channels, this.orders.userRefIdx(order));
  }
  private accountOf(order: number): Account {
    return this.accounts.at(this.orders.account(order));
  }
}
