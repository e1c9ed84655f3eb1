import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CAPACITY,
  CROSS_TYPE,
  DISPLAY,
  NO,
  ORDER_STATE,
  SIDE,
  TIME_IN_FORCE,
  YES,
} from "../../../src/protocol/ouch/codes.ts";
import { DisableOrderEntryResponse } from "../../../src/protocol/ouch/disable-order-entry-response.ts";
import { EnableOrderEntryResponse } from "../../../src/protocol/ouch/enable-order-entry-response.ts";
import { MassCancelResponse } from "../../../src/protocol/ouch/mass-cancel-response.ts";
import { OrderAccepted } from "../../../src/protocol/ouch/order-accepted.ts";
import { OrderExecuted } from "../../../src/protocol/ouch/order-executed.ts";
import { OrderModified } from "../../../src/protocol/ouch/order-modified.ts";
import { OrderRejected } from "../../../src/protocol/ouch/order-rejected.ts";
import { OrderReplaced } from "../../../src/protocol/ouch/order-replaced.ts";
import { AnswerReader } from "../../../src/tools/driver/answer-reader.ts";
import { OrderModel } from "../../../src/tools/driver/order-model.ts";
import { REQUEST } from "../../../src/tools/driver/requests.ts";

const view = new DataView(new ArrayBuffer(128));
const CL_ORD_ID = "LOAD-T00001";

/** An account that sells 100 MSFT at 2,000 as number 1. */
function asked(isImmediate = false): {
  orders: OrderModel;
  answers: AnswerReader;
  told: string[];
} {
  const told: string[] = [];
  const sink = {
    onAnswered: () => {},
    onExplained: () => {},
    onUnmatched: (reason: string) => told.push(reason),
  };
  const orders = new OrderModel(1, 10, sink);
  orders.enter(false, 1, 2_000, 1, 2, 100, isImmediate);
  return { orders, answers: new AnswerReader(["AAPL", "MSFT"], CL_ORD_ID), told };
}

const rightAnswer: Readonly<Record<string, number | string>> = {
  side: SIDE.SELL,
  symbol: "MSFT",
  price: 2_000,
  timeInForce: TIME_IN_FORCE.DAY,
  display: DISPLAY.VISIBLE,
  capacity: CAPACITY.PRINCIPAL,
  interMarketSweep: NO,
  crossType: CROSS_TYPE.CONTINUOUS,
  orderState: ORDER_STATE.LIVE,
  clOrdId: CL_ORD_ID,
};

function writeAccepted(fields = rightAnswer): void {
  const accepted = new OrderAccepted().wrap(view, 0).start();
  Object.assign(accepted, { userRefNum: 1, quantity: 100, ...fields });
}

function writeReplaced(fields = rightAnswer): void {
  const replaced = new OrderReplaced().wrap(view, 0).start();
  Object.assign(replaced, { origUserRefNum: 1, userRefNum: 2, quantity: 50, ...fields });
}

const WRONG = [
  [{ side: SIDE.BUY }, "with side B where S was asked for"],
  [{ orderState: SIDE.BUY }, "with order state B, which is none"],
  [{ orderState: ORDER_STATE.DEAD }, ""],
  [{ symbol: "AAPL" }, 'in another symbol, "AAPL"'],
  [{ price: 1_999 }, "at 1999 where 2000 was asked for"],
  [{ price: 2_000 + 2 ** 40 }, ""], // better for who sells
  [{ timeInForce: TIME_IN_FORCE.AFTER_HOURS }, "with time in force E where 0 was asked for"],
  [{ timeInForce: TIME_IN_FORCE.EXTENDED_HOURS }, "with time in force 5 where 0 was asked for"],
  [{ timeInForce: TIME_IN_FORCE.IMMEDIATE_OR_CANCEL }, ""], // shorter, which may be
  [{ display: DISPLAY.HIDDEN }, "with display N where Y was asked for"],
  [{ display: DISPLAY.CONFORMANT }, ""], // what only a gateway says
  [{ capacity: CAPACITY.AGENCY }, "with capacity A where P was asked for"],
  [{ interMarketSweep: YES }, "with inter-market sweep Y where N was asked for"],
  [{ crossType: CROSS_TYPE.RETAIL }, "with cross type R where N was asked for"],
  ...["LOAD-T00002", "", "LOAD-T0000100X", "XOAD-T00001", "LOADXT00001"].map(
    (clOrdId) => [{ clOrdId }, `with ClOrdID "${clOrdId}"`] as const,
  ),
  [{}, ""],
] as const;

test("a taker's order is not accepted for longer than it was asked for", () => {
  for (const [timeInForce, text] of [
    [TIME_IN_FORCE.IMMEDIATE_OR_CANCEL, ""],
    [TIME_IN_FORCE.DAY, "with time in force 0 where 3 was asked for"],
    [TIME_IN_FORCE.GOOD_TILL_TIME, "with time in force 6 where 3 was asked for"],
  ] as const) {
    const { orders, answers, told } = asked(true);
    writeAccepted({ ...rightAnswer, timeInForce });
    answers.read(view, 0, orders);
    assert.deepEqual(told, text ? [`accepted ${text} (UserRefNum 1)`] : []);
  }
});

test("a Rejected with another ClOrdID is told", () => {
  for (const [clOrdId, reasons] of [
    [CL_ORD_ID, []],
    ["", ['rejected with ClOrdID "" (UserRefNum 1)']],
  ] as const) {
    const { orders, answers, told } = asked();
    const rejected = new OrderRejected().wrap(view, 0).start();
    Object.assign(rejected, { userRefNum: 1, reason: 0x17, clOrdId });
    assert.equal(answers.read(view, 0, orders), 0x17);
    assert.deepEqual(told, reasons);
  }
});

test("who does not say what all orders carry has none of that compared", () => {
  const { orders, told } = asked();
  writeAccepted({ ...rightAnswer, clOrdId: "", display: DISPLAY.HIDDEN });
  new AnswerReader(["AAPL", "MSFT"]).read(view, 0, orders);
  assert.deepEqual(told, []);
});

test("an Accepted with another field than was asked for, or a worse price, is told", () => {
  for (const [wrong, text] of WRONG) {
    const { orders, answers, told } = asked();
    writeAccepted({ ...rightAnswer, ...wrong });
    answers.read(view, 0, orders);
    assert.deepEqual(told, text ? [`accepted ${text} (UserRefNum 1)`] : []);
  }
});

test("a Replaced with another field than was asked for, or a worse price, is told", () => {
  for (const [wrong, text] of WRONG) {
    const { orders, answers, told } = asked();
    writeAccepted();
    answers.read(view, 0, orders);
    orders.replace(1, 2_000, 3, 4, 50);
    writeReplaced({ ...rightAnswer, ...wrong });
    answers.read(view, 0, orders);
    assert.deepEqual(told, text ? [`replaced ${text} (UserRefNum 2)`] : []);
  }
});

test("an execution at a worse price is told", () => {
  for (const [price, count] of [
    [1_999, 1],
    [2_000, 0],
    [2_001, 0],
  ] as const) {
    const { orders, answers, told } = asked();
    writeAccepted();
    answers.read(view, 0, orders);
    const executed = new OrderExecuted().wrap(view, 0).start();
    Object.assign(executed, { userRefNum: 1, quantity: 100, price });
    answers.read(view, 0, orders);
    const text = "executed at 1999 where 2000 was asked for (UserRefNum 1)";
    assert.deepEqual(told, count === 1 ? [text] : []);
    assert.equal(orders.sharesSold, 100);
  }
});

test("a Modified of another side is told", () => {
  const { orders, answers, told } = asked();
  writeAccepted();
  answers.read(view, 0, orders);
  orders.change(1, REQUEST.MODIFY, 3, 4, 60);
  const modified = new OrderModified().wrap(view, 0).start();
  Object.assign(modified, { userRefNum: 1, side: SIDE.SELL_SHORT, quantity: 60 });
  answers.read(view, 0, orders);
  assert.deepEqual(told, ["modified with side T where S was asked for (UserRefNum 1)"]);
});

test("a mass cancel, disable or enable that is confirmed and that nobody asked for is told", () => {
  for (const Response of [
    MassCancelResponse,
    DisableOrderEntryResponse,
    EnableOrderEntryResponse,
  ]) {
    const { orders, answers, told } = asked();
    for (const userRefNum of [0, 1, 2]) {
      Object.assign(new Response().wrap(view, 0).start(), { userRefNum });
      answers.read(view, 0, orders);
    }
    assert.deepEqual(told, [
      "confirmed without a request (UserRefNum 1)",
      "a number that was never used (UserRefNum 2)",
    ]);
    assert.equal(orders.foreign, 1);
  }
});
