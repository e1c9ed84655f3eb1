// The end of the session in bounded steps (semantics §8): every stream is told, then every open order is canceled,
// account by account and in rising UserRefNum, as a mass cancel would. Lane thread.
//
// What came before the end is still carried out: an order that waits behind a mass cancel is accepted first, and one
// that waits behind a sweep may still trade until its own cancel. The account's own requests go on beside it, so
// whichever comes to an order first ends it, and it ends once.

import { assert } from "../base/assert.ts";
import { LANE_COUNTERS } from "../memory/counters.ts";
import { DAY_PHASE, REQUEST_ID, ROLL_STEP } from "../memory/inbound-record.ts";
import { CANCEL_REASON, EVENT_CODE } from "../protocol/ouch/codes.ts";
import { NO_ORDER } from "../venue/order-slab.ts";
import type { Account } from "./accounts.ts";
import { NO_CHANNEL } from "./channels.ts";
import type { LaneState } from "./lane-state.ts";

const NO_CONNECTION = -1;

export class ClosingWork {
  private readonly state: LaneState;
  private readonly ordersPerStepMax: number;

  constructor(state: LaneState) {
    this.state = state;
    this.ordersPerStepMax = state.config.outputsPerStepMax;
  }

  /** A ROLL record. A step that was taken already is answered again. */
  take(step: number, sinceNs: number): void {
    if (step === ROLL_STEP.CLOSE) this.close(sinceNs);
    else if (step === ROLL_STEP.END) this.end();
    else assert(false, "a step of the roll that this build does not know");
  }

  /** True while step() would do something; false also while an order's end is waited for. */
  hasWork(): boolean {
    const { endOfDay, accounts } = this.state;
    if (endOfDay.phase !== DAY_PHASE.CLOSING) return false;
    if (endOfDay.toldCount < accounts.count) return true;
    if (endOfDay.waitsFor !== NO_ORDER) return false;
    if (endOfDay.clearedCount === accounts.count) return this.isOver();
    const account = accounts.at(endOfDay.clearedCount);
    return !account.isHolding || this.lowestOrder(account) !== NO_ORDER;
  }

  step(): void {
    const { endOfDay, accounts, cause } = this.state;
    cause.beginNone(endOfDay.sinceNs);
    const left = this.tell(this.ordersPerStepMax);
    if (endOfDay.toldCount === accounts.count) this.clear(left);
    if (this.isOver()) this.finish();
  }

  private close(sinceNs: number): void {
    const { state } = this;
    const { endOfDay, unsequenced } = state;
    if (endOfDay.phase >= DAY_PHASE.CLOSED) {
      unsequenced.promptAnswer(REQUEST_ID.ROLL_CLOSE);
      return;
    }
    if (!endOfDay.isAnswerOwed) {
      endOfDay.isAnswerOwed = true;
      state.isChanged = true;
    }
    if (endOfDay.phase === DAY_PHASE.CLOSING) return;
    endOfDay.sinceNs = sinceNs;
    this.enter(DAY_PHASE.CLOSING);
    // What the record's own time ends was not ended by the day: it goes first, in steps of its own.
    if (state.venue.canTake() && !state.expiry.isDue(state.eventNs)) this.step();
  }

  private end(): void {
    const { endOfDay, unsequenced } = this.state;
    assert(endOfDay.phase >= DAY_PHASE.CLOSED, "a session ends with orders in it");
    if (endOfDay.phase === DAY_PHASE.CLOSED) this.enter(DAY_PHASE.ENDED);
    unsequenced.commandAnswer(NO_CONNECTION, 0, REQUEST_ID.ROLL_END);
  }

  /** Returns what is left of the step. */
  private tell(outputsMax: number): number {
    const { endOfDay, accounts, answers } = this.state;
    let left = outputsMax;
    while (left > 0 && endOfDay.toldCount < accounts.count) {
      answers.systemEvent(endOfDay.toldCount, EVENT_CODE.END_OF_DAY);
      endOfDay.toldCount++;
      left--;
    }
    return left;
  }

  /** An account costs as much as an order: a step is bounded also where nobody has any. */
  private clear(ordersMax: number): void {
    const { endOfDay, accounts, venue } = this.state;
    for (let left = ordersMax; left > 0 && endOfDay.waitsFor === NO_ORDER; left--) {
      if (endOfDay.clearedCount === accounts.count) return;
      const account = accounts.at(endOfDay.clearedCount);
      const order = this.lowestOrder(account);
      if (order !== NO_ORDER) {
        // Unless its end comes within the call, the order is behind others' work, and so is the one after it.
        endOfDay.waitsFor = order;
        venue.cancel(order, 0, CANCEL_REASON.CLOSED);
      } else if (account.isHolding) {
        return;
      } else {
        endOfDay.clearedCount++;
      }
    }
  }

  /** The account's order with the lowest number that the venue knows, or NO_ORDER. */
  private lowestOrder(account: Account): number {
    const { orders, channels } = this.state;
    let lowest = NO_ORDER;
    let channel = account.channels.first;
    for (; channel !== NO_CHANNEL; channel = channels.next(channel)) {
      const order = channels.firstOrder(channel);
      if (order === NO_ORDER) continue;
      if (lowest === NO_ORDER || orders.userRefNum(order) < orders.userRefNum(lowest)) {
        lowest = order;
      }
    }
    return lowest;
  }

  /** No order is left, and nobody works on one. */
  private isOver(): boolean {
    const { endOfDay, accounts, orders, busyAccounts, venue } = this.state;
    if (endOfDay.toldCount < accounts.count || endOfDay.clearedCount < accounts.count) return false;
    return orders.liveCount === 0 && busyAccounts.isEmpty && !venue.hasWork();
  }

  private finish(): void {
    const { endOfDay, unsequenced } = this.state;
    this.enter(DAY_PHASE.CLOSED);
    if (endOfDay.isAnswerOwed) unsequenced.promptAnswer(REQUEST_ID.ROLL_CLOSE);
    endOfDay.isAnswerOwed = false;
  }

  private enter(phase: number): void {
    const { state } = this;
    state.endOfDay.phase = phase;
    state.isChanged = true;
    state.counters.set(LANE_COUNTERS.dayPhase, phase);
  }
}
