import assert from "node:assert/strict";
import { test } from "node:test";
import { CANCEL_REASON, ORDER_STATE } from "../../../src/protocol/ouch/codes.ts";
import { OrderModel } from "../../../src/tools/driver/order-model.ts";
import { REQUEST, REQUEST_NAMES } from "../../../src/tools/driver/requests.ts";

const { USER, IMMEDIATE_OR_CANCEL, SELF_MATCH_PREVENTION } = CANCEL_REASON;
const { LIVE, DEAD } = ORDER_STATE;

class Heard {
  readonly lines: string[] = [];
  onAnswered(request: number, isAccepted: boolean): void {
    this.lines.push(`${REQUEST_NAMES[request]} ${isAccepted ? "accepted" : "refused"}`);
  }
  onExplained(request: number): void {
    this.lines.push(`${REQUEST_NAMES[request]} explained`);
  }
  onUnmatched(reason: string): void {
    this.lines.push(`unmatched: ${reason}`);
  }
}

/** A model with one live order of 100, number 5. */
function withOrder(): { orders: OrderModel; heard: Heard } {
  const heard = new Heard();
  const orders = new OrderModel(5, 100, heard);
  assert.equal(orders.enter(true, 0, 1_000, 1, 2, 100), 5);
  orders.onAccepted(5, 100, LIVE);
  heard.lines.length = 0;
  return { orders, heard };
}

test("an accepted order may be named by the next request until one is under way", () => {
  const { orders } = withOrder();
  assert.equal(orders.idleCount, 1);
  assert.equal(orders.idleNumber(0), 5);
  orders.change(5, REQUEST.CANCEL, 3, 4, 0);
  assert.equal(orders.idleCount, 0);
  assert.equal(orders.waiting, 1);
});

test("a cancel is answered by the user's cancel, and the order is gone", () => {
  const { orders, heard } = withOrder();
  orders.change(5, REQUEST.CANCEL, 3, 4, 0);
  orders.onCanceled(5, 100, USER);
  assert.deepEqual(heard.lines, ["cancel accepted"]);
  assert.equal(orders.waiting, 0);
  orders.onExecuted(5, 1);
  assert.match(heard.lines[1] ?? "", /unmatched: executed, but the order is not live/);
});

test("a cancel whose order executed away first is explained", () => {
  const { orders, heard } = withOrder();
  orders.change(5, REQUEST.CANCEL, 3, 4, 0);
  orders.onExecuted(5, 60);
  assert.deepEqual(heard.lines, []);
  orders.onExecuted(5, 40);
  assert.deepEqual(heard.lines, ["cancel explained"]);
  assert.equal(orders.waiting, 0);
  assert.equal(orders.sharesBought, 100);
});

test("a cancel to a smaller size leaves the order to be named again", () => {
  const { orders, heard } = withOrder();
  orders.change(5, REQUEST.CANCEL, 3, 4, 70);
  orders.onCanceled(5, 30, USER);
  assert.deepEqual(heard.lines, ["cancel accepted"]);
  assert.equal(orders.openOf(5), 70);
  assert.equal(orders.idleCount, 1);
});

test("a cancel by request that nobody asked for, or that is told twice, is told", () => {
  const { orders, heard } = withOrder();
  const unasked = "unmatched: canceled without a request (UserRefNum 5)";
  orders.change(5, REQUEST.CANCEL, 3, 4, 70);
  orders.onCanceled(5, 30, USER);
  orders.onCanceled(5, 30, USER);
  orders.onCanceled(5, 40, USER);
  assert.deepEqual(heard.lines, ["cancel accepted", unasked, unasked]);
});

test("a cancel for another reason is no answer", () => {
  const { orders, heard } = withOrder();
  orders.change(5, REQUEST.CANCEL, 3, 4, 0);
  orders.onCanceled(5, 40, IMMEDIATE_OR_CANCEL);
  assert.deepEqual(heard.lines, []);
  orders.onCanceled(5, 60, IMMEDIATE_OR_CANCEL);
  assert.deepEqual(heard.lines, ["cancel explained"]);
});

test("a replaced order hands its executed shares to the replacement", () => {
  const { orders, heard } = withOrder();
  orders.onExecuted(5, 30);
  assert.equal(orders.replace(5, 2_000, 3, 4, 150), 6);
  orders.onReplaced(5, 6, 120, LIVE);
  assert.deepEqual(heard.lines, ["replace accepted"]);
  assert.equal(orders.executedOf(6), 30);
  assert.equal(orders.openOf(6), 120);
  assert.equal(orders.idleNumber(0), 6);
  orders.onFence(7);
  assert.equal(heard.lines.length, 1);
  orders.onExecuted(6, 20);
  assert.deepEqual([orders.sharesBought, orders.sharesSold], [50, 0]);
});

test("a replace whose target executed away first is explained and uses no number", () => {
  const { orders, heard } = withOrder();
  orders.replace(5, 2_000, 3, 4, 150);
  orders.onExecuted(5, 100);
  assert.deepEqual(heard.lines, ["replace explained"]);
  orders.onFence(6);
  assert.equal(heard.lines.length, 1);
  orders.onFence(7);
  assert.match(heard.lines[1] ?? "", /next number differs/);
});

test("a refused replace leaves its target as it was and uses its number", () => {
  const { orders, heard } = withOrder();
  orders.replace(5, 2_000, 3, 4, 150);
  orders.onRejected(6);
  assert.deepEqual(heard.lines, ["replace refused"]);
  assert.equal(orders.idleNumber(0), 5);
  orders.onFence(7);
  assert.equal(heard.lines.length, 1);
});

test("an invalid replace cancels its target and uses no number", () => {
  const { orders, heard } = withOrder();
  orders.replace(5, 2_000, 3, 4, 150);
  orders.onCanceled(5, 100, USER);
  assert.deepEqual(heard.lines, ["replace refused"]);
  assert.equal(orders.idleCount, 0);
  assert.equal(orders.waiting, 0);
  orders.onFence(6);
  assert.equal(heard.lines.length, 1);
});

test("an immediate-or-cancel order is never named, and unended until it has executed or is canceled", () => {
  const heard = new Heard();
  const orders = new OrderModel(1, 10, heard);
  for (const state of [LIVE, LIVE, LIVE, DEAD]) {
    const number = orders.enter(true, 0, 1_000, 1, 2, 100, true);
    orders.onAccepted(number, 100, state);
  }
  orders.enter(true, 0, 1_000, 1, 2, 100);
  orders.onAccepted(5, 100, LIVE);
  assert.deepEqual([orders.unended, orders.firstUnended], [3, 1]);
  orders.onExecuted(1, 60);
  orders.onExecuted(2, 100);
  assert.deepEqual([orders.unended, orders.firstUnended], [2, 1]);
  assert.deepEqual([orders.idleCount, orders.idleNumber(0)], [1, 5]);
  orders.onCanceled(1, 40, IMMEDIATE_OR_CANCEL);
  assert.deepEqual([orders.unended, orders.firstUnended], [1, 3]);
  orders.onCanceled(3, 100, SELF_MATCH_PREVENTION);
  assert.equal(orders.unended, 0);
  assert.equal(heard.lines.length, 5);
});

test("an order accepted dead is never named again", () => {
  const heard = new Heard();
  const orders = new OrderModel(1, 10, heard);
  orders.enter(false, 0, 1_000, 1, 2, 100);
  orders.onAccepted(1, 100, DEAD);
  assert.equal(orders.idleCount, 0);
  assert.deepEqual(heard.lines, ["enter accepted"]);
});

test("answers that cannot be are told: twice, never asked, more than was open, no shares", () => {
  const { orders, heard } = withOrder();
  orders.onAccepted(5, 100, LIVE);
  orders.onAccepted(9, 100, LIVE);
  orders.onModified(5, 50);
  orders.onExecuted(5, 101);
  orders.onCanceled(5, 101, USER);
  orders.onExecuted(5, 0);
  orders.onCanceled(5, 0, USER);
  assert.equal(heard.lines.length, 7);
  for (const line of heard.lines) assert.match(line, /^unmatched/);
});

test("answers with other shares than were asked for are told, each with both numbers", () => {
  const heard = new Heard();
  const orders = new OrderModel(5, 100, heard);
  orders.enter(true, 0, 1_000, 1, 2, 100);
  orders.onAccepted(5, 200, LIVE);
  orders.onExecuted(5, 50);
  orders.change(5, REQUEST.MODIFY, 3, 4, 100);
  orders.onModified(5, 100);
  orders.change(5, REQUEST.CANCEL, 3, 4, 60);
  orders.onCanceled(5, 80, USER);
  orders.replace(5, 1_000, 3, 4, 150);
  orders.onReplaced(5, 6, 150, LIVE);
  assert.deepEqual(
    heard.lines.filter((line) => line.startsWith("unmatched")),
    [
      "unmatched: accepted to 200 shares where 100 were asked for (UserRefNum 5)",
      "unmatched: modified to 100 shares where 50 were asked for (UserRefNum 5)",
      "unmatched: canceled down to 20 shares where 10 were asked for (UserRefNum 5)",
      "unmatched: replaced to 150 shares where 100 were asked for (UserRefNum 6)",
    ],
  );
});

test("what a correct gateway may make of a total is no contradiction", () => {
  const { orders, heard } = withOrder();
  orders.change(5, REQUEST.MODIFY, 3, 4, 90);
  orders.onExecuted(5, 10);
  orders.onModified(5, 80);
  assert.equal(orders.idleNumber(0), 5);
  // Self-match prevention takes shares off the total as an execution does.
  orders.replace(5, 2_000, 3, 4, 150);
  orders.onCanceled(5, 20, SELF_MATCH_PREVENTION);
  orders.onReplaced(5, 6, 120, LIVE);
  orders.replace(6, 2_000, 3, 4, 70);
  orders.onExecuted(6, 60);
  orders.onReplaced(6, 7, 0, DEAD);
  orders.enter(true, 0, 1_000, 3, 4, 100);
  orders.onAccepted(8, 0, DEAD);
  assert.deepEqual(heard.lines, [
    "modify accepted",
    "replace accepted",
    "replace accepted",
    "enter accepted",
  ]);
});

test("orders of an earlier session are counted and otherwise left alone", () => {
  const { orders, heard } = withOrder();
  orders.onExecuted(4, 100);
  orders.onCanceled(4, 100, USER);
  orders.onModified(4, 100);
  assert.equal(orders.foreign, 3);
  assert.deepEqual(heard.lines, []);
});

test("the model takes as many numbers as it has room for", () => {
  const orders = new OrderModel(1, 2, new Heard());
  orders.enter(true, 0, 1, 1, 1, 100);
  assert.equal(orders.hasRoom, true);
  orders.enter(true, 0, 1, 1, 1, 100);
  assert.equal(orders.hasRoom, false);
  assert.throws(() => orders.enter(true, 0, 1, 1, 1, 100), /full/);
});
