// Which of the requests that wait an answer is about. Hot path of a replay; allocates nothing per message.

import { NOWHERE, type NumberMap } from "./number-map.ts";
import { OUTCOME } from "./outcome.ts";
import { ASKED } from "./request-reader.ts";
import { openAfter, type RequestTable, STATE } from "./request-table.ts";
import type { WaitingList } from "./waiting-list.ts";

const ANYTHING = -1;

export class RequestSearch {
  private readonly table: RequestTable;
  private readonly map: NumberMap;
  private readonly list: WaitingList;

  constructor(table: RequestTable, map: NumberMap, list: WaitingList) {
    this.table = table;
    this.map = map;
    this.list = list;
  }

  /** The order that a request with that target would name now, or NOWHERE. */
  orderWith(channel: number, number: number): number {
    const latest = this.map.find(channel, number);
    for (let order = latest; order !== NOWHERE; order = this.table.sameNumber[order]!) {
      if (this.table.states[order] === STATE.LIVE) return order;
    }
    return latest;
  }

  /** A replace may give its number back, and so does what nobody read; whatever else was there first has it for good. */
  isTakenBy(before: number): boolean {
    if (before === NOWHERE || this.table.asked[before] === ASKED.REPLACE) return false;
    const outcome = this.table.outcomes[before]!;
    const isUnread = outcome === OUTCOME.SILENT || outcome === OUTCOME.UNANSWERED;
    return !(isUnread && this.table.isDoubted[before] === 1);
  }

  /** The first request that waits and brought that number. */
  waitingWith(channel: number, number: number, asked: number = ANYTHING): number {
    let found = NOWHERE;
    let request = this.map.find(channel, number);
    for (; request !== NOWHERE; request = this.table.sameNumber[request]!) {
      const isIt = asked === ANYTHING || this.table.asked[request] === asked;
      if (!isIt || !this.list.has(request)) continue;
      // Who uses a number again knows that nobody read it the first time.
      if (found === NOWHERE || this.table.isDoubted[request] === 0) found = request;
    }
    return found;
  }

  /** Of several replaces with one number the first that names this target. */
  replaceOf(channel: number, target: number, number: number): number {
    let found = NOWHERE;
    let request = this.map.find(channel, number);
    for (; request !== NOWHERE; request = this.table.sameNumber[request]!) {
      const named = this.table.targets[request]!;
      const isReplace = this.table.asked[request] === ASKED.REPLACE && this.list.has(request);
      if (isReplace && named !== NOWHERE && this.table.numbers[named] === target) found = request;
    }
    return found;
  }

  /** The first modify of the order that makes this of it. */
  modifyOf(order: number, quantity: number, side: number): number {
    let request = this.table.firstNaming[order]!;
    for (; request !== NOWHERE; request = this.table.nextOfTarget[request]!) {
      if (!this.list.has(request) || this.table.asked[request] !== ASKED.MODIFY) continue;
      const isSame = openAfter(this.table, order, request) === quantity;
      if (isSame && this.table.sides[request] === side) return request;
    }
    return NOWHERE;
  }

  /** A cancel by request: the first request whose arithmetic it is; NOWHERE when it is a mass cancel's. `used`: the highest number of the channel that is. */
  cancelOf(order: number, open: number, shares: number, used: number, massCancel: number): number {
    let request = this.table.firstNaming[order]!;
    for (; request !== NOWHERE; request = this.table.nextOfTarget[request]!) {
      if (!this.list.has(request)) continue;
      // A mass cancel that was answered goes on until something behind it is.
      const isOfMassCancel = massCancel !== NOWHERE && order < massCancel && massCancel < request;
      if (shares === open && isOfMassCancel) return NOWHERE;
      const isReplace = this.table.asked[request] === ASKED.REPLACE;
      const left = isReplace ? 0 : openAfter(this.table, order, request);
      if (this.canCancel(request, left, used) && open - left === shares) return request;
    }
    return NOWHERE;
  }

  /** A modify to nothing; and a replace, unless its number was used before, as everything before it is answered. */
  private canCancel(request: number, left: number, used: number): boolean {
    const asked = this.table.asked[request]!;
    if (asked === ASKED.MODIFY) return left === 0;
    return asked !== ASKED.REPLACE || this.table.numbers[request]! > used;
  }

  /** The first query of the channel that waits. */
  queryOf(channel: number): number {
    let query = this.list.first;
    for (; query !== NOWHERE; query = this.list.next(query)) {
      const isIt = this.table.asked[query] === ASKED.QUERY;
      if (isIt && this.table.channels[query] === channel) return query;
    }
    return NOWHERE;
  }
}
