// Work that one step could not finish: expiries, mass cancels and what waits behind them, the venue's sweeps, the end
// of the day. Each CONTINUE record does one part's next piece, in turn, touching at most outputsPerStepMax orders
// (semantics §3.4). Lane thread.

import type { Saved, StateReader, StateWriter } from "../journal/state-stream.ts";
import { CANCEL_REASON } from "../protocol/ouch/codes.ts";
import { NO_ORDER } from "../venue/order-slab.ts";
import { IGNORED_REASON } from "../venue/venue.ts";
import { type Account, NO_HELD } from "./accounts.ts";
import { NO_CHANNEL } from "./channels.ts";
import { ClosingWork } from "./closing-work.ts";
import { HELD_KIND } from "./held-requests.ts";
import type { LaneState } from "./lane-state.ts";
import type { MassCancel } from "./mass-cancels.ts";

/** Who takes turns. Expiries go before all of them: what is over does not trade. */
const PART = { ACCOUNTS: 0, VENUE: 1, CLOSING: 2 } as const;
const PART_COUNT = 3;

export class ContinuedWork implements Saved {
  readonly closing: ClosingWork;
  private readonly state: LaneState;
  private readonly ordersPerStepMax: number;
  private nextPart: number = PART.ACCOUNTS;

  constructor(state: LaneState) {
    this.state = state;
    this.closing = new ClosingWork(state);
    this.ordersPerStepMax = state.config.outputsPerStepMax;
  }

  hasWork(): boolean {
    if (this.isDue(this.state.eventNs)) return true;
    for (let part = 0; part < PART_COUNT; part++) if (this.hasPart(part)) return true;
    return false;
  }

  /** What there is to do is kept where it is found; whose turn it is, here. */
  save(out: StateWriter): void {
    out.number(this.nextPart);
  }
  restore(from: StateReader): void {
    this.nextPart = from.number();
  }

  /** Orders are over at this moment, and still there. */
  isDue(eventNs: number): boolean {
    return this.state.expiry.isDue(eventNs);
  }

  /** A CONTINUE record: the next part that has something to do. */
  step(): void {
    if (this.expireDue()) return;
    for (let tries = 0; tries < PART_COUNT; tries++) {
      const part = this.nextPart;
      this.nextPart = (part + 1) % PART_COUNT;
      if (!this.canStep(part)) continue;
      this.stepPart(part);
      return;
    }
  }

  /** Orders whose time is over go, the earliest first, a step's worth at most. False: there were none, or no room. */
  expireDue(): boolean {
    const { state } = this;
    const { expiry, venue, eventNs } = state;
    if (!this.isDue(eventNs) || !venue.canTake()) return false;
    state.cause.beginNone(state.sinceNs);
    state.isChanged = true;
    for (let touched = 0; touched < this.ordersPerStepMax && this.isDue(eventNs); touched++) {
      const order = expiry.peek();
      expiry.remove(order);
      venue.cancel(order, 0, CANCEL_REASON.TIMEOUT);
    }
    return true;
  }

  /** Answers a mass cancel and begins it. Its cause is the request's. */
  beginMassCancel(account: Account, massCancel: MassCancel): void {
    const { answers, channels, cause } = this.state;
    answers.massCancel(massCancel);
    account.massCancel = massCancel;
    massCancel.waitsFor = NO_ORDER;
    const only =
      massCancel.userRefIdx === 0
        ? NO_CHANNEL
        : channels.of(account.channels, massCancel.userRefIdx);
    let channel = account.channels.first;
    for (; channel !== NO_CHANNEL; channel = channels.next(channel)) {
      const isMeant = only === NO_CHANNEL || only === channel;
      channels.setCursor(channel, isMeant ? channels.firstOrder(channel) : NO_ORDER);
    }
    cause.beginNone(massCancel.sinceNs); // the request has its answer; its cancels are nobody's
    this.goOnWithMassCancel(account, massCancel, this.ordersPerStepMax);
    if (account.isHolding && massCancel.waitsFor === NO_ORDER) this.state.busyAccounts.add(account);
  }

  private hasPart(part: number): boolean {
    const { busyAccounts, venue } = this.state;
    if (part === PART.ACCOUNTS) return !busyAccounts.isEmpty;
    return part === PART.VENUE ? venue.hasWork() : this.closing.hasWork();
  }

  /** What asks the venue for something waits until the venue can hold it back. */
  private canStep(part: number): boolean {
    return this.hasPart(part) && (part === PART.VENUE || this.state.venue.canTake());
  }

  private stepPart(part: number): void {
    if (part === PART.ACCOUNTS) this.stepAccount();
    else if (part === PART.CLOSING) this.closing.step();
    else this.state.venue.resume(this.ordersPerStepMax);
  }

  private stepAccount(): void {
    const { busyAccounts } = this.state;
    const account = busyAccounts.takeFirst();
    if (account === undefined) return;
    this.state.isChanged = true;
    this.goOnWith(account);
    const { massCancel } = account;
    const isWaiting =
      massCancel === undefined ? this.isTooEarly(account) : massCancel.waitsFor !== NO_ORDER;
    if (account.isHolding && !isWaiting) busyAccounts.add(account);
  }

  private goOnWith(account: Account): void {
    let left = this.ordersPerStepMax;
    if (account.massCancel !== undefined) {
      this.state.cause.beginNone(account.massCancel.sinceNs);
      left -= this.goOnWithMassCancel(account, account.massCancel, left);
    }
    while (left > 0 && account.massCancel === undefined && account.firstHeld !== NO_HELD) {
      if (this.isTooEarly(account)) return;
      // A query looks at all that waits behind it: one in a step.
      const isQuery = this.state.held.kind(account.firstHeld) === HELD_KIND.QUERY;
      this.carryOutFirstHeld(account);
      // What has waited until it was over goes before the next one.
      if (this.isDue(this.state.eventNs)) return;
      left = isQuery ? 0 : left - 1;
    }
  }

  /** The next that waits is a query, and a replace before it may still give its number back. */
  private isTooEarly({ firstHeld, undecided }: Account): boolean {
    if (undecided === 0 || firstHeld === NO_HELD) return false;
    return this.state.held.kind(firstHeld) === HELD_KIND.QUERY;
  }

  /** Cancels in rising UserRefNum. Returns the orders looked at. */
  private goOnWithMassCancel(account: Account, massCancel: MassCancel, ordersMax: number): number {
    const { orders, channels, venue, massCancels } = this.state;
    for (let touched = 0; touched < ordersMax; touched++) {
      if (massCancel.waitsFor !== NO_ORDER) return touched;
      const channel = this.lowestCursor(account);
      if (channel === NO_CHANNEL) {
        account.massCancel = undefined;
        massCancels.give(massCancel);
        return touched;
      }
      const order = channels.cursor(channel);
      channels.setCursor(channel, orders.nextInAccount(order));
      if (!massCancel.matches(this.state, order)) continue;
      // Behind an unfinished sweep the cancel comes later: the next one waits, or it would come first.
      if (venue.isBusy(order)) massCancel.waitsFor = order;
      venue.cancel(order, 0, CANCEL_REASON.USER);
    }
    return ordersMax;
  }

  /** The channel whose order under the cursor has the lowest number. */
  private lowestCursor(account: Account): number {
    const { orders, channels } = this.state;
    let lowest = NO_CHANNEL;
    let lowestNumber = 0;
    let channel = account.channels.first;
    for (; channel !== NO_CHANNEL; channel = channels.next(channel)) {
      const order = channels.cursor(channel);
      if (order === NO_ORDER) continue;
      const number = orders.userRefNum(order);
      if (lowest !== NO_CHANNEL && number >= lowestNumber) continue;
      lowest = channel;
      lowestNumber = number;
    }
    return lowest;
  }

  private carryOutFirstHeld(account: Account): void {
    const { state } = this;
    const { held, index, venue, cause } = state;
    const request = account.firstHeld;
    const kind = held.kind(request);
    const requestType = held.requestType(request);
    const userRefIdx = held.userRefIdx(request);
    const userRefNum = held.userRefNum(request);
    const newUserRefNum = held.newUserRefNum(request);
    const quantity = held.quantity(request);
    const code = held.code(request);
    const located = held.located(request);
    const locateBroker = held.locateBroker(request);
    const asked = kind === HELD_KIND.REPLACE ? newUserRefNum : userRefNum;
    cause.resume(requestType, account.number, asked, held.sinceNs(request));
    held.removeFirst(account);

    if (kind === HELD_KIND.MASS_CANCEL) {
      this.beginMassCancel(account, state.massCancels.at(code));
      return;
    }
    if (kind === HELD_KIND.QUERY) {
      state.answerQuery(account, userRefIdx);
      return;
    }
    const order = index.find(account.number, userRefIdx, userRefNum);
    if (kind === HELD_KIND.REPLACE) {
      const replacement = index.find(account.number, userRefIdx, newUserRefNum);
      this.replace(account, order, replacement, userRefNum);
    } else if (order === NO_ORDER) {
      this.ignoreDead(account, userRefNum);
    } else if (kind === HELD_KIND.ENTER) {
      state.orderLife.bringIn(order);
      venue.enter(order);
    } else if (state.orderLife.isHeld(order)) {
      // It begins behind this request: a replace has given back its number meanwhile, and the one that was meant is no more.
      this.ignoreDead(account, userRefNum);
    } else {
      state.orderLife.countWaiting(order, -1);
      if (kind === HELD_KIND.CANCEL) venue.cancel(order, quantity, code);
      else venue.modify(order, code, quantity, located, locateBroker);
    }
  }

  private replace(
    account: Account,
    target: number,
    replacement: number,
    targetUserRefNum: number,
  ): void {
    const { orderLife, venue } = this.state;
    if (target === NO_ORDER) {
      orderLife.giveNumberBack(replacement);
      this.state.freeOrder(replacement);
      this.ignoreDead(account, targetUserRefNum);
      return;
    }
    orderLife.countWaiting(target, -1);
    orderLife.bringIn(replacement);
    venue.replace(target, replacement);
    orderLife.onAsked(replacement);
  }

  private ignoreDead(account: Account, userRefNum: number): void {
    const { ignored, cause, eventNs } = this.state;
    ignored.ignore(account, IGNORED_REASON.DEAD_TARGET, cause.requestType, userRefNum, eventNs);
  }
}
