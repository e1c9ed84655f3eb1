import assert from "node:assert/strict";
import { test } from "node:test";
import {
  DISPLAY,
  NO,
  ORDER_STATE,
  SIDE,
  TIME_IN_FORCE,
  YES,
} from "../../../src/protocol/ouch/codes.ts";
import { ORDER_ACCEPTED_BYTES, OrderAccepted } from "../../../src/protocol/ouch/order-accepted.ts";
import { ORDER_REJECTED_BYTES, OrderRejected } from "../../../src/protocol/ouch/order-rejected.ts";
import { ORDER_REPLACED_BYTES, OrderReplaced } from "../../../src/protocol/ouch/order-replaced.ts";
import { ECHO_FIELDS } from "../../../src/tools/replay/answer-echo.ts";
import { AnswerReader } from "../../../src/tools/replay/answer-reader.ts";
import { Differences } from "../../../src/tools/replay/differences.ts";
import { NOWHERE } from "../../../src/tools/replay/number-map.ts";
import { ASKED } from "../../../src/tools/replay/request-reader.ts";
import { RequestTracker } from "../../../src/tools/replay/request-tracker.ts";

type Fields = Readonly<Record<string, number | string>>;

const view = new DataView(new ArrayBuffer(128));
const order: Fields = {
  side: SIDE.SELL,
  quantity: 100,
  symbol: "MSFT",
  price: 1_895_000,
  timeInForce: TIME_IN_FORCE.DAY,
  display: DISPLAY.VISIBLE,
  capacity: 0x41,
  interMarketSweep: NO,
  crossType: 0x4e,
  orderState: ORDER_STATE.LIVE,
  clOrdId: "ORDER-1",
};

const enter = {
  asked: ASKED.ENTER,
  channel: 0,
  number: 1,
  hasNumber: true,
  target: 0,
  hasTarget: false,
  quantity: 100,
  side: SIDE.SELL,
};

/** An Enter with number `first` and its replacement, answered with these fields. */
function answered(first: number, accepted: Fields, replaced: Fields | undefined): RequestTracker {
  const tracker = new RequestTracker(2, {
    onAnswered() {},
    onExplained() {},
    onUnmatched: (reason) => assert.fail(reason),
  });
  const reader = new AnswerReader();
  tracker.setBase(0, first);
  tracker.onSent(0, { ...enter, number: first });
  const own = { userRefNum: first, orderReferenceLow: first, timestamp: first };
  Object.assign(new OrderAccepted().wrap(view, 0).start(), { ...accepted, ...own });
  reader.read(view, 0, ORDER_ACCEPTED_BYTES, tracker);
  const number = first + 1;
  tracker.onSent(1, { ...enter, asked: ASKED.REPLACE, number, target: first, hasTarget: true });
  const numbers = { ...own, origUserRefNum: first, userRefNum: number };
  if (replaced === undefined) {
    const reject = { ...own, userRefNum: number, reason: 5, clOrdId: accepted.clOrdId };
    Object.assign(new OrderRejected().wrap(view, 0).start(), reject);
    reader.read(view, 0, ORDER_REJECTED_BYTES, tracker);
  } else {
    Object.assign(new OrderReplaced().wrap(view, 0).start(), { ...replaced, ...numbers });
    reader.read(view, 0, ORDER_REPLACED_BYTES, tracker);
  }
  return tracker;
}

const others = (a: RequestTracker, b: RequestTracker): (string | undefined)[] =>
  [0, 1].map((request) => ECHO_FIELDS[a.table.otherEcho(request, b.table)]);

test("answers that differ in numbers, references, times and fills alone say the same", () => {
  const captured = answered(1, order, order);
  const replayed = answered(701, order, { ...order, quantity: 30, orderState: ORDER_STATE.DEAD });
  assert.deepEqual(others(captured, replayed), [undefined, undefined]);
});

test("an answer with another field than the captured one's is told, and which", () => {
  const captured = answered(1, order, order);
  for (const [other, field] of [
    [{ symbol: "MSFU" }, "symbol"],
    [{ symbol: "NSFT" }, "symbol"],
    [{ side: SIDE.BUY }, "side"],
    [{ price: 1_895_001 }, "price"],
    [{ price: 1_895_000 + 2 ** 32 }, "price"],
    [{ timeInForce: TIME_IN_FORCE.IMMEDIATE_OR_CANCEL }, "terms"],
    [{ display: DISPLAY.HIDDEN }, "terms"],
    [{ capacity: 0x50 }, "terms"],
    [{ interMarketSweep: YES }, "terms"],
    [{ crossType: 0x4f }, "terms"],
    [{ clOrdId: "ORDER-2" }, "ClOrdID"],
    [{ clOrdId: "" }, "ClOrdID"],
  ] as const) {
    const replayed = answered(1, { ...order, ...other }, { ...order, ...other });
    assert.deepEqual(others(captured, replayed), [field, field]);
  }
  assert.deepEqual(others(captured, answered(1, { ...order, quantity: 99 }, order)), [
    "shares",
    undefined,
  ]);
});

test("of two answers that are not alike only what both have is compared", () => {
  const captured = answered(1, order, undefined);
  assert.deepEqual(others(captured, answered(1, order, order)), [undefined, undefined]);
  const renamed = answered(1, { ...order, clOrdId: "X" }, undefined);
  assert.deepEqual(others(captured, renamed), ["ClOrdID", "ClOrdID"]);
});

test("a difference of a field is one of answers of the same kind, and stands under its own name", () => {
  const differences = new Differences();
  const price = ECHO_FIELDS.indexOf("price");
  differences.add("ALICE", 0, ASKED.ENTER, 1, 1, NOWHERE);
  differences.add("ALICE", 1, ASKED.ENTER, 1, 1, price);
  differences.add("BOB", 2, ASKED.ENTER, 1, 1, price);
  differences.add("BOB", 3, ASKED.ENTER, 1, 2, price);
  differences.add("BOB", 4, ASKED.ENTER, 0, 2, price);
  assert.deepEqual([differences.compared, differences.different], [4, 3]);
  const [first, second] = differences.list();
  assert.deepEqual(
    [first?.captured, first?.replayed, first?.count, first?.first],
    ["accepted", "other price", 2, "ALICE, request 2"],
  );
  assert.equal(second?.replayed, "replaced");
});
