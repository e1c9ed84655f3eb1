import assert from "node:assert/strict";
import { test } from "node:test";
import * as accountQuery from "../../../src/protocol/ouch/account-query-request.ts";
import * as cancel from "../../../src/protocol/ouch/cancel-order-request.ts";
import * as disable from "../../../src/protocol/ouch/disable-order-entry-request.ts";
import * as enable from "../../../src/protocol/ouch/enable-order-entry-request.ts";
import * as enter from "../../../src/protocol/ouch/enter-order.ts";
import { INBOUND_MESSAGES } from "../../../src/protocol/ouch/inbound-messages.ts";
import * as massCancel from "../../../src/protocol/ouch/mass-cancel-request.ts";
import * as modify from "../../../src/protocol/ouch/modify-order-request.ts";
import * as replace from "../../../src/protocol/ouch/replace-order-request.ts";
import { checkVector } from "../../support/flyweight-vector.ts";
import { INBOUND_VECTORS } from "../../vectors/ouch50.ts";

const letter = (text: string): number => text.charCodeAt(0);

test("a captured Enter Order reads and writes as its bytes", () => {
  checkVector(new enter.EnterOrder(), enter.ENTER_ORDER_BYTES, INBOUND_VECTORS.enterCaptured, {
    userRefNum: 113,
    side: letter("T"),
    quantity: 225,
    symbol: "CVLT",
    price: 630_200,
    timeInForce: letter("0"),
    display: letter("Y"),
    capacity: letter("A"),
    interMarketSweep: letter("N"),
    crossType: letter("N"),
    clOrdId: "H8FUB8IV",
  });
});

test("Enter Order reads and writes as its bytes", () => {
  checkVector(new enter.EnterOrder(), enter.ENTER_ORDER_BYTES, INBOUND_VECTORS.enter, {
    userRefNum: 1,
    side: letter("B"),
    quantity: 100,
    symbolHigh: 0x4141504c,
    symbolLow: 0x20202020,
    price: 1_895_000,
    timeInForce: letter("0"),
    display: letter("Y"),
    capacity: letter("P"),
    interMarketSweep: letter("N"),
    crossType: letter("N"),
    clOrdId: "CLORD-0001",
  });
});

test("Replace Order Request reads and writes as its bytes", () => {
  const { ReplaceOrderRequest, REPLACE_ORDER_REQUEST_BYTES } = replace;
  checkVector(new ReplaceOrderRequest(), REPLACE_ORDER_REQUEST_BYTES, INBOUND_VECTORS.replace, {
    origUserRefNum: 1,
    userRefNum: 4,
    quantity: 150,
    price: 1_896_000,
    timeInForce: letter("0"),
    display: letter("Y"),
    interMarketSweep: letter("N"),
    clOrdId: "CLORD-0002",
  });
});

test("Cancel Order Request reads and writes as its bytes", () => {
  const { CancelOrderRequest, CANCEL_ORDER_REQUEST_BYTES } = cancel;
  const request = new CancelOrderRequest();
  checkVector(request, CANCEL_ORDER_REQUEST_BYTES, INBOUND_VECTORS.cancelCaptured, {
    userRefNum: 7_679_601,
    quantity: 0,
  });
  checkVector(request, CANCEL_ORDER_REQUEST_BYTES, INBOUND_VECTORS.cancelInChannel5, {
    userRefNum: 4,
    quantity: 0,
  });
});

test("Modify Order Request reads and writes as its bytes", () => {
  const { ModifyOrderRequest, MODIFY_ORDER_REQUEST_BYTES } = modify;
  checkVector(new ModifyOrderRequest(), MODIFY_ORDER_REQUEST_BYTES, INBOUND_VECTORS.modify, {
    userRefNum: 2,
    side: letter("T"),
    quantity: 400,
  });
});

test("Mass Cancel Request reads and writes as its bytes", () => {
  const { MassCancelRequest, MASS_CANCEL_REQUEST_BYTES } = massCancel;
  checkVector(new MassCancelRequest(), MASS_CANCEL_REQUEST_BYTES, INBOUND_VECTORS.massCancel, {
    userRefNum: 5,
    firm: 0x41424344,
    symbol: "MSFT",
  });
});

test("Disable and Enable Order Entry read and write as their bytes", () => {
  checkVector(
    new disable.DisableOrderEntryRequest(),
    disable.DISABLE_ORDER_ENTRY_REQUEST_BYTES,
    INBOUND_VECTORS.disable,
    { userRefNum: 6, firmText: "ABCD" },
  );
  checkVector(
    new enable.EnableOrderEntryRequest(),
    enable.ENABLE_ORDER_ENTRY_REQUEST_BYTES,
    INBOUND_VECTORS.enable,
    { userRefNum: 7, firmText: "ABCD" },
  );
});

test("Account Query Request is its type and nothing else", () => {
  const { AccountQueryRequest, ACCOUNT_QUERY_REQUEST_BYTES } = accountQuery;
  checkVector(new AccountQueryRequest(), ACCOUNT_QUERY_REQUEST_BYTES, INBOUND_VECTORS.query, {});
});

test("every inbound message has the lengths of the specification", () => {
  const lengths = Object.fromEntries(
    INBOUND_MESSAGES.map(({ type, fixedBytes, appendage }) => [
      String.fromCharCode(type),
      appendage?.isOptional ? [fixedBytes, fixedBytes + 2] : [fixedBytes + 2],
    ]),
  );
  assert.deepEqual(lengths, {
    O: [47],
    U: [40],
    X: [9, 11],
    M: [10, 12],
    C: [19],
    D: [11],
    E: [11],
    Q: [1, 3],
  });
});

test("fields hold the ends of their ranges", () => {
  const order = new enter.EnterOrder().wrap(new DataView(new ArrayBuffer(64)), 0);
  for (const value of [0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1]) {
    order.userRefNum = value;
    order.quantity = value;
    assert.equal(order.userRefNum, value);
    assert.equal(order.quantity, value);
  }
  for (const value of [0, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER]) {
    order.price = value;
    assert.equal(order.price, value);
  }
});

test("a ClOrdID travels from message to message as it came", () => {
  const source = new DataView(new ArrayBuffer(64));
  const order = new enter.EnterOrder().wrap(source, 0);
  order.clOrdId = "ABCDEFGHIJKLMN";
  const kept = new DataView(new ArrayBuffer(16));
  order.copyClOrdIdTo(kept, 1);
  const other = new replace.ReplaceOrderRequest().wrap(new DataView(new ArrayBuffer(64)), 3);
  other.copyClOrdIdFrom(kept, 1);
  assert.equal(other.clOrdId, "ABCDEFGHIJKLMN");
});

test("a message that overruns its buffer is our own mistake", () => {
  const view = new DataView(new ArrayBuffer(enter.ENTER_ORDER_BYTES));
  assert.doesNotThrow(() => new enter.EnterOrder().wrap(view, 0));
  assert.throws(() => new enter.EnterOrder().wrap(view, 1), /overruns/);
  assert.throws(() => new enter.EnterOrder().wrap(view, -1), /before/);
});
