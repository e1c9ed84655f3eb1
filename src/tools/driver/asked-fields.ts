// What each order of a load run asks for beside its own side, symbol, shares and price, and whether an answer says the
// same. Hot path of the load process; allocates nothing, unless something is wrong.

import { CL_ORD_ID_BYTES } from "../../protocol/ouch/cl-ord-id.ts";
import {
  CAPACITY,
  CROSS_TYPE,
  DISPLAY,
  NO,
  ORDER_STATE,
  TIME_IN_FORCE,
} from "../../protocol/ouch/codes.ts";
import type { OrderAccepted } from "../../protocol/ouch/order-accepted.ts";
import type { OrderReplaced } from "../../protocol/ouch/order-replaced.ts";

export const ASKED = {
  display: DISPLAY.VISIBLE,
  capacity: CAPACITY.PRINCIPAL,
  interMarketSweep: NO,
  crossType: CROSS_TYPE.CONTINUOUS,
} as const;

/** A taker's order does not rest. */
export const timeInForceAsked = (isImmediate: boolean): number =>
  isImmediate ? TIME_IN_FORCE.IMMEDIATE_OR_CANCEL : TIME_IN_FORCE.DAY;

/** All orders of a session carry one ClOrdID: nobody asks it to be unique. */
export function clOrdIdOf(text: string): DataView {
  const view = new DataView(new ArrayBuffer(CL_ORD_ID_BYTES));
  const letters = text.padEnd(CL_ORD_ID_BYTES);
  for (let index = 0; index < CL_ORD_ID_BYTES; index++) {
    view.setUint8(index, letters.charCodeAt(index));
  }
  return view;
}

/** The field that is not as it was asked for, in words; "" when all are. */
export function wrongField(
  answer: OrderAccepted | OrderReplaced,
  isImmediate: boolean,
  clOrdId: DataView,
): string {
  const { timeInForce, display, orderState } = answer;
  if (orderState !== ORDER_STATE.LIVE && orderState !== ORDER_STATE.DEAD) {
    return `with order state ${String.fromCharCode(orderState)}, which is none`;
  }
  const asked = timeInForceAsked(isImmediate);
  if (timeInForce !== asked && !isShorterThanDay(timeInForce, asked)) {
    return differs("time in force", timeInForce, asked);
  }
  if (display !== ASKED.display && display !== DISPLAY.CONFORMANT) {
    return differs("display", display, ASKED.display);
  }
  if (answer.capacity !== ASKED.capacity) {
    return differs("capacity", answer.capacity, ASKED.capacity);
  }
  if (answer.interMarketSweep !== ASKED.interMarketSweep) {
    return differs("inter-market sweep", answer.interMarketSweep, ASKED.interMarketSweep);
  }
  if (answer.crossType !== ASKED.crossType) {
    return differs("cross type", answer.crossType, ASKED.crossType);
  }
  return answer.hasClOrdId(clOrdId, 0) ? "" : `with ClOrdID "${answer.clOrdId.trimEnd()}"`;
}

/** The protocol lets a gateway take an order for a shorter time (ouch50.md §5.2). */
const isShorterThanDay = (told: number, asked: number): boolean =>
  asked === TIME_IN_FORCE.DAY &&
  (told === TIME_IN_FORCE.IMMEDIATE_OR_CANCEL || told === TIME_IN_FORCE.GOOD_TILL_TIME);

function differs(field: string, told: number, asked: number): string {
  const [is, was] = [told, asked].map((code) => String.fromCharCode(code));
  return `with ${field} ${is} where ${was} was asked for`;
}
