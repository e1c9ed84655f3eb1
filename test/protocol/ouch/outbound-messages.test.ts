import assert from "node:assert/strict";
import { test } from "node:test";
import * as query from "../../../src/protocol/ouch/account-query-response.ts";
import * as aiq from "../../../src/protocol/ouch/aiq-canceled.ts";
import * as broken from "../../../src/protocol/ouch/broken-trade.ts";
import * as pending from "../../../src/protocol/ouch/cancel-pending.ts";
import * as cancelReject from "../../../src/protocol/ouch/cancel-reject.ts";
import * as disable from "../../../src/protocol/ouch/disable-order-entry-response.ts";
import * as enable from "../../../src/protocol/ouch/enable-order-entry-response.ts";
import * as massCancel from "../../../src/protocol/ouch/mass-cancel-response.ts";
import * as accepted from "../../../src/protocol/ouch/order-accepted.ts";
import * as canceled from "../../../src/protocol/ouch/order-canceled.ts";
import * as executed from "../../../src/protocol/ouch/order-executed.ts";
import * as modified from "../../../src/protocol/ouch/order-modified.ts";
import * as priority from "../../../src/protocol/ouch/order-priority-update.ts";
import * as rejected from "../../../src/protocol/ouch/order-rejected.ts";
import * as replaced from "../../../src/protocol/ouch/order-replaced.ts";
import * as restated from "../../../src/protocol/ouch/order-restated.ts";
import { OUTBOUND_MESSAGES } from "../../../src/protocol/ouch/outbound-messages.ts";
import * as systemEvent from "../../../src/protocol/ouch/system-event.ts";
import { writeU64 } from "../../../src/protocol/wire-fields.ts";
import { checkVector } from "../../support/flyweight-vector.ts";
import { OUTBOUND_VECTORS, VECTOR_TIMESTAMP } from "../../vectors/ouch50.ts";

const letter = (text: string): number => text.charCodeAt(0);
const timestamp = VECTOR_TIMESTAMP;
const MODULES = [
  ...[accepted, aiq, broken, canceled, cancelReject, disable, enable, executed, massCancel],
  ...[modified, pending, priority, query, rejected, replaced, restated, systemEvent],
];

test("System Event reads and writes as its bytes", () => {
  const { SystemEvent, SYSTEM_EVENT_BYTES } = systemEvent;
  checkVector(new SystemEvent(), SYSTEM_EVENT_BYTES, OUTBOUND_VECTORS.startOfDay, {
    timestamp,
    eventCode: letter("S"),
  });
});

test("a captured Order Accepted reads and writes as its bytes", () => {
  const { OrderAccepted, ORDER_ACCEPTED_BYTES } = accepted;
  const message = new OrderAccepted();
  checkVector(message, ORDER_ACCEPTED_BYTES, OUTBOUND_VECTORS.acceptedCaptured, {
    timestamp: 44_647_483_486_087,
    userRefNum: 7_682_701,
    side: letter("B"),
    quantity: 40,
    symbol: "ADBE",
    price: 4_777_800,
    timeInForce: letter("5"),
    display: letter("Y"),
    orderReferenceHigh: 0,
    orderReferenceLow: 257_340_661,
    capacity: letter("A"),
    interMarketSweep: letter("N"),
    crossType: letter("N"),
    orderState: letter("L"),
    clOrdId: "7682701",
  });
  assert.equal(message.orderReference, 257_340_661n);
  assert.deepEqual([message.symbolHigh, message.symbolLow], [0x41444245, 0x20202020]);
});

test("Order Replaced reads and writes as its bytes", () => {
  const { OrderReplaced, ORDER_REPLACED_BYTES } = replaced;
  const message = new OrderReplaced();
  checkVector(message, ORDER_REPLACED_BYTES, OUTBOUND_VECTORS.replaced, {
    timestamp,
    origUserRefNum: 1,
    userRefNum: 4,
    side: letter("B"),
    quantity: 150,
    symbolHigh: 0x4141504c,
    symbolLow: 0x20202020,
    price: 1_896_000,
    timeInForce: letter("0"),
    display: letter("Y"),
    orderReferenceHigh: 0x81020304,
    orderReferenceLow: 0x05060708,
    capacity: letter("P"),
    interMarketSweep: letter("N"),
    crossType: letter("N"),
    orderState: letter("L"),
    clOrdId: "CLORD-0002",
  });
  assert.equal(message.orderReference, 0x8102030405060708n);
});

test("Order Canceled reads and writes as its bytes", () => {
  const { OrderCanceled, ORDER_CANCELED_BYTES } = canceled;
  checkVector(new OrderCanceled(), ORDER_CANCELED_BYTES, OUTBOUND_VECTORS.canceledCaptured, {
    timestamp: 44_647_483_708_183,
    userRefNum: 7_682_701,
    quantity: 40,
    reason: letter("U"),
  });
  checkVector(new OrderCanceled(), ORDER_CANCELED_BYTES, OUTBOUND_VECTORS.canceledInChannel5, {
    timestamp,
    userRefNum: 4,
    quantity: 40,
    reason: letter("U"),
  });
});

test("AIQ Canceled reads and writes as its bytes", () => {
  const { AiqCanceled, AIQ_CANCELED_BYTES } = aiq;
  checkVector(new AiqCanceled(), AIQ_CANCELED_BYTES, OUTBOUND_VECTORS.aiqCanceled, {
    timestamp,
    userRefNum: 2,
    decrementShares: 100,
    reason: letter("Q"),
    quantityPrevented: 50,
    executionPrice: 4_100_000,
    liquidityFlag: letter("A"),
    aiqStrategy: letter("*"),
  });
});

test("Order Executed reads and writes as its bytes", () => {
  const { OrderExecuted, ORDER_EXECUTED_BYTES } = executed;
  const message = new OrderExecuted();
  checkVector(message, ORDER_EXECUTED_BYTES, OUTBOUND_VECTORS.executed, {
    timestamp,
    userRefNum: 2,
    quantity: 100,
    price: 4_100_000,
    liquidityFlag: letter("A"),
    matchNumberHigh: 0,
    matchNumberLow: 777,
  });
  assert.equal(message.matchNumber, 777n);
});

test("Broken Trade reads and writes as its bytes", () => {
  const { BrokenTrade, BROKEN_TRADE_BYTES } = broken;
  checkVector(new BrokenTrade(), BROKEN_TRADE_BYTES, OUTBOUND_VECTORS.brokenTrade, {
    timestamp,
    userRefNum: 2,
    matchNumberHigh: 0x80000000,
    matchNumberLow: 777,
    reason: letter("E"),
    clOrdId: "CLORD-0001",
  });
});

test("Rejected reads and writes as its bytes", () => {
  const { OrderRejected, ORDER_REJECTED_BYTES } = rejected;
  const message = new OrderRejected();
  checkVector(message, ORDER_REJECTED_BYTES, OUTBOUND_VECTORS.rejected, {
    timestamp,
    userRefNum: 8,
    reason: 0x17,
    clOrdId: "CLORD-0003",
  });
  message.blankClOrdId();
  assert.equal(message.clOrdId, "");
});

test("Cancel Pending and Cancel Reject read and write as their bytes", () => {
  const fields = { timestamp, userRefNum: 9 };
  const { CancelPending, CANCEL_PENDING_BYTES } = pending;
  checkVector(new CancelPending(), CANCEL_PENDING_BYTES, OUTBOUND_VECTORS.cancelPending, fields);
  const { CancelReject, CANCEL_REJECT_BYTES } = cancelReject;
  checkVector(new CancelReject(), CANCEL_REJECT_BYTES, OUTBOUND_VECTORS.cancelReject, fields);
});

test("Order Priority Update reads and writes as its bytes", () => {
  const { OrderPriorityUpdate, ORDER_PRIORITY_UPDATE_BYTES } = priority;
  const message = new OrderPriorityUpdate();
  checkVector(message, ORDER_PRIORITY_UPDATE_BYTES, OUTBOUND_VECTORS.priorityUpdate, {
    timestamp,
    userRefNum: 2,
    price: 4_100_000,
    display: letter("N"),
    orderReferenceHigh: 0x01020304,
    orderReferenceLow: 0x05060709,
  });
});

test("Order Modified reads and writes as its bytes", () => {
  const { OrderModified, ORDER_MODIFIED_BYTES } = modified;
  checkVector(new OrderModified(), ORDER_MODIFIED_BYTES, OUTBOUND_VECTORS.modified, {
    timestamp,
    userRefNum: 2,
    side: letter("T"),
    quantity: 400,
  });
});

test("Order Restated reads and writes as its bytes", () => {
  const { OrderRestated, ORDER_RESTATED_BYTES } = restated;
  checkVector(new OrderRestated(), ORDER_RESTATED_BYTES, OUTBOUND_VECTORS.restated, {
    timestamp,
    userRefNum: 2,
    reason: letter("R"),
  });
});

test("Mass Cancel Response reads and writes as its bytes", () => {
  const { MassCancelResponse, MASS_CANCEL_RESPONSE_BYTES } = massCancel;
  const vector = OUTBOUND_VECTORS.massCancelResponse;
  checkVector(new MassCancelResponse(), MASS_CANCEL_RESPONSE_BYTES, vector, {
    timestamp,
    userRefNum: 5,
    firm: 0x41424344,
    symbol: "MSFT",
  });
});

test("Disable and Enable Order Entry Response read and write as their bytes", () => {
  checkVector(
    new disable.DisableOrderEntryResponse(),
    disable.DISABLE_ORDER_ENTRY_RESPONSE_BYTES,
    OUTBOUND_VECTORS.disableResponse,
    { timestamp, userRefNum: 6, firmText: "ABCD" },
  );
  checkVector(
    new enable.EnableOrderEntryResponse(),
    enable.ENABLE_ORDER_ENTRY_RESPONSE_BYTES,
    OUTBOUND_VECTORS.enableResponse,
    { timestamp, userRefNum: 7, firm: 0x41424344 },
  );
});

test("Account Query Response reads and writes as its bytes", () => {
  const { AccountQueryResponse, ACCOUNT_QUERY_RESPONSE_BYTES } = query;
  const vector = OUTBOUND_VECTORS.queryResponse;
  checkVector(new AccountQueryResponse(), ACCOUNT_QUERY_RESPONSE_BYTES, vector, {
    timestamp,
    nextUserRefNum: 8,
  });
});

test("every outbound message has the lengths of the specification", () => {
  const lengths = Object.fromEntries(
    OUTBOUND_MESSAGES.map(({ type, fixedBytes, appendage }) => {
      const withAppendage = fixedBytes + 2;
      const always = appendage?.isOptional === false ? [withAppendage] : [fixedBytes];
      return [
        String.fromCharCode(type),
        appendage?.isOptional ? [fixedBytes, withAppendage] : always,
      ];
    }),
  );
  assert.deepEqual(lengths, {
    S: [10],
    A: [64],
    U: [68],
    C: [18, 20],
    D: [32, 34],
    E: [36],
    B: [36, 38],
    J: [29, 31],
    P: [13, 15],
    I: [13, 15],
    T: [30, 32],
    M: [18, 20],
    R: [16],
    X: [27],
    G: [19],
    K: [19],
    Q: [13, 15],
  });
});

test("a timestamp is exact to the nanosecond up to the end of the day", () => {
  const message = new systemEvent.SystemEvent().wrap(new DataView(new ArrayBuffer(16)), 0);
  for (const ns of [0, 2 ** 32 - 1, 2 ** 32, 86_399_999_999_999, 90_000_000_000_000]) {
    message.timestamp = ns;
    assert.equal(message.timestamp, ns);
  }
});

test("every outbound message takes its timestamp as eight bytes too", () => {
  const source = new DataView(new ArrayBuffer(9));
  writeU64(source, 1, VECTOR_TIMESTAMP);
  const view = new DataView(new ArrayBuffer(128));
  for (const module of MODULES) {
    for (const Message of Object.values(module)) {
      if (typeof Message !== "function" || Message.prototype === undefined) continue;
      const message = new Message().wrap(view, 5);
      message.timestamp = 0;
      message.copyTimestampFrom(source, 1);
      assert.equal(message.timestamp, VECTOR_TIMESTAMP, Message.name);
    }
  }
});

test("halves of 64-bit numbers may be given signed", () => {
  const message = new executed.OrderExecuted().wrap(new DataView(new ArrayBuffer(64)), 0);
  message.matchNumberHigh = 0x80000001 | 0;
  message.matchNumberLow = -1;
  assert.equal(message.matchNumberHigh, 0x80000001);
  assert.equal(message.matchNumber, 0x80000001ffffffffn);
});
