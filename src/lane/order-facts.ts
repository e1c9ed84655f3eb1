// What only the lane sees of an order's life and the log always keeps: a market order that traded late, an order that
// ends after a long rest, a cancel soon after another one. It looks on: nothing here is lane state, and a lane without
// it decides the same. Lane thread.

import { DAY_PHASE } from "../memory/inbound-record.ts";
import type { LaneTelemetry } from "../telemetry/lane-telemetry.ts";
import type { LaneState } from "./lane-state.ts";
import { referenceEventMs } from "./references.ts";

/**
 * Cancels that are remembered, each in a place by its order's number: another order's takes it over, and a repeated
 * cancel of the first is then not seen as one.
 */
const CANCELS_REMEMBERED = 4096;
const CANCEL_MASK = CANCELS_REMEMBERED - 1;
/** Spreads accounts: their orders count from 1 all alike. */
const ACCOUNT_SPREAD = 0x9e3779b1;
const NS_PER_MS = 1e6;

export class OrderFacts {
  private readonly telemetry: LaneTelemetry;
  // By place: account and UserRefIdx in one word, UserRefNum, event time.
  private readonly cancelAccounts = new Int32Array(CANCELS_REMEMBERED).fill(-1);
  private readonly cancelNumbers = new Int32Array(CANCELS_REMEMBERED);
  private readonly cancelNs = new Float64Array(CANCELS_REMEMBERED);
  /** The order whose late trades have been told: a long sweep is one fact. */
  private lateAccount = -1;
  private lateNumber = 0;
  // When the batch was taken. Typed, as a field would box each new value.
  private readonly own = new Float64Array(1);

  constructor(telemetry: LaneTelemetry) {
    this.telemetry = telemetry;
  }

  /** `laneNs` is of the common clock. */
  onBatch(laneNs: number): void {
    this.own[LANE_NS] = laneNs;
  }

  /** An unpriced order has traded: late after its request was sent, by the stamps of both. */
  onMarketFill(state: LaneState, order: number): void {
    const { log, control } = this.telemetry;
    const { sinceNs } = state.cause;
    if (sinceNs === 0) return;
    const lateNs = this.own[LANE_NS]! - sinceNs;
    if (lateNs <= control.marketFillNsMax) return;
    const account = state.orders.account(order);
    const userRefNum = state.orders.userRefNum(order);
    if (account === this.lateAccount && userRefNum === this.lateNumber) return;
    this.lateAccount = account;
    this.lateNumber = userRefNum;
    log.lateFill(account, userRefNum, this.own[LANE_NS]!, lateNs);
  }

  /** An order is over. At the end of the day all of them are, which says nothing about any. */
  onDone(state: LaneState, order: number): void {
    const { log, control } = this.telemetry;
    const { orders, eventNs, endOfDay } = state;
    const high = orders.referenceHigh(order);
    // Never accepted, or the day is ending.
    if (high === 0 || endOfDay.phase !== DAY_PHASE.OPEN) return;
    // Its reference has the millisecond of its acceptance, across restarts too.
    const enteredMs = referenceEventMs(
      high,
      orders.referenceLow(order),
      state.config.midnightUtcMs,
    );
    const restedNs = eventNs - enteredMs * NS_PER_MS;
    if (restedNs <= control.restedNsMax) return;
    log.longRest(orders.account(order), orders.userRefNum(order), this.own[LANE_NS]!, restedNs);
  }

  /** A Cancel Order Request came, whatever becomes of it. */
  onCancel(state: LaneState, account: number, userRefIdx: number, userRefNum: number): void {
    const { eventNs } = state;
    const owner = (account << 8) | userRefIdx;
    const number = userRefNum | 0;
    const place = (Math.imul(owner, ACCOUNT_SPREAD) + number) & CANCEL_MASK;
    const afterNs = eventNs - this.cancelNs[place]!;
    const isAgain = this.cancelAccounts[place] === owner && this.cancelNumbers[place] === number;
    this.cancelAccounts[place] = owner;
    this.cancelNumbers[place] = number;
    this.cancelNs[place] = eventNs;
    const { log, control } = this.telemetry;
    if (!isAgain || afterNs > control.cancelAgainNsMax) return;
    log.cancelAgain(account, userRefNum, this.own[LANE_NS]!, afterNs);
  }
}

const LANE_NS = 0;
