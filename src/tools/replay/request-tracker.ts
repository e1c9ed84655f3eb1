// What an account asked and what it was answered: matches each answer to its request, and says of each request without
// an answer why it needed none, or that it did. OUCH is silent about late cancels, modifies and replaces, about what
// changes nothing, about used numbers; and any number of requests of one order may be under way. One tracker reads a
// capture, another its replay. Everything lives in typed arrays by request; nothing is allocated per message.

import { assert } from "../../base/assert.ts";
import { CANCEL_REASON, ORDER_STATE, SIDE } from "../../protocol/ouch/codes.ts";
import { NOWHERE, NumberMap } from "./number-map.ts";
import { OUTCOME, outcomeKind, rejectedWith } from "./outcome.ts";
import { ASKED } from "./request-reader.ts";
import { RequestSearch } from "./request-search.ts";
import { RequestTable, type SentRequest, STATE } from "./request-table.ts";
import { mayBeSilent } from "./silence.ts";
import { WaitingList } from "./waiting-list.ts";

export interface TrackerSink {
  /** The request has its answer. */
  onAnswered(request: number, outcome: number): void;
  /** The request needs none. */
  onExplained(request: number): void;
  /** A message that answers nothing, or says what cannot be. */
  onUnmatched(reason: string): void;
}

const CHANNELS = 256;

export class RequestTracker {
  executions = 0;
  sharesBought = 0;
  sharesSold = 0;
  /** Messages about numbers below the base of their channel: orders of somebody before us. */
  foreign = 0;

  private readonly sink: TrackerSink;
  /** First number of ours by channel, 0 while nobody knows; lower ones are foreign. */
  private readonly bases = new Float64Array(CHANNELS);
  private readonly highestSent = new Float64Array(CHANNELS);
  private readonly highestUsed = new Float64Array(CHANNELS);
  private readonly map: NumberMap;
  readonly table: RequestTable;
  private readonly list: WaitingList;
  private readonly search: RequestSearch;
  private queriesWaiting = 0;
  /** Requests that wait although perhaps nobody read them. */
  private doubts = 0;
  /** The mass cancel whose cancels may still be coming. */
  private massCancel = NOWHERE;

  constructor(requestsMax: number, sink: TrackerSink) {
    this.sink = sink;
    this.map = new NumberMap(requestsMax);
    this.table = new RequestTable(requestsMax);
    this.list = new WaitingList(requestsMax);
    this.search = new RequestSearch(this.table, this.map, this.list);
  }

  /** Numbers of a channel below `number` are not ours. */
  setBase(channel: number, number: number): void {
    this.bases[channel] = number;
    this.highestSent[channel] = Math.max(this.highestSent[channel]!, number - 1);
    this.highestUsed[channel] = Math.max(this.highestUsed[channel]!, number - 1);
  }

  /** Requests that may still be answered. */
  get waiting(): number {
    return this.list.count;
  }

  /** The first that waits may do so for nothing, and only a query would tell. */
  get isHeldUp(): boolean {
    const { first } = this.list;
    return first !== NOWHERE && this.queriesWaiting === 0 && mayBeSilent(this.table, first);
  }

  outcomeOf(request: number): number {
    return this.table.outcomes[request]!;
  }

  /** The order that a request names, or NOWHERE; an order is the request that brought it. */
  targetOf(request: number): number {
    return this.table.targets[request]!;
  }

  /** The request before this one that brought the same number, or NOWHERE. */
  sameNumberAs(request: number): number {
    return this.table.sameNumber[request]!;
  }

  /** The order that a request would name now, or NOWHERE. */
  find(channel: number, number: number): number {
    return this.search.orderWith(channel, number);
  }

  // -- what was sent -------------------------------------------------------------------------------------------

  /** `request` has not been used before. */
  onSent(request: number, sent: SentRequest): void {
    assert(this.table.outcomes[request] === OUTCOME.UNKNOWN, "a request is sent twice");
    const { asked, channel } = sent;
    this.table.asked[request] = asked;
    this.table.channels[request] = channel;
    this.table.quantities[request] = sent.quantity;
    this.table.sides[request] = sent.side;
    if (sent.hasTarget) this.table.name(request, this.find(channel, sent.target));
    if (sent.hasNumber) this.bring(request, sent.number);
    if (asked === ASKED.QUERY) this.queriesWaiting++;
    this.table.outcomes[request] = OUTCOME.UNANSWERED;
    this.list.join(request);
  }

  /** `request` may be sent once more: a query that brought no number and named no order. */
  forget(request: number): void {
    if (this.table.isDoubted[request] === 1 && this.list.has(request)) this.explain(request);
    assert(!this.list.has(request), "a request is forgotten while it waits");
    this.table.outcomes[request] = OUTCOME.UNKNOWN;
    this.table.isDoubted[request] = 0;
  }

  private bring(request: number, number: number): void {
    const channel = this.table.channels[request]!;
    this.table.numbers[request] = number;
    this.table.isStale[request] = number <= this.highestSent[channel]! ? 1 : 0;
    if (number > this.highestSent[channel]!) this.highestSent[channel] = number;
    const before = this.map.find(channel, number);
    this.table.sameNumber[request] = before;
    const isOrder =
      this.table.asked[request] === ASKED.ENTER || this.table.asked[request] === ASKED.REPLACE;
    this.table.states[request] = isOrder ? STATE.PENDING : STATE.NONE;
    if (!this.search.isTakenBy(before)) this.map.set(channel, number, request);
  }

  // -- what came back ------------------------------------------------------------------------------------------

  onAccepted(channel: number, number: number, quantity: number, state: number): void {
    const request = this.search.waitingWith(channel, number, ASKED.ENTER);
    if (request === NOWHERE) {
      this.unmatched("accepted without a request", channel, number);
      return;
    }
    this.use(channel, number);
    this.answer(request, OUTCOME.ACCEPTED);
    this.goLive(request, quantity, state);
  }

  onReplaced(
    channel: number,
    target: number,
    number: number,
    quantity: number,
    state: number,
  ): void {
    const request = this.search.replaceOf(channel, target, number);
    if (request === NOWHERE) {
      this.unmatched("replaced without a request", channel, number);
      return;
    }
    this.use(channel, number);
    this.answer(request, OUTCOME.REPLACED);
    const order = this.table.targets[request]!;
    if (order !== NOWHERE) {
      this.table.executed[request] = this.table.executed[order]!;
      this.finish(order);
    }
    this.goLive(request, quantity, state);
  }

  onRejected(channel: number, number: number, reason: number): void {
    const request = this.search.waitingWith(channel, number);
    if (request === NOWHERE) {
      this.unmatched("rejected without a request", channel, number);
      return;
    }
    this.use(channel, number);
    this.answer(request, rejectedWith(reason));
    this.finish(request);
  }

  onCanceled(channel: number, number: number, shares: number, reason: number): void {
    const order = this.live(channel, number, "canceled");
    if (order === NOWHERE) return;
    const open = this.table.opens[order]!;
    if (shares > open) {
      this.unmatched("canceled more than was open", channel, number);
      return;
    }
    if (reason === CANCEL_REASON.USER) this.answerCanceled(order, number, open, shares);
    // A total includes what self-match prevention took (ouch50.md §4.2).
    if (reason === CANCEL_REASON.SELF_MATCH_PREVENTION) this.addExecuted(order, shares);
    this.reduce(order, shares);
  }

  onModified(channel: number, number: number, quantity: number, side: number): void {
    const order = this.live(channel, number, "modified");
    if (order === NOWHERE) return;
    const found = this.search.modifyOf(order, quantity, side);
    if (found === NOWHERE) {
      this.unmatched("modified without a request", channel, number);
      return;
    }
    this.answer(found, OUTCOME.MODIFIED);
    this.table.sides[order] = side;
    this.table.opens[order] = quantity;
  }

  onExecuted(channel: number, number: number, shares: number): void {
    const order = this.live(channel, number, "executed");
    if (order === NOWHERE) return;
    if (shares > this.table.opens[order]!) {
      this.unmatched("executed more than was open", channel, number);
      return;
    }
    this.executions++;
    if (this.table.sides[order] === SIDE.BUY) this.sharesBought += shares;
    else this.sharesSold += shares;
    this.addExecuted(order, shares);
    this.reduce(order, shares);
  }

  /** The response to a mass cancel, disable or enable. */
  onConfirmed(channel: number, number: number, asked: number): void {
    const request = this.search.waitingWith(channel, number, asked);
    if (request === NOWHERE) {
      this.unmatched("confirmed without a request", channel, number);
      return;
    }
    this.use(channel, number);
    this.answer(request, OUTCOME.CONFIRMED);
    if (asked === ASKED.MASS_CANCEL) this.massCancel = request;
  }

  /** Returns the query that this answers, the first of its channel, or NOWHERE. Whatever was sent before it and is silent had to be: where none of the channel was in doubt, all that was is over. */
  onQueried(channel: number, nextNumber: number): number {
    const query = this.search.queryOf(channel);
    if (query === NOWHERE) {
      this.sink.onUnmatched(`an Account Query Response (next ${nextNumber}) without a query`);
      return NOWHERE;
    }
    this.explainUntil(query);
    if (this.table.isDoubted[query] === 0) this.queriesWaiting--;
    this.answer(query, OUTCOME.CONFIRMED);
    this.checkNext(channel, nextNumber);
    return query;
  }

  /** Explains what still waits, for a reason that lies outside of the orders. */
  explainAll(): void {
    while (this.list.first !== NOWHERE) this.explain(this.list.first);
  }

  /** Whatever waits was sent on a connection that another login has ended. */
  doubtAll(): void {
    for (let request = this.list.first; request !== NOWHERE; request = this.list.next(request)) {
      this.doubt(request);
    }
  }

  /** If the request waits, perhaps nobody has read it. */
  doubt(request: number): void {
    if (!this.list.has(request) || this.table.isDoubted[request] === 1) return;
    this.table.isDoubted[request] = 1;
    this.doubts++;
    if (this.table.asked[request] === ASKED.QUERY) this.queriesWaiting--;
  }

  /** The request was sent where surely nobody reads it. */
  drop(request: number): void {
    this.doubt(request);
    this.explain(request);
  }

  isDoubted(request: number): boolean {
    return this.table.isDoubted[request] === 1;
  }

  // -- why nothing came ----------------------------------------------------------------------------------------

  /** Explains what was sent before `end` and can be: those left are what the gateway owes. */
  private explainUntil(end: number): void {
    for (let request = this.list.first; request !== end && request !== NOWHERE; ) {
      const next = this.list.next(request);
      if (mayBeSilent(this.table, request)) this.explain(request);
      // Explaining one may have explained those behind it; what is left before is looked at once more.
      request = this.list.has(next) ? next : this.list.first;
    }
  }

  private explain(request: number): void {
    this.leave(request);
    this.table.outcomes[request] = OUTCOME.SILENT;
    this.sink.onExplained(request);
    // The order that an ignored replace was to bring never came to be.
    if (this.table.states[request] === STATE.PENDING) this.finish(request);
  }

  private leave(request: number): void {
    this.list.leave(request);
    if (this.table.isDoubted[request] === 1) this.doubts--;
  }

  /** What came behind a takeover is answered behind everything that was read before it; a number that is new is that of nothing else. */
  private isSurelyOf(request: number, outcome: number): boolean {
    const { isDoubted, isStale, numbers } = this.table;
    const isNew = numbers[request]! > 0 && isStale[request] === 0;
    return isDoubted[request] === 0 && isNew && outcome !== OUTCOME.CANCELED;
  }

  /** No answer to what is in doubt comes any more. */
  explainDoubted(): void {
    for (let request = this.list.first; this.doubts > 0 && request !== NOWHERE; ) {
      const next = this.list.next(request);
      if (this.table.isDoubted[request] === 1) this.explain(request);
      // Explaining one may have explained those behind it.
      request = this.list.has(next) ? next : this.list.first;
    }
  }

  private checkNext(channel: number, nextNumber: number): void {
    const used = this.highestUsed[channel]!;
    if (this.waiting > 0 || this.bases[channel] === 0 || nextNumber === used + 1) return;
    this.sink.onUnmatched(
      `the gateway's next number ${nextNumber} is not the one behind the last one used, ${used}`,
    );
  }

  // -- inside --------------------------------------------------------------------------------------------------

  private live(channel: number, number: number, what: string): number {
    const order = this.find(channel, number);
    if (order !== NOWHERE && this.table.states[order] === STATE.LIVE) return order;
    this.unmatched(`${what}, but the order is not live`, channel, number);
    return NOWHERE;
  }

  private unmatched(reason: string, channel: number, number: number): void {
    const base = this.bases[channel]!;
    // Whoever does not know yet where a channel begins has sent no number there.
    if (base === 0 || number < base) this.foreign++;
    else this.sink.onUnmatched(`${reason} (UserRefNum ${number})`);
  }

  private use(channel: number, number: number): void {
    if (number > this.highestUsed[channel]!) this.highestUsed[channel] = number;
  }

  private answerCanceled(order: number, number: number, open: number, shares: number): void {
    const channel = this.table.channels[order]!;
    const used = this.highestUsed[channel]!;
    const request = this.search.cancelOf(order, open, shares, used, this.massCancel);
    if (request === NOWHERE) {
      // Those of a mass cancel have no request of their own.
      if (this.massCancel === NOWHERE)
        this.unmatched("canceled without a request", channel, number);
      return;
    }
    this.answer(request, OUTCOME.CANCELED);
    // An invalid replace: the target goes, and what was to take its place never comes.
    if (this.table.asked[request] === ASKED.REPLACE) this.finish(request);
  }

  private goLive(order: number, quantity: number, state: number): void {
    this.table.states[order] = STATE.LIVE;
    this.table.opens[order] = state === ORDER_STATE.LIVE ? quantity : 0;
    if (this.table.opens[order] === 0) this.finish(order);
  }

  private addExecuted(order: number, shares: number): void {
    this.table.executed[order] = this.table.executed[order]! + shares;
  }

  private reduce(order: number, shares: number): void {
    this.table.opens[order] = this.table.opens[order]! - shares;
    if (this.table.opens[order] === 0) this.finish(order);
  }

  /** The order is over, and with it whatever is still asked of it. */
  private finish(order: number): void {
    this.table.states[order] = STATE.DONE;
    for (let request = this.table.firstNaming[order]!; request !== NOWHERE; ) {
      if (this.list.has(request)) this.explain(request);
      request = this.table.nextOfTarget[request]!;
    }
    this.table.firstNaming[order] = NOWHERE;
    this.table.lastNaming[order] = NOWHERE;
  }

  private answer(request: number, outcome: number): void {
    const asked = this.table.asked[request]!;
    // These two, and refusals, do not wait for a mass cancel to be through.
    const isAtOnce = asked === ASKED.DISABLE || asked === ASKED.ENABLE;
    const isHeld = !isAtOnce && outcomeKind(outcome) !== OUTCOME.REJECTED;
    if (isHeld && request > this.massCancel) this.massCancel = NOWHERE;
    this.leave(request);
    if (this.doubts > 0 && this.isSurelyOf(request, outcome)) this.explainDoubted();
    this.table.outcomes[request] = outcome;
    this.table.keepEcho(request);
    this.sink.onAnswered(request, outcome);
  }
}
