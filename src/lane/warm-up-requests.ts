// The requests of a warm-up: a round of one account rests an order, trades with it, changes others and takes them away,
// so that it leaves nothing behind. Written in place, with the protocol's own writers.

import type { InstrumentConfig } from "../memory/lane-config.ts";
import { AppendageWriter } from "../protocol/ouch/appendage-writer.ts";
import {
  CANCEL_ORDER_REQUEST_BYTES,
  CancelOrderRequest,
} from "../protocol/ouch/cancel-order-request.ts";
import { CAPACITY, CROSS_TYPE, DISPLAY, NO, SIDE, TIME_IN_FORCE } from "../protocol/ouch/codes.ts";
import { ENTER_ORDER_BYTES, EnterOrder } from "../protocol/ouch/enter-order.ts";
import {
  REPLACE_ORDER_REQUEST_BYTES,
  ReplaceOrderRequest,
} from "../protocol/ouch/replace-order-request.ts";

/** Enter, Enter that trades with it, Enter, Replace, Cancel; two numbers are used up by neither of the last. */
export const REQUESTS_PER_ROUND = 5;
const NUMBERS_PER_ROUND = 4;

const QUANTITY = 100;
const TICKS = 10_000;
const CL_ORD_ID = "WARM-UP";

const enter = new EnterOrder();
const replace = new ReplaceOrderRequest();
const cancel = new CancelOrderRequest();
const appendage = new AppendageWriter();

/**
 * Request `place` of an account's round, both from 0, to `offset`. Returns its bytes. Without an instrument any symbol
 * is good.
 */
export function writeWarmUpRequest(
  view: DataView,
  offset: number,
  round: number,
  place: number,
  instrument: InstrumentConfig | undefined,
): number {
  const { symbol, tickSize } = instrument ?? {
    symbol: SYMBOLS[round % SYMBOLS.length]!,
    tickSize: 1,
  };
  const number = round * NUMBERS_PER_ROUND + 1;
  // Orders of one price after the other: not all levels of a book are the best.
  const price = (TICKS + (round % 16)) * tickSize;
  switch (place) {
    case 0:
      return writeEnter(view, offset, number, SIDE.BUY, symbol, price);
    case 1:
      return writeEnter(view, offset, number + 1, SIDE.SELL, symbol, price);
    case 2:
      return writeEnter(view, offset, number + 2, SIDE.SELL, symbol, price * 2);
    case 3:
      return writeReplace(view, offset, number + 2, number + 3, price * 3);
    default:
      cancel.wrap(view, offset).start();
      cancel.userRefNum = number + 3;
      cancel.quantity = round % 2 === 0 ? 0 : QUANTITY / 2;
      return CANCEL_ORDER_REQUEST_BYTES;
  }
}

const SYMBOLS = ["WARM", "UP"];
const CAPACITIES = Object.values(CAPACITY);
const TIMES_IN_FORCE = [TIME_IN_FORCE.DAY, TIME_IN_FORCE.DAY, TIME_IN_FORCE.IMMEDIATE_OR_CANCEL];

function writeEnter(
  view: DataView,
  offset: number,
  userRefNum: number,
  side: number,
  symbol: string,
  price: number,
): number {
  enter.wrap(view, offset).start();
  enter.userRefNum = userRefNum;
  enter.side = side;
  enter.quantity = QUANTITY;
  enter.symbol = symbol;
  enter.price = price;
  enter.timeInForce = TIMES_IN_FORCE[userRefNum % TIMES_IN_FORCE.length]!;
  enter.display = DISPLAY.VISIBLE;
  enter.capacity = CAPACITIES[userRefNum % CAPACITIES.length]!;
  enter.interMarketSweep = NO;
  enter.crossType = CROSS_TYPE.CONTINUOUS;
  enter.clOrdId = CL_ORD_ID;
  return appendage.begin(view, offset + ENTER_ORDER_BYTES).end() - offset;
}

function writeReplace(
  view: DataView,
  offset: number,
  origUserRefNum: number,
  userRefNum: number,
  price: number,
): number {
  replace.wrap(view, offset).start();
  replace.origUserRefNum = origUserRefNum;
  replace.userRefNum = userRefNum;
  replace.quantity = QUANTITY;
  replace.price = price;
  replace.timeInForce = TIME_IN_FORCE.DAY;
  replace.display = DISPLAY.VISIBLE;
  replace.interMarketSweep = NO;
  replace.clOrdId = CL_ORD_ID;
  return appendage.begin(view, offset + REPLACE_ORDER_REQUEST_BYTES).end() - offset;
}
