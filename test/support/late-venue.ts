// A venue that answers one record later: it holds every request back and hands the oldest ones to an embedded venue
// when a VENUE record says so. Whatever passes with it does not depend on answers within the call (semantics §4.6).

import assert from "node:assert/strict";
import { NO_ORDER, ORDER_LIFE, type OrderSlab } from "../../src/venue/order-slab.ts";
import type { Cause, Venue, VenueOptions, VenueSink } from "../../src/venue/venue.ts";

interface LateRequest extends Cause {
  readonly instrument: number;
  readonly orders: readonly number[];
  readonly perform: () => void;
}

/** A VENUE record's payload: how many requests are answered now. */
export const latePayload = (requestCount: number): Buffer => {
  const payload = Buffer.alloc(4);
  payload.writeUInt32LE(requestCount);
  return payload;
};

export class LateVenue implements Venue {
  private readonly inner: Venue;
  private readonly orders: OrderSlab;
  private readonly sink: VenueSink;
  private readonly requests: LateRequest[] = [];

  constructor(options: VenueOptions, makeInner: (options: VenueOptions) => Venue) {
    this.inner = makeInner(options);
    this.orders = options.orders;
    this.sink = options.sink;
  }

  /** Requests that were not answered yet. */
  get waitingCount(): number {
    return this.requests.length;
  }

  enter(order: number): void {
    this.orders.setOpen(order, this.orders.quantity(order));
    this.hold([order], () => this.inner.enter(order));
  }
  replace(target: number, replacement: number): void {
    this.hold([target, replacement], () => this.inner.replace(target, replacement));
  }
  cancel(order: number, intendedQuantity: number, reason: number): void {
    this.hold([order], () => this.inner.cancel(order, intendedQuantity, reason));
  }
  modify(order: number, side: number, intendedQuantity: number): void {
    this.hold([order], () => this.inner.modify(order, side, intendedQuantity));
  }

  isBusy(order: number): boolean {
    const instrument = this.orders.instrument(order);
    const isWaiting = this.requests.some((request) => request.instrument === instrument);
    return isWaiting || this.inner.isBusy(order);
  }
  canTake(): boolean {
    return this.inner.canTake();
  }
  hasWork(): boolean {
    return this.inner.hasWork();
  }
  resume(ordersMax: number): void {
    this.inner.resume(ordersMax);
  }

  /** See latePayload. */
  onVenueRecord(bytes: Buffer, offset: number, length: number): void {
    assert.equal(length, 4, "a VENUE record of another venue");
    this.answer(bytes.readUInt32LE(offset));
  }

  /** Hands the oldest requests on. */
  answer(requestCount: number): void {
    for (const request of this.requests.splice(0, requestCount)) {
      const { requestType, account, userRefNum, sinceNs } = request;
      this.sink.onCause(requestType, account, userRefNum, sinceNs);
      for (const order of request.orders) this.addPending(order, -1);
      // What died while its request waited here could not be reported as done by the inner venue.
      const dead = request.orders.filter((order) => this.orders.state(order) === ORDER_LIFE.DONE);
      request.perform();
      for (const order of dead) if (this.orders.pending(order) === 0) this.sink.onDone(order);
    }
  }

  private hold(orders: readonly number[], perform: () => void): void {
    const first = orders[0] ?? NO_ORDER;
    const { requestType, account, userRefNum, sinceNs } = this.sink.cause;
    const instrument = this.orders.instrument(first);
    this.requests.push({ requestType, account, userRefNum, sinceNs, instrument, orders, perform });
    for (const order of orders) this.addPending(order, 1);
  }

  private addPending(order: number, change: number): void {
    this.orders.setPending(order, this.orders.pending(order) + change);
  }
}
