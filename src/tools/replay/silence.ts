// Whether a request that was not answered did not have to be, as far as a client can know once an Account Query behind
// it is answered. OUCH says nothing about cancels, modifies and replaces of orders that are gone, about what changes
// nothing, about used numbers; the gateway says of malformed messages what it says in a text.

import { SIDE } from "../../protocol/ouch/codes.ts";
import { NOWHERE } from "./number-map.ts";
import { ASKED } from "./request-reader.ts";
import { openAfter, type RequestTable, STATE } from "./request-table.ts";

export function mayBeSilent(table: RequestTable, request: number): boolean {
  const asked = table.asked[request]!;
  if (table.isDoubted[request] === 1) return true;
  if (asked === ASKED.MALFORMED) return true;
  if (asked === ASKED.QUERY) return false;
  const isChange = asked === ASKED.CANCEL || asked === ASKED.MODIFY;
  if (!isChange && table.isStale[request] === 1) return true;
  if (!isChange && asked !== ASKED.REPLACE) return false;
  const order = table.targets[request]!;
  if (order === NOWHERE || table.states[order] === STATE.NONE) return true;
  if (table.states[order] !== STATE.LIVE) return table.states[order] === STATE.DONE;
  if (asked === ASKED.REPLACE) return false;
  // What changed nothing when it came changes nothing now: an order's total only falls.
  const left = openAfter(table, order, request);
  const open = table.opens[order]!;
  if (asked === ASKED.CANCEL) return left >= open;
  const from = table.sides[order]!;
  const to = table.sides[request]!;
  const isLegal = from === to || (from !== SIDE.BUY && to !== SIDE.BUY);
  return !isLegal || left > open || (left === open && from === to);
}
