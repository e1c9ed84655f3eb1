// A venue that answers one record later: it holds every request back and hands the oldest ones to an embedded venue
// when a VENUE record says so. Whatever passes with it does not depend on answers within the call (semantics §4.6).

import assert from "node:assert/strict";
import type { StateReader, StateWriter } from "../../src/journal/state-stream.ts";
import { NO_ORDER, ORDER_LIFE, type OrderSlab } from "../../src/venue/order-slab.ts";
import type { Cause, Venue, VenueOptions, VenueSink } from "../../src/venue/venue.ts";

const KINDS = ["enter", "replace", "cancel", "modify"] as const;

interface LateRequest extends Cause {
  readonly kind: (typeof KINDS)[number];
  readonly instrument: number;
  readonly orders: readonly number[];
  /** The venue's further arguments. */
  readonly terms: readonly number[];
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
    this.hold("enter", [order]);
  }
  replace(target: number, replacement: number): void {
    this.hold("replace", [target, replacement]);
  }
  cancel(order: number, intendedQuantity: number, reason: number): void {
    this.hold("cancel", [order], [intendedQuantity, reason]);
  }
  modify(
    order: number,
    side: number,
    intendedQuantity: number,
    located: number,
    locateBroker: number,
  ): void {
    this.hold("modify", [order], [side, intendedQuantity, located, locateBroker]);
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
      this.perform(request);
      for (const order of dead) if (this.orders.pending(order) === 0) this.sink.onDone(order);
    }
  }

  save(out: StateWriter): void {
    out.number(this.requests.length);
    for (const request of this.requests) {
      const { kind, requestType, account, userRefNum, sinceNs, instrument, orders, terms } =
        request;
      out.text(kind);
      for (const value of [requestType, account, userRefNum, sinceNs, instrument]) {
        out.number(value);
      }
      for (const values of [orders, terms]) {
        out.number(values.length);
        for (const value of values) out.number(value);
      }
    }
    this.inner.save(out);
  }
  restore(from: StateReader): void {
    const numbers = (count: number): number[] => Array.from({ length: count }, () => from.number());
    for (let left = from.number(); left > 0; left--) {
      const name = from.text();
      const kind = KINDS.find((known) => known === name);
      assert.ok(kind !== undefined, `a request of kind ${name}`);
      this.requests.push({
        kind,
        requestType: from.number(),
        account: from.number(),
        userRefNum: from.number(),
        sinceNs: from.number(),
        instrument: from.number(),
        orders: numbers(from.number()),
        terms: numbers(from.number()),
      });
    }
    this.inner.restore(from);
  }

  private perform({ kind, orders, terms }: LateRequest): void {
    const [order = NO_ORDER, replacement = NO_ORDER] = orders;
    const [first = 0, second = 0, located = 0, locateBroker = 0] = terms;
    if (kind === "enter") this.inner.enter(order);
    else if (kind === "replace") this.inner.replace(order, replacement);
    else if (kind === "cancel") this.inner.cancel(order, first, second);
    else this.inner.modify(order, first, second, located, locateBroker);
  }

  private hold(
    kind: LateRequest["kind"],
    orders: readonly number[],
    terms: readonly number[] = [],
  ): void {
    const first = orders[0] ?? NO_ORDER;
    const { requestType, account, userRefNum, sinceNs } = this.sink.cause;
    const instrument = this.orders.instrument(first);
    const cause = { requestType, account, userRefNum, sinceNs };
    this.requests.push({ ...cause, kind, instrument, orders, terms });
    for (const order of orders) this.addPending(order, 1);
  }

  private addPending(order: number, change: number): void {
    this.orders.setPending(order, this.orders.pending(order) + change);
  }
}
