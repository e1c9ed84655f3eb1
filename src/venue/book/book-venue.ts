// The embedded venue: one price-time priority book per instrument (semantics §4). Lane thread, no clock, no chance.
//
// A request is carried out within the call, as long as it touches at most outputsPerStepMax orders. A longer sweep
// stops there, and from then on its instrument takes nothing else: whatever arrives waits behind it in order, until
// resume() has gone through all of it (E9).

import { assert } from "../../base/assert.ts";
import type { StateReader, StateWriter } from "../../journal/state-stream.ts";
import { restoreUsedPart, saveUsedPart } from "../../journal/used-part.ts";
import {
  CANCEL_REASON,
  DISPLAY,
  LIQUIDITY,
  ORDER_STATE,
  POST_ONLY,
  TIME_IN_FORCE,
} from "../../protocol/ouch/codes.ts";
import { Amendments } from "../amendments.ts";
import { NO_INSTRUMENT } from "../instruments.ts";
import { NO_LEVEL, NO_ORDER, ORDER_LIFE, type OrderSlab } from "../order-slab.ts";
import type { Venue, VenueOptions, VenueSink } from "../venue.ts";
import { BusyInstruments } from "./busy-instruments.ts";
import { HELD_KIND, HeldRequests, NO_REQUEST } from "./held-requests.ts";
import { bookSide, contraSide, keyPrice, priceKey, RestingOrders } from "./resting-orders.ts";

/** Requests that may wait behind sweeps, all instruments together: 3 MiB once all were in use. */
export const HELD_REQUESTS_MAX = 65_536;
const NO_ACCOUNT = -1;

export class BookVenue implements Venue {
  readonly resting: RestingOrders;
  private readonly orders: OrderSlab;
  private readonly sink: VenueSink;
  private readonly amendments: Amendments;
  private readonly ordersPerStepMax: number;
  private readonly held: HeldRequests;
  private readonly busy: BusyInstruments;
  private readonly sweepers: Int32Array; // per instrument the order that is still trading + 1; 0 = none
  private readonly sweepStamps: Float64Array; // sinceNs of the request that the sweeper came with
  private lastMatch = 0;

  constructor(options: VenueOptions, heldRequestsMax: number = HELD_REQUESTS_MAX) {
    this.orders = options.orders;
    this.sink = options.sink;
    this.resting = new RestingOrders(options.orders, options.instrumentsMax);
    this.amendments = new Amendments(options.orders, options.sink, this.resting);
    this.ordersPerStepMax = options.outputsPerStepMax;
    // One record may bring as many requests as a step may have outputs: room for two is the least that works.
    const requestsMax = Math.max(heldRequestsMax, options.outputsPerStepMax * 2);
    this.held = new HeldRequests(requestsMax, options.instrumentsMax);
    this.busy = new BusyInstruments(options.instrumentsMax);
    this.sweepers = new Int32Array(options.instrumentsMax);
    this.sweepStamps = new Float64Array(options.instrumentsMax);
  }

  enter(order: number): void {
    this.orders.setOpen(order, this.orders.quantity(order));
    if (this.isBusy(order)) this.hold(HELD_KIND.ENTER, order, NO_ORDER, 0, 0);
    else this.enterNow(order, this.ordersPerStepMax);
  }

  replace(target: number, replacement: number): void {
    if (this.isBusy(target)) this.hold(HELD_KIND.REPLACE, target, replacement, 0, 0);
    else this.replaceNow(target, replacement, this.ordersPerStepMax);
  }

  cancel(order: number, intendedQuantity: number, reason: number): void {
    if (this.isBusy(order)) this.hold(HELD_KIND.CANCEL, order, NO_ORDER, intendedQuantity, reason);
    else this.amendments.cancel(order, intendedQuantity, reason);
  }

  modify(
    order: number,
    side: number,
    intendedQuantity: number,
    located: number,
    locateBroker: number,
  ): void {
    if (!this.isBusy(order)) {
      this.amendments.modify(order, side, intendedQuantity, located, locateBroker);
      return;
    }
    const request = this.hold(HELD_KIND.MODIFY, order, NO_ORDER, intendedQuantity, side);
    this.held.setLocated(request, located, locateBroker);
  }

  isBusy(order: number): boolean {
    return this.busy.has(this.orders.instrument(order));
  }

  canTake(): boolean {
    // A record may bring the cancels of a whole step of expired orders, and then its own request.
    return this.held.room > this.ordersPerStepMax;
  }

  hasWork(): boolean {
    return this.busy.count > 0;
  }

  /** True between the steps of a sweep: what crosses is still to be traded. */
  isSweeping(instrument: number): boolean {
    return this.sweepers[instrument] !== 0;
  }

  /** Requests that wait behind a sweep. */
  get heldCount(): number {
    return this.held.count;
  }

  /** Trades of this session so far: match numbers count from 1. */
  get matchCount(): number {
    return this.lastMatch;
  }

  /** One instrument after the other; one that has more to do than a turn allows goes to the end of the queue. */
  resume(ordersMax: number): void {
    let touched = 0;
    while (touched < ordersMax) {
      const instrument = this.busy.first();
      if (instrument === NO_INSTRUMENT) return;
      touched += this.goOn(instrument, ordersMax - touched);
      this.busy.removeFirst();
      if (this.hasMore(instrument)) this.busy.add(instrument);
    }
  }

  onVenueRecord(_bytes: Buffer, _offset: number, _length: number): void {
    assert(false, "the embedded book gets no VENUE records");
  }

  save(out: StateWriter): void {
    out.mark("resting orders");
    this.resting.save(out);
    out.mark("sweeps");
    this.held.save(out);
    this.busy.save(out);
    saveUsedPart(out, this.sweepers);
    saveUsedPart(out, this.sweepStamps);
    out.number(this.lastMatch);
  }
  restore(from: StateReader): void {
    from.mark("resting orders");
    this.resting.restore(from);
    from.mark("sweeps");
    this.held.restore(from);
    this.busy.restore(from);
    restoreUsedPart(from, this.sweepers);
    restoreUsedPart(from, this.sweepStamps);
    this.lastMatch = from.number();
  }

  private hasMore(instrument: number): boolean {
    return this.sweepers[instrument] !== 0 || this.held.first(instrument) !== NO_REQUEST;
  }

  private hold(
    kind: number,
    order: number,
    replacement: number,
    intendedQuantity: number,
    code: number,
  ): number {
    const orders = this.orders;
    const instrument = orders.instrument(order);
    const cause = this.sink.cause;
    const { held } = this;
    const request = held.add(instrument, cause, kind, order, replacement, intendedQuantity, code);
    orders.setPending(order, orders.pending(order) + 1);
    if (replacement !== NO_ORDER) orders.setPending(replacement, orders.pending(replacement) + 1);
    return request;
  }

  /** Finishes an instrument's sweep and carries out what waits behind it. Returns the orders touched. */
  private goOn(instrument: number, ordersMax: number): number {
    let touched = 0;
    const sweeper = this.sweepers[instrument]! - 1;
    if (sweeper !== NO_ORDER) {
      // The request was answered when the sweep began: nobody waits for what follows.
      this.sink.onCause(0, NO_ACCOUNT, 0, this.sweepStamps[instrument]!);
      touched += this.sweep(sweeper, ordersMax);
    }
    while (touched < ordersMax && this.sweepers[instrument] === 0) {
      const request = this.held.first(instrument);
      if (request === NO_REQUEST) break;
      touched += this.carryOut(instrument, request, ordersMax - touched);
    }
    return touched;
  }

  /** Carries out a request that was held back. Returns the orders touched, at least the one it is about. */
  private carryOut(instrument: number, request: number, ordersMax: number): number {
    const orders = this.orders;
    const held = this.held;
    const kind = held.kind(request);
    const order = held.order(request);
    const replacement = held.replacement(request);
    const intendedQuantity = held.intendedQuantity(request);
    const code = held.code(request);
    const located = held.located(request);
    const locateBroker = held.locateBroker(request);
    this.sink.onCause(
      held.requestType(request),
      held.account(request),
      held.userRefNum(request),
      held.sinceNs(request),
    );
    held.removeFirst(instrument);
    orders.setPending(order, orders.pending(order) - 1);
    if (replacement !== NO_ORDER) orders.setPending(replacement, orders.pending(replacement) - 1);

    // An order that died while this request waited could not be reported as done; with its last request it is.
    const wasDead = orders.state(order) === ORDER_LIFE.DONE;
    let touched = 1;
    if (kind === HELD_KIND.ENTER) touched = this.enterNow(order, ordersMax - 1);
    else if (kind === HELD_KIND.REPLACE) {
      touched = this.replaceNow(order, replacement, ordersMax - 1);
    } else if (kind === HELD_KIND.CANCEL) this.amendments.cancel(order, intendedQuantity, code);
    else this.amendments.modify(order, code, intendedQuantity, located, locateBroker);
    if (wasDead) this.amendments.tellDone(order);
    return touched;
  }

  private enterNow(order: number, tradesMax: number): number {
    const isDead = this.isDeadAtOnce(order);
    this.amendments.settle(order, isDead);
    this.sink.onAccepted(order, isDead ? ORDER_STATE.DEAD : ORDER_STATE.LIVE);
    return 1 + this.begin(order, isDead, tradesMax);
  }

  private replaceNow(target: number, replacement: number, tradesMax: number): number {
    if (!this.amendments.isLive(target)) {
      this.sink.onReplaceTooLate(target, replacement);
      this.amendments.close(replacement);
      return 1;
    }
    this.amendments.takeOver(target, replacement);
    const isDead = this.isDeadAtOnce(replacement);
    this.amendments.settle(replacement, isDead);
    this.sink.onReplaced(target, replacement, isDead ? ORDER_STATE.DEAD : ORDER_STATE.LIVE);
    this.amendments.close(target);
    return 1 + this.begin(replacement, isDead, tradesMax);
  }

  /** The first turn of an order that has been reported. Returns the resting orders touched. */
  private begin(order: number, isDead: boolean, tradesMax: number): number {
    if (isDead) {
      this.amendments.close(order);
      return 0;
    }
    const touched = this.sweep(order, tradesMax);
    const instrument = this.orders.instrument(order);
    if (this.sweepers[instrument] !== 0) {
      this.sweepStamps[instrument] = this.sink.cause.sinceNs;
      if (!this.busy.has(instrument)) this.busy.add(instrument);
    }
    return touched;
  }

  /** Whether an order is over as soon as it is accepted (semantics §4.2, §4.5). */
  private isDeadAtOnce(order: number): boolean {
    const orders = this.orders;
    const open = orders.open(order);
    if (open === 0) return true; // a replacement of a chain that has executed as much
    const contra = contraSide(bookSide(orders.instrument(order), orders.side(order)));
    const limitKey = this.limitKey(order, contra);
    const best = this.resting.tree.best(contra);
    const canTrade = best !== NO_LEVEL && this.resting.levels.key(best) <= limitKey;
    if (canTrade && orders.postOnly(order) === POST_ONLY.POST_ONLY) return true;
    if (this.mayRest(order)) return false;
    if (!canTrade) return true;
    const minQty = orders.minQty(order);
    if (minQty === 0) return false;
    return minQty > open || this.resting.tree.sharesUpTo(contra, limitKey) < minQty;
  }

  private mayRest(order: number): boolean {
    const isImmediate = this.orders.tif(order) === TIME_IN_FORCE.IMMEDIATE_OR_CANCEL;
    return this.orders.unpriced(order) === 0 && !isImmediate;
  }

  /** The worst level that an order may trade with, as a key of the other side. */
  private limitKey(order: number, contra: number): number {
    const orders = this.orders;
    const isPriced = orders.unpriced(order) === 0;
    return priceKey(contra, isPriced ? orders.price(order) : orders.walkPrice(order));
  }

  /**
   * Trades an order with whatever it meets, at most `tradesMax` times. Then it is filled, rests, or is canceled; or,
   * with more to meet, it stays the instrument's sweeper. Returns the resting orders touched.
   */
  private sweep(order: number, tradesMax: number): number {
    const orders = this.orders;
    const resting = this.resting;
    const instrument = orders.instrument(order);
    const contra = contraSide(bookSide(instrument, orders.side(order)));
    const limitKey = this.limitKey(order, contra);

    let touched = 0;
    let level = resting.tree.best(contra);
    while (level !== NO_LEVEL && orders.open(order) > 0) {
      const key = resting.levels.key(level);
      if (key > limitKey) break;
      if (touched === tradesMax) {
        this.sweepers[instrument] = order + 1;
        return touched;
      }
      touched += this.tradeLevel(order, level, keyPrice(contra, key), tradesMax - touched);
      resting.dropIfEmpty(level);
      level = resting.tree.best(contra);
    }
    this.sweepers[instrument] = 0;
    this.endSweep(order, level !== NO_LEVEL);
    return touched;
  }

  /** Trades with one level's orders in turn. The level's shares are settled once for all of them. */
  private tradeLevel(order: number, level: number, price: number, tradesMax: number): number {
    const orders = this.orders;
    const resting = this.resting;
    const sink = this.sink;
    let open = orders.open(order);
    let traded = 0;
    let touched = 0;
    while (open > 0 && touched < tradesMax) {
      const contra = resting.first(level);
      if (contra === NO_ORDER) break;
      const contraOpen = orders.open(contra);
      const shares = Math.min(open, contraOpen);
      const isHidden = orders.display(contra) === DISPLAY.HIDDEN;
      const liquidity = isHidden ? LIQUIDITY.HIDDEN_ADDED : LIQUIDITY.ADDED;
      this.lastMatch++;
      sink.onExecuted(contra, shares, price, liquidity, this.lastMatch);
      sink.onExecuted(order, shares, price, LIQUIDITY.REMOVED, this.lastMatch);
      orders.setExecuted(contra, orders.executed(contra) + shares);
      orders.setExecuted(order, orders.executed(order) + shares);
      orders.setOpen(contra, contraOpen - shares);
      open -= shares;
      orders.setOpen(order, open);
      traded += shares;
      touched++;
      if (contraOpen === shares) {
        resting.unlink(level, contra);
        this.amendments.close(contra);
      }
    }
    resting.tree.addShares(level, -traded);
    return touched;
  }

  private endSweep(order: number, isBookLeft: boolean): void {
    const orders = this.orders;
    if (orders.open(order) === 0) this.amendments.close(order);
    else if (this.mayRest(order)) this.resting.add(order);
    else {
      const isCollared = isBookLeft && orders.unpriced(order) !== 0;
      this.amendments.drop(
        order,
        isCollared ? CANCEL_REASON.MARKET_COLLAR : CANCEL_REASON.IMMEDIATE_OR_CANCEL,
      );
    }
  }
}
