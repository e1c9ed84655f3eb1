// What a lane asks of a venue, and what a venue reports. Lane thread.
//
// Orders live in the lane's OrderSlab and are named by their index in it: PENDING → LIVE → DONE. A lane hands a
// request over and assumes nothing about when the answer comes: the embedded book usually calls the sink within
// the same call, but holds a request back while its instrument is in the middle of a long sweep; a remote venue
// answers with VENUE records. Requests on one instrument are handled in the order in which they were made.

import type { Saved } from "../journal/state-stream.ts";
import type { OrderSlab } from "./order-slab.ts";

/** Saved and restored without the slab, which is the lane's and comes first. */
export interface Venue extends Saved {
  /**
   * A PENDING order of the slab; the venue sets what is open of it. Reported: onAccepted (then executions …) or
   * onVenueReject. The venue moves every order's state on, before the report that says so.
   */
  enter(order: number): void;

  /**
   * `replacement` is a PENDING order that carries everything of the new order; its quantity is the chain's total.
   * Reported: onReplaced (then executions …), or onReplaceTooLate when the target is no longer live.
   */
  replace(target: number, replacement: number): void;

  /**
   * Reduces an order to an intended total of shares, executed ones included; 0 = all that is open.
   * `reason` is the OUCH cancel reason. Reported: onCanceled, or onIgnored when that changes nothing.
   */
  cancel(order: number, intendedQuantity: number, reason: number): void;

  /**
   * Changes a sell order's side and/or reduces it, keeping priority. Reported: onModified (onCanceled when nothing
   * stays open), or onIgnored. `located` and `locateBroker` are the lane's: they come back with onModified.
   */
  modify(
    order: number,
    side: number,
    intendedQuantity: number,
    located: number,
    locateBroker: number,
  ): void;

  /** True while requests on the order's instrument are held back. */
  isBusy(order: number): boolean;

  /** True while the venue could hold back all requests of one more record. False: no input until resume(). */
  canTake(): boolean;

  /** True while the venue has work left that resume() would go on with. */
  hasWork(): boolean;

  /** Goes on with held-back work, touching at most `ordersMax` orders. Called by a CONTINUE record. */
  resume(ordersMax: number): void;

  /** A VENUE record: the event of a venue that answers later. The embedded venues take none. */
  onVenueRecord(bytes: Buffer, offset: number, length: number): void;
}

/** Who asked: travels with a request that is held back, so that its answer is still an answer (E3). */
export interface Cause {
  /** OUCH inbound type of the request; 0 = none (expiry, operator). */
  requestType: number;
  account: number;
  userRefNum: number;
  sinceNs: number;
}

/** What a venue reports. A sink must not call the venue back from within a report. */
export interface VenueSink {
  /** The request that the venue is handling now; the venue copies it when it holds the request back. */
  readonly cause: Cause;
  /** The venue goes on with a request that it held back: what follows is caused by it, or by nobody. */
  onCause(requestType: number, account: number, userRefNum: number, sinceNs: number): void;

  /** state: 'L', or 'D' = accepted and dead at once (then onDone follows, and nothing else). */
  onAccepted(order: number, state: number): void;
  /** The venue itself refuses an order: code is an OUCH reject reason. onDone follows. */
  onVenueReject(order: number, code: number): void;
  /**
   * Both orders still carry what they had: the venue itself moves `shares` from open to executed after both
   * reports of a trade. liquidity is the OUCH flag. Called for the resting side first.
   */
  onExecuted(
    order: number,
    shares: number,
    price: number,
    liquidity: number,
    matchNumber: number,
  ): void;
  /** `shares` have left the order; open is already what remains. */
  onCanceled(order: number, shares: number, reason: number): void;
  /**
   * The target has left the book, still carrying what was open of it; the replacement has what the chain executed
   * and what is open now. state as in onAccepted. onDone(target) follows.
   */
  onReplaced(target: number, replacement: number, state: number): void;
  /** The target was dead: nothing is answered and the number is not consumed. onDone(replacement) follows. */
  onReplaceTooLate(target: number, replacement: number): void;
  onModified(order: number, located: number, locateBroker: number): void;
  /** A request changed nothing: dead target, not smaller, not allowed. reason: IGNORED_REASON. */
  onIgnored(order: number, reason: number): void;
  /** The venue is finished with the order and holds no request for it: the slab's entry may be freed. */
  onDone(order: number): void;
}

/** Why a request was answered with nothing (semantics §1.5). */
export const IGNORED_REASON = {
  /** UserRefNum not above the channel's last. */
  DUPLICATE: 1,
  /** UserRefNum 0. */
  ZERO: 2,
  /** The order is not live. */
  DEAD_TARGET: 3,
  /** A cancel or modify that would change nothing. */
  SUPERFLUOUS: 4,
} as const;

export interface VenueOptions {
  readonly orders: OrderSlab;
  readonly sink: VenueSink;
  readonly instrumentsMax: number;
  readonly ordersMax: number;
  /** Most orders that one step may touch before it must stop and wait for resume(). */
  readonly outputsPerStepMax: number;
}
