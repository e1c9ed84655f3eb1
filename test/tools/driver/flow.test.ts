import assert from "node:assert/strict";
import { test } from "node:test";
import { ORDER_STATE } from "../../../src/protocol/ouch/codes.ts";
import { ACTION, Flow } from "../../../src/tools/driver/flow.ts";
import { LOAD_PLAN_DEFAULTS } from "../../../src/tools/driver/load-plan.ts";
import { OrderModel } from "../../../src/tools/driver/order-model.ts";
import { REQUEST } from "../../../src/tools/driver/requests.ts";
import { SeededRandom } from "../../../src/tools/driver/seeded-random.ts";

const SYMBOLS = 4;
const RESTING_MAX = 50;

/** Plays the flow against a venue that accepts everything and executes nothing. */
function play(requests: number): { counts: number[]; flow: Flow; restingMost: number } {
  const silent = {
    onAnswered() {},
    onExplained() {},
    onUnmatched: (why: string) => assert.fail(why),
  };
  const orders = new OrderModel(1, requests + 1, silent);
  const flow = new Flow(LOAD_PLAN_DEFAULTS.mix, SYMBOLS, RESTING_MAX, new SeededRandom(11));
  const counts = [0, 0, 0, 0, 0];
  let restingMost = 0;
  for (let request = 0; request < requests; request++) {
    flow.choose(orders);
    counts[flow.action] = (counts[flow.action] ?? 0) + 1;
    assert.ok(flow.price % 100 === 0, "a price is whole cents");
    if (flow.action === ACTION.ENTER || flow.action === ACTION.TAKE) {
      const number = orders.enter(flow.isBuy, flow.symbol, flow.price, 0, 0);
      const state = flow.action === ACTION.TAKE ? ORDER_STATE.DEAD : ORDER_STATE.LIVE;
      orders.onAccepted(number, flow.quantity, state);
    } else if (flow.action === ACTION.REPLACE) {
      const number = orders.replace(flow.target, flow.price, 0, 0);
      orders.onReplaced(flow.target, number, flow.quantity, ORDER_STATE.LIVE);
    } else if (flow.action === ACTION.MODIFY) {
      const open = orders.openOf(flow.target);
      assert.ok(flow.quantity > 0 && flow.quantity < open, "a modify makes smaller");
      orders.change(flow.target, REQUEST.MODIFY, 0, 0);
      orders.onModified(flow.target, flow.quantity);
    } else {
      const open = orders.openOf(flow.target);
      assert.ok(flow.quantity < open, "a cancel makes smaller");
      orders.change(flow.target, REQUEST.CANCEL, 0, 0);
      orders.onCanceled(flow.target, open - flow.quantity, 0x55);
    }
    restingMost = Math.max(restingMost, orders.idleCount);
  }
  return { counts, flow, restingMost };
}

test("all kinds of request come, and the resting orders stay within their bound", () => {
  const { counts, restingMost } = play(20_000);
  for (const count of counts) assert.ok(count > 200, `counts ${counts}`);
  assert.ok(restingMost <= RESTING_MAX, `rested ${restingMost}`);
});

test("the same seed gives the same requests", () => {
  assert.deepEqual(play(2_000).counts, play(2_000).counts);
});
