import assert from "node:assert/strict";
import { test } from "node:test";
import {
  meaningOf,
  priceText,
  rejectReasonText,
} from "../../../src/protocol/ouch/code-meanings.ts";
import * as codes from "../../../src/protocol/ouch/codes.ts";

const lettersOf = (table: Readonly<Record<string, number>>): string =>
  String.fromCharCode(...Object.values(table));

test("each code has the letter of the specification", () => {
  assert.equal(lettersOf(codes.SIDE), "BSTE");
  assert.equal(lettersOf(codes.TIME_IN_FORCE), "0356E");
  assert.equal(lettersOf(codes.DISPLAY), "YNAZ");
  assert.equal(lettersOf(codes.CAPACITY), "APRO");
  assert.equal(lettersOf(codes.CROSS_TYPE), "NOCHSREA");
  assert.equal(lettersOf(codes.CUSTOMER_TYPE), "RN");
  assert.equal(lettersOf(codes.PRICE_TYPE), "LPMRQm");
  assert.equal(lettersOf(codes.POST_ONLY), "PN");
  assert.equal(lettersOf(codes.HANDLE_INST), " IOTQBD");
  assert.equal(lettersOf(codes.ORDER_STATE), "LD");
  assert.equal(lettersOf(codes.EVENT_CODE), "SE");
  assert.equal(lettersOf(codes.BROKEN_TRADE_REASON), "ECSX");
  assert.equal(lettersOf(codes.RESTATED_REASON), "RP");
  assert.equal(lettersOf(codes.CANCEL_REASON), "DEFGHIKQSTUXZe");
  assert.equal(lettersOf(codes.LIQUIDITY), "ARJkmNnuOMCLHKi078ejpqrt1");
  assert.equal(lettersOf({ yes: codes.YES, no: codes.NO }), "YN");
});

test("reject reasons are numbered 1 to 33 hex without a gap", () => {
  const expected = Array.from({ length: 0x33 }, (_, index) => index + 1);
  assert.deepEqual(Object.values(codes.REJECT_REASON), expected);
});

// A sample of the specification's table: a name that slipped by one row would show here.
const reasons: readonly (readonly [number, string])[] = [
  [0x01, "quote unavailable"],
  [0x0a, "processing error"],
  [0x0c, "firm not authorized"],
  [0x0d, "invalid min quantity"],
  [0x0f, "other"],
  [0x11, "pegging not allowed"],
  [0x14, "invalid cross order"],
  [0x17, "invalid symbol"],
  [0x1a, "retail not allowed"],
  [0x1d, "invalid price"],
  [0x1f, "exceeds max notional"],
  [0x20, "risk aggregate exposure"],
  [0x26, "risk fat finger"],
  [0x2a, "risk duplicate message rate"],
  [0x31, "risk max quantity"],
  [0x33, "risk ipo market buy not allowed"],
  [0x40, "unknown reason"],
];
for (const [code, text] of reasons) {
  test(`reject reason ${code} reads as "${text}"`, () => {
    assert.equal(rejectReasonText(code), text);
  });
}

test("a reason means what it means in its own message", () => {
  assert.equal(meaningOf("C", "reason", "S"), "supervisory");
  assert.equal(meaningOf("C", "reason", "E"), "closed");
  assert.equal(meaningOf("B", "reason", "E"), "erroneous");
  assert.equal(meaningOf("R", "reason", "R"), "reserve refreshed");
  assert.equal(meaningOf("A", "reason", "R"), undefined);
  assert.equal(meaningOf("A", "quantity", "R"), undefined, "not a code");
  assert.equal(meaningOf("A", "side", "?"), undefined, "not a side");
});

test("prices have four decimals, on either side of zero", () => {
  assert.equal(priceText(0), "0.0000");
  assert.equal(priceText(12_345), "1.2345");
  assert.equal(priceText(codes.PRICE_LIMIT_MAX), "199999.9900");
  assert.equal(priceText(codes.PRICE_MARKET), "200000.0000");
  assert.equal(priceText(codes.PRICE_MARKET_CROSS), "214748.3647");
  assert.equal(priceText(-100), "-0.0100");
});
