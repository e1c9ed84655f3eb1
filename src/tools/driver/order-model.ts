// What a load client knows about the orders of one account: enough to match every answer to its request, and to
// say why a request that was never answered did not have to be. OUCH is silent when a cancel, modify or replace
// comes too late, so silence alone is no fault: an order that executed away before its cancel explains it.
//
// At most one request is under way per order. Everything lives in typed arrays indexed by UserRefNum − base.

import { assert } from "../../base/assert.ts";
import { CANCEL_REASON, ORDER_STATE } from "../../protocol/ouch/codes.ts";
import { IdleOrders } from "./idle-orders.ts";
import { REQUEST, type RequestSink } from "./requests.ts";

const NO_REQUEST = 255;
/** Who does not say what was asked for has no shares compared. */
const ANY_TOTAL = -1;

const STATE = { UNUSED: 0, ENTERING: 1, REPLACING: 2, LIVE: 3, DONE: 4 } as const;

export class OrderModel {
  /** First UserRefNum of ours. Lower ones belong to somebody before us. */
  readonly base: number;
  /** The next UserRefNum to be used. */
  nextNumber: number;
  /** Highest number that an answer has shown to be used up, base − 1 before the first. */
  consumedHighest: number;
  /** Requests that still want an answer. */
  waiting = 0;
  /** Immediate-or-cancel orders that were accepted and have shares left: none may rest. */
  unended = 0;
  /** Messages about numbers below base: orders of an earlier session. */
  foreign = 0;
  sharesBought = 0;
  sharesSold = 0;
  executions = 0;

  private readonly numbersMax: number;
  private readonly sink: RequestSink;
  private readonly states: Uint8Array;
  private readonly requests: Uint8Array;
  private readonly buys: Uint8Array;
  private readonly immediates: Uint8Array;
  private readonly symbols: Uint8Array;
  private readonly prices: Int32Array;
  private readonly totals: Int32Array; // as last asked for, what has executed included
  private readonly opens: Int32Array;
  private readonly executed: Int32Array; // and what self-match prevention took: a total includes that too
  private readonly others: Int32Array; // replacement of a target under way, target of a replacement
  private readonly intended: Float64Array;
  private readonly sent: Float64Array;
  private readonly idle: IdleOrders;

  constructor(base: number, numbersMax: number, sink: RequestSink) {
    this.base = base;
    this.nextNumber = base;
    this.consumedHighest = base - 1;
    this.numbersMax = numbersMax;
    this.sink = sink;
    this.states = new Uint8Array(numbersMax);
    this.requests = new Uint8Array(numbersMax).fill(NO_REQUEST);
    this.buys = new Uint8Array(numbersMax);
    this.immediates = new Uint8Array(numbersMax);
    this.symbols = new Uint8Array(numbersMax);
    this.prices = new Int32Array(numbersMax);
    this.totals = new Int32Array(numbersMax);
    this.opens = new Int32Array(numbersMax);
    this.executed = new Int32Array(numbersMax);
    this.others = new Int32Array(numbersMax);
    this.intended = new Float64Array(numbersMax);
    this.sent = new Float64Array(numbersMax);
    this.idle = new IdleOrders(numbersMax);
  }

  get hasRoom(): boolean {
    return this.nextNumber - this.base < this.numbersMax;
  }

  // -- what the flow asks --------------------------------------------------------------------------------------

  /** Live orders that a cancel, modify or replace may name now. */
  get idleCount(): number {
    return this.idle.count;
  }

  idleNumber(place: number): number {
    return this.base + this.idle.at(place);
  }

  isBuy(number: number): boolean {
    return this.buys[number - this.base] === 1;
  }
  isImmediate(number: number): boolean {
    return this.immediates[number - this.base] === 1;
  }
  symbolOf(number: number): number {
    return this.symbols[number - this.base]!;
  }
  priceOf(number: number): number {
    return this.prices[number - this.base]!;
  }
  openOf(number: number): number {
    return this.opens[number - this.base]!;
  }
  executedOf(number: number): number {
    return this.executed[number - this.base]!;
  }

  // -- what was sent -------------------------------------------------------------------------------------------

  /** An Enter goes out. Returns its UserRefNum. */
  enter(
    isBuy: boolean,
    symbol: number,
    price: number,
    intendedNs: number,
    sentNs: number,
    quantity = ANY_TOTAL,
    isImmediate = false,
  ): number {
    const index = this.take(STATE.ENTERING, REQUEST.ENTER, intendedNs, sentNs);
    this.buys[index] = isBuy ? 1 : 0;
    this.immediates[index] = isImmediate ? 1 : 0;
    this.symbols[index] = symbol;
    this.prices[index] = price;
    this.totals[index] = quantity;
    return this.base + index;
  }

  /** A Replace of an idle order to a total goes out. Returns the replacement's UserRefNum. */
  replace(
    target: number,
    price: number,
    intendedNs: number,
    sentNs: number,
    total = ANY_TOTAL,
  ): number {
    const targetIndex = target - this.base;
    this.idle.remove(targetIndex);
    this.requests[targetIndex] = REQUEST.REPLACE;
    const index = this.take(STATE.REPLACING, NO_REQUEST, intendedNs, sentNs);
    this.buys[index] = this.buys[targetIndex]!;
    this.symbols[index] = this.symbols[targetIndex]!;
    this.prices[index] = price;
    this.totals[index] = total;
    this.others[index] = targetIndex;
    this.others[targetIndex] = index;
    return this.base + index;
  }

  /** A Cancel or Modify of an idle order to a total goes out. */
  change(
    number: number,
    request: number,
    intendedNs: number,
    sentNs: number,
    total = ANY_TOTAL,
  ): void {
    const index = number - this.base;
    this.idle.remove(index);
    this.totals[index] = total;
    this.requests[index] = request;
    this.intended[index] = intendedNs;
    this.sent[index] = sentNs;
    this.waiting++;
  }

  // -- what came back ------------------------------------------------------------------------------------------
  // An answer with other shares than were asked for is told, and then believed: what follows will agree with it.

  /** True when it answers an Enter. */
  onAccepted(number: number, open: number, state: number): boolean {
    const index = this.ours(number);
    if (index < 0) return false;
    if (this.states[index] !== STATE.ENTERING) {
      this.unmatched("accepted twice", number);
      return false;
    }
    this.consume(number);
    this.answer(index, index, true);
    this.compareShares("accepted", index, open, state);
    this.goLive(index, open, state);
    return true;
  }

  /** True when it answers a Replace. */
  onReplaced(target: number, number: number, open: number, state: number): boolean {
    const targetIndex = this.ours(target);
    const index = this.ours(number);
    if (targetIndex < 0 || index < 0) return false;
    if (this.states[index] !== STATE.REPLACING || this.others[index] !== targetIndex) {
      this.unmatched("replaced without a request", number);
      return false;
    }
    this.consume(number);
    this.executed[index] = this.executed[targetIndex]!;
    this.answer(targetIndex, index, true);
    this.finish(targetIndex);
    this.compareShares("replaced", index, open, state);
    this.goLive(index, open, state);
    return true;
  }

  /** True when it answers an Enter or a Replace. */
  onRejected(number: number): boolean {
    const index = this.ours(number);
    if (index < 0) return false;
    const state = this.states[index];
    if (state === STATE.ENTERING) {
      this.answer(index, index, false);
    } else if (state === STATE.REPLACING) {
      // A refused replace leaves its target as it was (semantics §4.4).
      const targetIndex = this.others[index]!;
      this.answer(targetIndex, index, false);
      this.rest(targetIndex);
    } else {
      this.unmatched("rejected without a request", number);
      return false;
    }
    this.consume(number);
    this.states[index] = STATE.DONE;
    return true;
  }

  onCanceled(number: number, shares: number, reason: number): void {
    const index = this.ours(number);
    if (index < 0) return;
    if (!this.isLiveHere(index, number, "canceled")) return;
    if (!this.hasShares(index, number, shares, "canceled")) return;
    this.opens[index] = this.opens[index]! - shares;
    if (reason === CANCEL_REASON.SELF_MATCH_PREVENTION) {
      this.executed[index] = this.executed[index]! + shares;
    }
    if (reason === CANCEL_REASON.USER) this.answerCanceled(index, number);
    this.settle(index);
  }

  /** True when it answers a Modify. */
  onModified(number: number, open: number): boolean {
    const index = this.ours(number);
    if (index < 0) return false;
    if (!this.isLiveHere(index, number, "modified")) return false;
    if (this.requests[index] !== REQUEST.MODIFY) {
      this.unmatched("modified without a request", number);
      return false;
    }
    this.compareShares("modified", index, open, ORDER_STATE.LIVE);
    this.opens[index] = open;
    this.answer(index, index, true);
    this.settle(index);
    return true;
  }

  /** True when they are an order's that has them. */
  onExecuted(number: number, shares: number): boolean {
    const index = this.ours(number);
    if (index < 0) return false;
    if (!this.isLiveHere(index, number, "executed")) return false;
    if (!this.hasShares(index, number, shares, "executed")) return false;
    this.executions++;
    if (this.buys[index] === 1) this.sharesBought += shares;
    else this.sharesSold += shares;
    this.executed[index] = this.executed[index]! + shares;
    this.opens[index] = this.opens[index]! - shares;
    this.settle(index);
    return true;
  }

  /** The response to a mass cancel, disable or enable: no account of ours asks for one. */
  onConfirmed(number: number): void {
    if (this.ours(number) >= 0) this.unmatched("confirmed without a request", number);
  }

  /** One of those that should have ended. */
  get firstUnended(): number {
    const isUnended = (state: number, index: number): boolean =>
      state === STATE.LIVE && this.immediates[index] === 1;
    return this.base + this.states.findIndex(isUnended);
  }

  /** The account's next number as the gateway gave it, once nothing is waiting: it must be what we think. */
  onFence(nextNumber: number): void {
    if (nextNumber !== this.consumedHighest + 1) {
      this.unmatched("the gateway's next number differs from the model's", nextNumber);
    }
  }

  /** A message about an order of ours says what cannot be. */
  unmatched(reason: string, number: number): void {
    this.sink.onUnmatched(`${reason} (UserRefNum ${number})`);
  }

  // -- inside --------------------------------------------------------------------------------------------------

  private take(state: number, request: number, intendedNs: number, sentNs: number): number {
    assert(this.hasRoom, "the order model is full");
    const index = this.nextNumber - this.base;
    this.nextNumber++;
    this.states[index] = state;
    this.requests[index] = request;
    this.intended[index] = intendedNs;
    this.sent[index] = sentNs;
    this.waiting++;
    return index;
  }

  /** Index of a number, or −1 when the message is not about us (an earlier session's order) or cannot be. */
  private ours(number: number): number {
    if (number < this.base) {
      this.foreign++;
      return -1;
    }
    if (number >= this.nextNumber) {
      this.unmatched("a number that was never used", number);
      return -1;
    }
    return number - this.base;
  }

  private isLiveHere(index: number, number: number, what: string): boolean {
    if (this.states[index] === STATE.LIVE) return true;
    this.unmatched(`${what}, but the order is not live`, number);
    return false;
  }

  private hasShares(index: number, number: number, shares: number, what: string): boolean {
    if (shares > 0 && shares <= this.opens[index]!) return true;
    this.unmatched(`${what} ${shares === 0 ? "no shares" : "more than was open"}`, number);
    return false;
  }

  /** What is left of the total that was asked for. Of an order that is dead on arrival there may be less. */
  private compareShares(what: string, index: number, open: number, state: number): void {
    if (this.totals[index] === ANY_TOTAL) return;
    const left = Math.max(0, this.totals[index]! - this.executed[index]!);
    if (open === left || (open < left && state !== ORDER_STATE.LIVE)) return;
    this.unmatched(`${what} to ${open} shares where ${left} were asked for`, this.base + index);
  }

  private consume(number: number): void {
    if (number > this.consumedHighest) this.consumedHighest = number;
  }

  /** By request: no account of ours asks for a mass cancel, so that each has one of its own. */
  private answerCanceled(index: number, number: number): void {
    const request = this.requests[index]!;
    if (request === NO_REQUEST) {
      this.unmatched("canceled without a request", number);
    } else if (request === REQUEST.REPLACE) {
      // The replace was invalid: its target went and its number was not used (semantics §4.4).
      const replacement = this.others[index]!;
      this.answer(index, replacement, false);
      this.states[replacement] = STATE.DONE;
    } else {
      this.compareShares("canceled down", index, this.opens[index]!, ORDER_STATE.LIVE);
      this.answer(index, index, true);
    }
  }

  /** `asked` carries the request, `timed` its times: they differ for a replace only. */
  private answer(asked: number, timed: number, isAccepted: boolean): void {
    const request = this.requests[asked]!;
    this.requests[asked] = NO_REQUEST;
    this.waiting--;
    this.sink.onAnswered(request, isAccepted, this.intended[timed]!, this.sent[timed]!);
  }

  private goLive(index: number, open: number, state: number): void {
    this.states[index] = STATE.LIVE;
    this.opens[index] = state === ORDER_STATE.LIVE ? open : 0;
    this.unended += this.immediates[index]!;
    if (this.opens[index] === 0) this.finish(index);
    else this.rest(index);
  }

  /** After shares have left: the order rests on, or is done and with it whatever is still asked of it. */
  private settle(index: number): void {
    if (this.opens[index]! > 0) {
      if (this.requests[index] === NO_REQUEST) this.rest(index);
      return;
    }
    const request = this.requests[index]!;
    if (request !== NO_REQUEST) {
      this.requests[index] = NO_REQUEST;
      if (request === REQUEST.REPLACE) this.states[this.others[index]!] = STATE.DONE;
      this.waiting--;
      this.sink.onExplained(request);
    }
    this.finish(index);
  }

  /** An immediate-or-cancel order does not: a cancel of ours would hide that the gateway forgot it. */
  private rest(index: number): void {
    if (this.states[index] === STATE.LIVE && this.immediates[index] === 0) this.idle.add(index);
  }

  private finish(index: number): void {
    this.unended -= this.immediates[index]!;
    this.states[index] = STATE.DONE;
    this.idle.remove(index);
  }
}
