// A venue that accepts and never matches, for measuring everything around it. Lane thread.

import { assert } from "../base/assert.ts";
import type { StateReader, StateWriter } from "../journal/state-stream.ts";
import { ORDER_STATE, TIME_IN_FORCE } from "../protocol/ouch/codes.ts";
import { Amendments, type Shelf } from "./amendments.ts";
import type { OrderSlab } from "./order-slab.ts";
import type { Venue, VenueOptions, VenueSink } from "./venue.ts";

/** It keeps its orders nowhere: the slab has all there is to know. */
const NO_SHELF: Shelf = { reduce() {}, remove() {} };

export class AckVenue implements Venue {
  private readonly orders: OrderSlab;
  private readonly sink: VenueSink;
  private readonly amendments: Amendments;

  constructor(options: VenueOptions) {
    this.orders = options.orders;
    this.sink = options.sink;
    this.amendments = new Amendments(options.orders, options.sink, NO_SHELF);
  }

  enter(order: number): void {
    this.orders.setOpen(order, this.orders.quantity(order));
    const isDead = this.isDeadAtOnce(order);
    this.amendments.settle(order, isDead);
    this.sink.onAccepted(order, isDead ? ORDER_STATE.DEAD : ORDER_STATE.LIVE);
    if (isDead) this.amendments.close(order);
  }

  replace(target: number, replacement: number): void {
    if (!this.amendments.isLive(target)) {
      this.sink.onReplaceTooLate(target, replacement);
      this.amendments.close(replacement);
      return;
    }
    this.amendments.takeOver(target, replacement);
    const isDead = this.isDeadAtOnce(replacement);
    this.amendments.settle(replacement, isDead);
    this.sink.onReplaced(target, replacement, isDead ? ORDER_STATE.DEAD : ORDER_STATE.LIVE);
    this.amendments.close(target);
    if (isDead) this.amendments.close(replacement);
  }

  cancel(order: number, intendedQuantity: number, reason: number): void {
    this.amendments.cancel(order, intendedQuantity, reason);
  }

  modify(
    order: number,
    side: number,
    intendedQuantity: number,
    located: number,
    locateBroker: number,
  ): void {
    this.amendments.modify(order, side, intendedQuantity, located, locateBroker);
  }

  isBusy(_order: number): boolean {
    return false;
  }
  canTake(): boolean {
    return true;
  }
  hasWork(): boolean {
    return false;
  }
  resume(_ordersMax: number): void {}

  onVenueRecord(_bytes: Buffer, _offset: number, _length: number): void {
    assert(false, "a venue that only accepts gets no VENUE records");
  }

  /** The slab has it all. */
  save(_out: StateWriter): void {}
  restore(_from: StateReader): void {}

  /** With nobody to trade with, what may not rest is over at once. */
  private isDeadAtOnce(order: number): boolean {
    const orders = this.orders;
    const isImmediate = orders.tif(order) === TIME_IN_FORCE.IMMEDIATE_OR_CANCEL;
    return orders.open(order) === 0 || isImmediate || orders.unpriced(order) !== 0;
  }
}
