import assert from "node:assert/strict";
import { test } from "node:test";
import {
  describeInbound,
  describeOutbound,
  type Fields,
  summaryOf,
} from "../../../src/protocol/ouch/describe.ts";
import { INBOUND_MESSAGES } from "../../../src/protocol/ouch/inbound-messages.ts";
import { OUTBOUND_MESSAGES } from "../../../src/protocol/ouch/outbound-messages.ts";
import { bytesOf, viewOf } from "../../support/hex.ts";
import { pickOne, randomBytes } from "../../support/random-cases.ts";
import { fuzzSeed, SeededRandom } from "../../support/seeded-random.ts";
import { INBOUND_VECTORS, OUTBOUND_VECTORS, VECTOR_TIMESTAMP } from "../../vectors/ouch50.ts";

const inbound = (hex: string): Fields => {
  const bytes = bytesOf(hex);
  return describeInbound(viewOf(bytes), 0, bytes.length);
};
const outbound = (hex: string): Fields => {
  const bytes = bytesOf(hex);
  return describeOutbound(viewOf(bytes), 0, bytes.length);
};

test("a captured Enter Order is described with its tags", () => {
  assert.deepEqual(inbound(INBOUND_VECTORS.enterCaptured), {
    message: "Enter Order",
    type: "O",
    userRefNum: 113,
    side: "T",
    quantity: 225,
    symbol: "CVLT",
    price: "63.0200",
    timeInForce: "0",
    display: "Y",
    capacity: "A",
    interMarketSweep: "N",
    crossType: "N",
    clOrdId: "H8FUB8IV",
    firm: "LIME",
  });
});

test("a captured Order Accepted is described with its tags", () => {
  assert.deepEqual(outbound(OUTBOUND_VECTORS.acceptedCaptured), {
    message: "Order Accepted",
    type: "A",
    timestamp: 44_647_483_486_087,
    userRefNum: 7_682_701,
    side: "B",
    quantity: 40,
    symbol: "ADBE",
    price: "477.7800",
    timeInForce: "5",
    display: "Y",
    orderReference: "257340661",
    capacity: "A",
    interMarketSweep: "N",
    crossType: "N",
    orderState: "L",
    clOrdId: "7682701",
    firm: "MLRO",
    bboWeight: "0",
  });
});

test("every vector is described, and nothing in it is found wrong", () => {
  const described = [
    ...Object.values(INBOUND_VECTORS).map(inbound),
    ...Object.values(OUTBOUND_VECTORS).map(outbound),
  ];
  for (const fields of described) {
    assert.equal(fields.malformed, undefined, summaryOf(fields));
    assert.equal(fields.refused, undefined, summaryOf(fields));
  }
  const types = (all: readonly { type: number }[]) => new Set(all.map(({ type }) => type)).size;
  assert.equal(types(INBOUND_MESSAGES), 8);
  assert.equal(types(OUTBOUND_MESSAGES), 17);
  const names = new Set(described.map(({ message }) => message));
  assert.equal(names.size, 25, "every message has a vector");
});

test("the same letter is another message in the other direction", () => {
  assert.equal(inbound("55").message, "Replace Order Request");
  assert.equal(outbound("55").message, "Order Replaced");
});

test("an extended order reference keeps all its digits", () => {
  assert.equal(outbound(OUTBOUND_VECTORS.replaced).orderReference, "9295995896645158664");
});

test("letters that are not printable are shown as their bytes", () => {
  const rejected = "4a 00001f1ad635bd15 00000008 0017 1b5b324a0a41ff20202020202020";
  assert.equal(outbound(rejected).clOrdId, "\\x1b[2J\\x0aA\\xff");
});

test("tags of a mass cancel are its filters", () => {
  const fields = inbound(INBOUND_VECTORS.massCancel);
  assert.equal(fields.firm, "ABCD");
  assert.equal(fields.side, "B");
  assert.equal(fields.groupId, 7);
  assert.equal(fields.userRefIdx, 5);
});

test("what a host would not take says why", () => {
  assert.equal(inbound("").malformed, "no type");
  assert.equal(inbound("7a").malformed, "unknown type");
  assert.equal(inbound("00").type, "0x0");
  assert.equal(inbound("58 00000001").malformed, "5 bytes, not 9");
  assert.equal(outbound("53 00001f1ad635bd15 53 00").malformed, "11 bytes, not 10");
  assert.equal(
    inbound("58 00000001 00000000 0003 021c").malformed,
    "appendage does not fit its length",
  );
  const refused = inbound("58 00000001 00000000 0006 020841 021c05");
  assert.equal(refused.refused, "a tag is unknown, repeated or not for here");
  assert.equal(refused.userRefIdx, 5);
});

test("a summary is one line with the meaning of each code", () => {
  assert.equal(
    summaryOf(outbound(OUTBOUND_VECTORS.rejected)),
    "09:30:00.123456789 Rejected userRefNum=8 reason=0017 (invalid symbol) clOrdId=CLORD-0003",
  );
  assert.equal(
    summaryOf(outbound(OUTBOUND_VECTORS.canceledInChannel5)),
    "09:30:00.123456789 Order Canceled userRefNum=4 quantity=40 reason=U (user) userRefIdx=5",
  );
  assert.equal(
    summaryOf(outbound(OUTBOUND_VECTORS.restated)),
    "09:30:00.123456789 Order Restated userRefNum=2 reason=R (reserve refreshed) displayQuantity=100 displayPrice=410.0000",
  );
  assert.equal(summaryOf(inbound("51")), "Account Query Request");
  assert.equal(outbound(OUTBOUND_VECTORS.rejected).timestamp, VECTOR_TIMESTAMP);
});

const seed = fuzzSeed();
test(`any bytes at all are described without harm (FUZZ_SEED=${seed})`, () => {
  const random = new SeededRandom(seed);
  const types = [...INBOUND_MESSAGES, ...OUTBOUND_MESSAGES].map(({ type }) => type);
  for (let round = 0; round < 3_000; round++) {
    const bytes = randomBytes(random, random.below(90));
    if (bytes.length > 0) bytes[0] = pickOne(random, types);
    for (const describe of [describeInbound, describeOutbound]) {
      const summary = summaryOf(describe(viewOf(bytes), 0, bytes.length));
      assert.match(summary, /^[ -~]+$/, `round ${round}: one line, whatever a peer sends`);
    }
  }
});

test(`every message cut at any byte is described without harm`, () => {
  for (const [vectors, describe] of [
    [INBOUND_VECTORS, describeInbound],
    [OUTBOUND_VECTORS, describeOutbound],
  ] as const) {
    for (const hex of Object.values(vectors)) {
      const bytes = bytesOf(hex);
      for (let cut = 0; cut < bytes.length; cut++) {
        const part = Buffer.from(Uint8Array.from(bytes.subarray(0, cut)).buffer);
        assert.doesNotThrow(() => describe(viewOf(part), 0, cut), `${hex} cut at ${cut}`);
      }
    }
  }
});
