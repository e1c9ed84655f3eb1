// Gives requests that are plain data to a real venue, and writes down what it reports in the naive twin's words.

import assert from "node:assert/strict";
import { DISPLAY, POST_ONLY, SIDE, TIME_IN_FORCE } from "../../src/protocol/ouch/codes.ts";
import { ORDER_LIFE, OrderSlab } from "../../src/venue/order-slab.ts";
import type { Cause, Venue, VenueOptions, VenueSink } from "../../src/venue/venue.ts";
import type { OrderTerms, VenueRequest } from "./venue-requests.ts";

const letter = (code: number): string => String.fromCharCode(code);
/** What comes back with a request's report: another for each, and more than 31 bits of it. */
const locateBrokerOf = (serial: number): number => Math.imul(serial, 0x9e3779b1) >>> 0;

export interface DriverOptions<V extends Venue> {
  readonly ordersMax: number;
  readonly instrumentsMax: number;
  readonly outputsPerStepMax: number;
  /** Free an order when the venue is done with it, as a lane does. */
  readonly isFreeing: boolean;
  readonly makeVenue: (options: VenueOptions) => V;
}

export class VenueDriver<V extends Venue = Venue> implements VenueSink {
  readonly venue: V;
  readonly orders: OrderSlab;
  /** In the order in which the venue reported. */
  readonly events: { readonly event: string; readonly instrument: number }[] = [];
  readonly done = new Set<number>();
  /** Orders that a request may be about: entered, and not freed. */
  readonly targets: number[] = [];
  cause: Cause = { requestType: 0, account: -1, userRefNum: 0, sinceNs: 0 };
  answerCount = 0;
  tradeCount = 0;
  private readonly isFreeing: boolean;
  private readonly orderOf = new Map<number, number>();
  private readonly idOf = new Map<number, number>();

  constructor(options: DriverOptions<V>) {
    const { ordersMax, instrumentsMax, outputsPerStepMax } = options;
    this.orders = new OrderSlab(ordersMax);
    this.isFreeing = options.isFreeing;
    this.venue = options.makeVenue({
      orders: this.orders,
      sink: this,
      instrumentsMax,
      ordersMax,
      outputsPerStepMax,
    });
  }

  handle(request: VenueRequest, serial: number): void {
    this.cause = { requestType: 1, account: 7, userRefNum: serial, sinceNs: serial / 2 };
    if (request.kind === "enter") {
      this.venue.enter(this.make(request.terms));
      return;
    }
    const target = this.orderWith(request.target);
    if (request.kind === "replace") this.venue.replace(target, this.make(request.terms));
    else if (request.kind === "cancel") {
      this.venue.cancel(target, request.intended, request.reason.charCodeAt(0));
    } else {
      const side = request.side.charCodeAt(0);
      this.venue.modify(target, side, request.intended, serial, locateBrokerOf(serial));
    }
  }

  /** Where an order of the flow is in the slab. */
  orderWith(id: number): number {
    const order = this.orderOf.get(id);
    assert(order !== undefined, `order ${id} was freed`);
    return order;
  }

  onCause(requestType: number, account: number, userRefNum: number, sinceNs: number): void {
    assert.equal(account, requestType === 0 ? -1 : 7);
    if (requestType !== 0) assert.equal(sinceNs, userRefNum / 2, "a stamp of another request");
    this.cause = { requestType, account, userRefNum, sinceNs };
  }
  onAccepted(order: number, state: number): void {
    this.answer(
      order,
      `accepted ${this.id(order)} ${letter(state)} open ${this.orders.open(order)}`,
    );
    this.expectState(order, state === "L".charCodeAt(0) ? ORDER_LIFE.LIVE : ORDER_LIFE.DONE);
  }
  onVenueReject(order: number, code: number): void {
    this.answer(order, `rejected ${this.id(order)} ${code}`);
  }
  onExecuted(order: number, shares: number, price: number, liquidity: number, match: number): void {
    this.tradeCount++;
    const carried = `open ${this.orders.open(order)} executed ${this.orders.executed(order)}`;
    const trade = `${shares} at ${price} ${letter(liquidity)} match ${match}`;
    this.say(order, `executed ${this.id(order)} ${trade} ${carried}`);
    this.expectState(order, ORDER_LIFE.LIVE);
  }
  onCanceled(order: number, shares: number, reason: number): void {
    const open = this.orders.open(order);
    const text = `canceled ${this.id(order)} ${shares} ${letter(reason)} open ${open}`;
    if (letter(reason) === "I" || letter(reason) === "K") this.say(order, text);
    else this.answer(order, text);
    this.expectState(order, open === 0 ? ORDER_LIFE.DONE : ORDER_LIFE.LIVE);
    assert.equal(this.orders.quantity(order), this.orders.executed(order) + open);
  }
  onReplaced(target: number, replacement: number, state: number): void {
    const chain = `open ${this.orders.open(replacement)} executed ${this.orders.executed(replacement)}`;
    const text = `${this.id(target)} ${this.id(replacement)} ${letter(state)} ${chain}`;
    this.answer(target, `replaced ${text}`);
    this.expectState(target, ORDER_LIFE.DONE);
    assert(this.orders.open(target) > 0, "a target that no longer says what was open of it");
  }
  onReplaceTooLate(target: number, replacement: number): void {
    this.answer(target, `too late ${this.id(target)} ${this.id(replacement)}`);
    this.expectState(target, ORDER_LIFE.DONE);
  }
  onModified(order: number, located: number, locateBroker: number): void {
    assert.deepEqual([located, locateBroker], [this.cause.userRefNum, locateBrokerOf(located)]);
    const side = letter(this.orders.side(order));
    this.answer(order, `modified ${this.id(order)} ${side} open ${this.orders.open(order)}`);
  }
  onIgnored(order: number, reason: number): void {
    this.answer(order, `ignored ${this.id(order)} ${reason}`);
  }
  onDone(order: number): void {
    const id = this.id(order);
    assert(!this.done.has(id), "an order is done twice");
    this.expectState(order, ORDER_LIFE.DONE);
    assert.equal(this.orders.open(order), 0, "shares are open of an order that is done");
    assert.equal(this.orders.pending(order), 0, "an order is done before its last request");
    this.say(order, `done ${id}`);
    this.done.add(id);
    if (!this.isFreeing) return;
    this.targets.splice(this.targets.indexOf(id), 1);
    this.orderOf.delete(id);
    this.idOf.delete(order);
    this.orders.free(order);
  }

  /** The latest orders that a request may be about, dead ones only if asked for. */
  latestTargets(isDeadToo: boolean): number[] {
    const latest = this.targets.slice(-300);
    return isDeadToo ? latest : latest.filter((id) => !this.done.has(id));
  }

  private make(terms: OrderTerms): number {
    const orders = this.orders;
    const order = orders.allocate();
    assert(order >= 0, "the slab is full");
    orders.setInstrument(order, terms.instrument);
    orders.setSide(order, terms.side.charCodeAt(0));
    orders.setQuantity(order, terms.quantity);
    orders.setPrice(order, terms.price);
    orders.setDisplay(order, terms.isHidden ? DISPLAY.HIDDEN : DISPLAY.VISIBLE);
    orders.setTif(order, terms.isImmediate ? TIME_IN_FORCE.IMMEDIATE_OR_CANCEL : TIME_IN_FORCE.DAY);
    orders.setPostOnly(order, terms.isPostOnly ? POST_ONLY.POST_ONLY : POST_ONLY.NO);
    orders.setUnpriced(order, terms.isUnpriced ? 1 : 0);
    orders.setWalkPrice(order, terms.isUnpriced ? terms.walkPrice : terms.price);
    orders.setMinQty(order, terms.minQty);
    assert(Object.values<number>(SIDE).includes(orders.side(order)));
    this.orderOf.set(terms.id, order);
    this.idOf.set(order, terms.id);
    this.targets.push(terms.id);
    return order;
  }

  private id(order: number): number {
    const id = this.idOf.get(order);
    assert(id !== undefined, "a report about an order that was freed");
    return id;
  }
  private say(order: number, event: string): void {
    this.events.push({ event, instrument: this.orders.instrument(order) });
  }
  private answer(order: number, event: string): void {
    this.answerCount++;
    assert.equal(this.cause.requestType, 1, "an answer that nobody asked for");
    this.say(order, `${event} #${this.cause.userRefNum}`);
  }
  private expectState(order: number, state: number): void {
    assert.equal(this.orders.state(order), state, "state moves on before the report");
  }
}
