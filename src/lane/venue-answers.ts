// What the venue reports becomes messages, and orders come and go: index, channels, expiry. Lane thread.

import { LANE_COUNTERS } from "../memory/counters.ts";
import { LIQUIDITY } from "../protocol/ouch/codes.ts";
import { hasTag, TAG } from "../protocol/ouch/tag.ts";
import { NO_ORDER } from "../venue/order-slab.ts";
import { type Cause, IGNORED_REASON, type VenueSink } from "../venue/venue.ts";
import type { LaneState } from "./lane-state.ts";
import { NO_REQUEST_TYPE } from "./request-cause.ts";

export class VenueAnswers implements VenueSink {
  private readonly state: LaneState;

  constructor(state: LaneState) {
    this.state = state;
  }

  get cause(): Cause {
    return this.state.cause;
  }

  onCause(requestType: number, account: number, userRefNum: number, sinceNs: number): void {
    this.state.cause.resume(requestType, account, userRefNum, sinceNs);
  }

  onAccepted(order: number, state: number): void {
    this.giveReference(order);
    this.state.answers.accepted(order, state);
    this.state.counters.add(LANE_COUNTERS.ordersEntered, 1);
  }

  onVenueReject(order: number, code: number): void {
    const { orders, answers } = this.state;
    answers.rejected(
      orders.account(order),
      orders.userRefNum(order),
      orders.userRefIdx(order),
      code,
      orders.view,
      orders.clOrdIdOffset(order),
    );
    this.decide(order);
  }

  onExecuted(
    order: number,
    shares: number,
    price: number,
    liquidity: number,
    matchNumber: number,
  ): void {
    this.state.answers.executed(order, shares, price, liquidity, matchNumber);
    // Each trade is told twice; the taking side stands for it.
    if (liquidity !== LIQUIDITY.REMOVED) return;
    this.state.counters.add(LANE_COUNTERS.matches, 1);
    this.state.counters.add(LANE_COUNTERS.sharesExecuted, shares);
    if (this.state.orders.unpriced(order) === 1) this.state.facts?.onMarketFill(this.state, order);
  }

  onCanceled(order: number, shares: number, reason: number): void {
    this.state.answers.canceled(order, shares, reason);
  }

  onReplaced(target: number, replacement: number, state: number): void {
    this.decide(replacement);
    this.giveReference(replacement);
    this.inheritSide(target, replacement);
    this.state.answers.replaced(target, replacement, state);
    this.state.counters.add(LANE_COUNTERS.ordersEntered, 1);
  }

  onReplaceTooLate(target: number, replacement: number): void {
    this.decide(replacement);
    this.state.orderLife.giveNumberBack(replacement);
    this.onIgnored(target, IGNORED_REASON.DEAD_TARGET);
  }

  onModified(order: number, located: number, locateBroker: number): void {
    this.state.answers.modified(order, located, locateBroker);
  }

  onIgnored(order: number, reason: number): void {
    const { state } = this;
    const { cause, orders } = state;
    state.isVenueIgnoring = true;
    if (cause.requestType === NO_REQUEST_TYPE) return;
    const account = state.accounts.at(cause.account);
    const userRefNum = orders.userRefNum(order);
    state.ignored.ignore(account, reason, cause.requestType, userRefNum, state.eventNs);
  }

  onDone(order: number): void {
    const { state } = this;
    state.facts?.onDone(state, order);
    state.orderLife.retire(order);
    const account = state.accounts.at(state.orders.account(order));
    if (account.massCancel !== undefined && account.massCancel.waitsFor === order) {
      account.massCancel.waitsFor = NO_ORDER;
      state.busyAccounts.add(account);
    }
    state.endOfDay.onDone(order);
    state.freeOrder(order);
    state.counters.add(LANE_COUNTERS.ordersDone, 1);
  }

  /** A query that has waited for this one, the last that was undecided, can be answered. */
  private decide(replacement: number): void {
    const account = this.state.orderLife.decide(replacement);
    if (account?.isHolding === true && account.massCancel === undefined) {
      this.state.busyAccounts.add(account);
    }
  }

  /** A Modify may have changed it while the replace waited. */
  private inheritSide(target: number, replacement: number): void {
    const { orders } = this.state;
    if (!hasTag(orders.tags(replacement), TAG.SIDE)) {
      orders.setSide(replacement, orders.side(target));
    }
  }

  private giveReference(order: number): void {
    const { orders, references, eventNs } = this.state;
    references.next(eventNs);
    orders.setReferenceHigh(order, references.high);
    orders.setReferenceLow(order, references.low);
  }
}
