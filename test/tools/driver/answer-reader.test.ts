import assert from "node:assert/strict";
import { test } from "node:test";
import { ORDER_STATE, SIDE } from "../../../src/protocol/ouch/codes.ts";
import { ORDER_ACCEPTED_BYTES, OrderAccepted } from "../../../src/protocol/ouch/order-accepted.ts";
import { OrderExecuted } from "../../../src/protocol/ouch/order-executed.ts";
import { ORDER_MODIFIED_BYTES, OrderModified } from "../../../src/protocol/ouch/order-modified.ts";
import { ORDER_REPLACED_BYTES, OrderReplaced } from "../../../src/protocol/ouch/order-replaced.ts";
import { AnswerReader, malformed } from "../../../src/tools/driver/answer-reader.ts";
import { OrderModel, REQUEST } from "../../../src/tools/driver/order-model.ts";

const view = new DataView(new ArrayBuffer(128));

/** An account that sells 100 MSFT at 2,000 as number 1. */
function asked(): { orders: OrderModel; answers: AnswerReader; told: string[] } {
  const told: string[] = [];
  const sink = {
    onAnswered: () => {},
    onExplained: () => {},
    onUnmatched: (reason: string) => told.push(reason),
  };
  const orders = new OrderModel(1, 10, sink);
  orders.enter(false, 1, 2_000, 1, 2, 100);
  return { orders, answers: new AnswerReader(["AAPL", "MSFT"]), told };
}

const rightAnswer: { side: number; symbol: string; price: number } = {
  side: SIDE.SELL,
  symbol: "MSFT",
  price: 2_000,
};

function writeAccepted({ side, symbol, price } = rightAnswer): void {
  const accepted = new OrderAccepted().wrap(view, 0).start();
  Object.assign(accepted, { userRefNum: 1, quantity: 100, side, symbol, price });
  accepted.orderState = ORDER_STATE.LIVE;
}

function writeReplaced({ side, symbol, price } = rightAnswer): void {
  const replaced = new OrderReplaced().wrap(view, 0).start();
  Object.assign(replaced, { origUserRefNum: 1, userRefNum: 2, quantity: 50, side, symbol, price });
  replaced.orderState = ORDER_STATE.LIVE;
}

const WRONG = [
  [{ side: SIDE.BUY }, "with side B where S was asked for"],
  [{ symbol: "AAPL" }, 'in another symbol, "AAPL"'],
  [{ price: 1_999 }, "at 1999 where 2000 was asked for"],
  [{ price: 2_000 + 2 ** 40 }, ""], // better for who sells
  [{}, ""],
] as const;

test("an Accepted of another side, another symbol or a worse price is told", () => {
  for (const [wrong, text] of WRONG) {
    const { orders, answers, told } = asked();
    writeAccepted({ ...rightAnswer, ...wrong });
    answers.read(view, 0, orders);
    assert.deepEqual(told, text ? [`accepted ${text} (UserRefNum 1)`] : []);
  }
});

test("a Replaced of another side, another symbol or a worse price is told", () => {
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

test("a message of an unknown type, or too short for its own, is malformed", () => {
  view.setUint8(0, 0x7e);
  assert.equal(malformed(view, 0, 16), "a message of unknown type 0x7e");
  writeReplaced();
  assert.equal(malformed(view, 0, ORDER_REPLACED_BYTES), "");
  assert.match(malformed(view, 0, ORDER_MODIFIED_BYTES), /type 0x55 has 18 bytes, 66 at least/);
  writeAccepted();
  assert.equal(malformed(view, 0, ORDER_ACCEPTED_BYTES), "");
  assert.equal(malformed(view, 0, 0), "a message of no bytes");
});
