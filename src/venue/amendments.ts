// What cancel, modify and replace make of an order (ouch50.md §6.2 to §6.4): the same arithmetic for every embedded
// venue, wherever it keeps its orders. Lane thread.

import { CANCEL_REASON, isSell } from "../protocol/ouch/codes.ts";
import { ORDER_LIFE, type OrderSlab } from "./order-slab.ts";
import { IGNORED_REASON, type VenueSink } from "./venue.ts";

/** Where a venue keeps its live orders. Both calls come while the order still carries what it had. */
export interface Shelf {
  reduce(order: number, shares: number): void;
  remove(order: number): void;
}

export class Amendments {
  private readonly orders: OrderSlab;
  private readonly sink: VenueSink;
  private readonly shelf: Shelf;

  constructor(orders: OrderSlab, sink: VenueSink, shelf: Shelf) {
    this.orders = orders;
    this.sink = sink;
    this.shelf = shelf;
  }

  isLive(order: number): boolean {
    return this.orders.state(order) === ORDER_LIFE.LIVE;
  }

  cancel(order: number, intendedQuantity: number, reason: number): void {
    if (!this.isLive(order)) {
      this.sink.onIgnored(order, IGNORED_REASON.DEAD_TARGET);
      return;
    }
    const open = this.orders.open(order);
    const openAfter = this.openAfter(order, intendedQuantity);
    if (openAfter >= open) {
      this.sink.onIgnored(order, IGNORED_REASON.SUPERFLUOUS);
      return;
    }
    this.takeOff(order, open - openAfter);
    this.sink.onCanceled(order, open - openAfter, reason);
    if (openAfter === 0) this.tellDone(order);
  }

  modify(
    order: number,
    side: number,
    intendedQuantity: number,
    located: number,
    locateBroker: number,
  ): void {
    if (!this.isLive(order)) {
      this.sink.onIgnored(order, IGNORED_REASON.DEAD_TARGET);
      return;
    }
    const orders = this.orders;
    const open = orders.open(order);
    const openAfter = this.openAfter(order, intendedQuantity);
    const sideBefore = orders.side(order);
    // Only the kinds of selling change into each other; a larger size is no change at all.
    const isAllowed = side === sideBefore || (isSell(side) && isSell(sideBefore));
    if (!isAllowed || openAfter > open || (openAfter === open && side === sideBefore)) {
      this.sink.onIgnored(order, IGNORED_REASON.SUPERFLUOUS);
      return;
    }
    if (openAfter === 0) {
      this.takeOff(order, open);
      this.sink.onCanceled(order, open, CANCEL_REASON.USER);
      this.tellDone(order);
      return;
    }
    orders.setSide(order, side);
    if (openAfter < open) this.takeOff(order, open - openAfter);
    this.sink.onModified(order, located, locateBroker);
  }

  /** Takes the target out and gives the replacement what the chain has left: that may be nothing. */
  takeOver(target: number, replacement: number): void {
    const orders = this.orders;
    this.shelf.remove(target);
    orders.setState(target, ORDER_LIFE.DONE);
    const executed = orders.executed(target);
    orders.setExecuted(replacement, executed);
    orders.setOpen(replacement, Math.max(0, orders.quantity(replacement) - executed));
  }

  /** A PENDING order becomes LIVE, or DONE when it is dead at once; its report is the caller's. */
  settle(order: number, isDead: boolean): void {
    this.orders.setState(order, isDead ? ORDER_LIFE.DONE : ORDER_LIFE.LIVE);
  }

  /** Cancels what is open of an order that is in no book. */
  drop(order: number, reason: number): void {
    const orders = this.orders;
    const open = orders.open(order);
    orders.setState(order, ORDER_LIFE.DONE);
    orders.setOpen(order, 0);
    orders.setQuantity(order, orders.executed(order));
    this.sink.onCanceled(order, open, reason);
    this.tellDone(order);
  }

  /** The order has left the book or never was in it. */
  close(order: number): void {
    this.orders.setState(order, ORDER_LIFE.DONE);
    this.orders.setOpen(order, 0);
    this.tellDone(order);
  }

  /** Reports a dead order as finished, unless a request for it is still held back. */
  tellDone(order: number): void {
    if (this.orders.pending(order) === 0) this.sink.onDone(order);
  }

  private openAfter(order: number, intendedQuantity: number): number {
    // 0 is "all that is open" and comes to the same as any size up to what is executed.
    return Math.max(0, intendedQuantity - this.orders.executed(order));
  }

  private takeOff(order: number, shares: number): void {
    const orders = this.orders;
    const openAfter = orders.open(order) - shares;
    if (openAfter === 0) {
      this.shelf.remove(order);
      orders.setState(order, ORDER_LIFE.DONE);
    } else {
      this.shelf.reduce(order, shares);
    }
    orders.setOpen(order, openAfter);
    orders.setQuantity(order, orders.executed(order) + openAfter);
  }
}
