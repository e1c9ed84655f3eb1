// Every OUCH request and what it is answered with, over real sockets (ouch50.md §4 to §6; semantics §1, §4).

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { FIRM, OTHER_FIRM, TestGateway } from "../support/gateway.ts";
import { bytesOf } from "../support/hex.ts";
import { dollars, type Trader } from "../support/trader.ts";

const gateway = await TestGateway.start({ after });

let symbolsUsed = 0;

interface Market {
  readonly symbol: string;
  readonly alice: Trader;
  readonly bob: Trader;
}

/** Two traders in an instrument that nobody else trades. */
async function market(): Promise<Market> {
  const symbol = `M${symbolsUsed++}`;
  const [alice, bob] = await Promise.all([gateway.trader(), gateway.trader()]);
  return { symbol, alice, bob };
}

/** All that is sent and decided is heard: first of those who acted, then of the others. */
const hearBoth = async (first: Trader, second: Trader): Promise<[string[], string[]]> => [
  await first.heard(),
  await second.heard(),
];

describe("Enter Order", () => {
  test("is answered with every field as it was entered, and what the host adds", async () => {
    const { symbol, alice } = await market();
    const userRefNum = alice.order({
      side: "T",
      quantity: 321,
      symbol,
      price: dollars(63.02),
      timeInForce: "5",
      display: "A",
      capacity: "R",
      interMarketSweep: "Y",
      clOrdId: "HFUBI#IV test",
      tags: { FIRM: OTHER_FIRM, CUSTOMER_TYPE: "N", SHARES_LOCATED: "Y", GROUP_ID: 7 },
    });
    const [accepted] = await alice.heardMessages();
    assert.ok(accepted);
    const { timestamp, orderReference, ...fields } = accepted.fields;
    assert.ok(Number(timestamp) > 0 && Number(timestamp) < 25 * 3600e9);
    assert.match(String(orderReference), /^\d{17,19}$/);
    assert.deepEqual(fields, {
      message: "Order Accepted",
      type: "A",
      userRefNum,
      side: "T",
      quantity: 321,
      symbol,
      price: "63.0200",
      timeInForce: "5",
      display: "A",
      capacity: "R",
      interMarketSweep: "Y",
      crossType: "N",
      orderState: "L",
      clOrdId: "HFUBI#IV test",
      firm: OTHER_FIRM,
      customerType: "N",
      sharesLocated: "Y",
      groupId: 7,
    });
  });

  test("trades with what rests, at its price, and both sides hear of every part", async () => {
    const { symbol, alice, bob } = await market();
    for (const price of [10, 10.5]) alice.order({ symbol, quantity: 100, price: dollars(price) });
    await alice.heard();
    bob.order({ symbol, side: "S", quantity: 250, price: dollars(9) });
    assert.deepEqual(await hearBoth(bob, alice), [
      ["A 1 L", "E 1 100@10.5000 R", "E 1 100@10.0000 R"],
      ["E 2 100@10.5000 A", "E 1 100@10.0000 A"],
    ]);
    alice.order({ symbol, quantity: 20, price: dollars(9) });
    assert.deepEqual(await hearBoth(alice, bob), [
      ["A 3 L", "E 3 20@9.0000 R"],
      ["E 1 20@9.0000 A"],
    ]);
    const matches = ({ messages }: Trader): unknown[] =>
      messages.filter(({ type }) => type === "E").map(({ fields }) => fields.matchNumber);
    assert.deepEqual(matches(alice), matches(bob));
    assert.equal(new Set(matches(alice)).size, 3);
  });

  test("finds better prices first, then displayed before hidden, then the older", async () => {
    const { symbol, alice, bob } = await market();
    const price = dollars(10);
    alice.order({ symbol, side: "S", price, display: "N" });
    alice.order({ symbol, side: "S", price });
    alice.order({ symbol, side: "S", price, display: "A" });
    alice.order({ symbol, side: "S", price: dollars(9.99), display: "N" });
    await alice.heard();
    bob.order({ symbol, quantity: 400, price });
    assert.deepEqual(await hearBoth(bob, alice), [
      ["A 1 L", "E 1 100@9.9900 R", ...Array(3).fill("E 1 100@10.0000 R")],
      ["E 4 100@9.9900 J", "E 2 100@10.0000 A", "E 3 100@10.0000 A", "E 1 100@10.0000 J"],
    ]);
  });

  test("that cannot rest is dead when there is nothing to trade with, and canceled when there was too little", async () => {
    const { symbol, alice, bob } = await market();
    const marketPrice = dollars(200_000);
    alice.order({ symbol, timeInForce: "3" });
    alice.order({ symbol, price: marketPrice });
    assert.deepEqual(await alice.heard(), ["A 1 D", "A 2 D"]);
    bob.order({ symbol, side: "S", quantity: 60 });
    bob.order({ symbol, side: "S", quantity: 60 });
    await bob.heard();
    alice.order({ symbol, timeInForce: "3" });
    alice.order({ symbol, price: marketPrice });
    assert.deepEqual(await alice.heard(), [
      ...["A 3 L", "E 3 60@10.0000 R", "E 3 40@10.0000 R"],
      ...["A 4 L", "E 4 20@10.0000 R", "C 4 80 I"],
    ]);
    const unpriced = alice.messages.find(({ fields }) => fields.userRefNum === 4);
    assert.equal(unpriced?.fields.timeInForce, "3");
  });

  test("with a minimum quantity trades so much at once or is dead", async () => {
    const { symbol, alice, bob } = await market();
    bob.order({ symbol, side: "S", quantity: 60 });
    await bob.heard();
    const atLeast = (MIN_QTY: number): object => ({ symbol, timeInForce: "3", tags: { MIN_QTY } });
    alice.order(atLeast(61));
    alice.order(atLeast(60));
    assert.deepEqual(await alice.heard(), ["A 1 D", "A 2 L", "E 2 60@10.0000 R", "C 2 40 I"]);
  });

  test("post-only rests or is dead", async () => {
    const { symbol, alice, bob } = await market();
    bob.order({ symbol, side: "S" });
    await bob.heard();
    alice.order({ symbol, tags: { POST_ONLY: "P" } });
    alice.order({ symbol, price: dollars(9.99), tags: { POST_ONLY: "P" } });
    assert.deepEqual(await hearBoth(alice, bob), [["A 1 D", "A 2 L"], []]);
  });

  test("good till a time ends at that time, by itself", async () => {
    const { symbol, alice } = await market();
    alice.order({ symbol, timeInForce: "6", tags: { EXPIRE_TIME: 1 } });
    const startMs = performance.now();
    assert.deepEqual(await alice.texts(2), ["A 1 L", "C 1 100 T"]);
    assert.ok(performance.now() - startMs > 900);
  });

  test("with a number that is not above the last one is ignored, and a gap is not", async () => {
    const { symbol, alice } = await market();
    for (const userRefNum of [5, 5, 4, 0, 9]) alice.order({ symbol, userRefNum });
    assert.deepEqual(await alice.heard(), ["A 5 L", "A 9 L"]);
    assert.equal(alice.nextUserRefNum, 10);
    assert.match(alice.debugTexts.join(), /ignored O 5/);
  });

  test("that is rejected uses its number up", async () => {
    const { symbol, alice } = await market();
    alice.order({ symbol, quantity: 1_000_000, clOrdId: "TOO MANY" });
    const [rejected] = await alice.heardMessages();
    assert.equal(rejected?.fields.reason, "0013");
    assert.equal(rejected?.fields.clOrdId, "TOO MANY");
    assert.equal(alice.nextUserRefNum, 2);
  });
});

describe("Replace Order Request", () => {
  test("counts in totals of the chain, keeps what was executed, and loses its place", async () => {
    const { symbol, alice, bob } = await market();
    alice.order({ symbol, quantity: 500 });
    bob.order({ symbol, quantity: 500 });
    await hearBoth(alice, bob);
    const seller = await gateway.trader();
    seller.order({ symbol, side: "S", quantity: 100 });
    await seller.heard();
    alice.replace({ origUserRefNum: 1, quantity: 500, price: dollars(10) });
    assert.deepEqual(await alice.heard(), ["E 1 100@10.0000 A", "U 1>2 400 L"]);
    alice.replace({ origUserRefNum: 2, quantity: 600, price: dollars(10) });
    assert.deepEqual(await alice.heard(), ["U 2>3 500 L"]);
    seller.order({ symbol, side: "S", quantity: 600 });
    await seller.heard();
    assert.deepEqual(await alice.heard(), ["E 3 100@10.0000 A"]);
    assert.deepEqual(await bob.heard(), ["E 1 500@10.0000 A"]);
    alice.replace({ origUserRefNum: 3, quantity: 200, price: dollars(10) });
    assert.deepEqual(await alice.heard(), ["U 3>4 0 D"]);
  });

  test("trades at once when its new price crosses, and inherits what it does not say", async () => {
    const { symbol, alice, bob } = await market();
    const tags = { FIRM: OTHER_FIRM, GROUP_ID: 3, POST_ONLY: "N" };
    alice.order({ symbol, side: "S", price: dollars(11), tags });
    bob.order({ symbol, quantity: 30 });
    await hearBoth(alice, bob);
    alice.replace({ origUserRefNum: 1, quantity: 100, price: dollars(10), clOrdId: "NEW" });
    const heard = await alice.heardMessages();
    assert.deepEqual(
      heard.map(({ type }) => type),
      ["U", "E"],
    );
    const replaced = heard[0]?.fields;
    assert.equal(replaced?.side, "S");
    assert.equal(replaced?.clOrdId, "NEW");
    assert.equal(replaced?.firm, OTHER_FIRM);
    assert.equal(replaced?.postOnly, "N");
    assert.deepEqual(await bob.heard(), ["E 1 30@10.0000 A"]);
  });

  test("that is invalid cancels its target, and its number stays free", async () => {
    const { symbol, alice } = await market();
    alice.order({ symbol });
    alice.replace({ origUserRefNum: 1, quantity: 1_000_000, price: dollars(10) });
    assert.deepEqual(await alice.heard(), ["A 1 L", "C 1 100 U"]);
    assert.equal(alice.nextUserRefNum, 2);
    alice.order({ symbol });
    assert.deepEqual(await alice.heard(), ["A 2 L"]);
  });

  test("of a dead order is ignored, and its number stays free", async () => {
    const { symbol, alice } = await market();
    alice.order({ symbol });
    alice.cancel({ userRefNum: 1 });
    alice.replace({ origUserRefNum: 1, quantity: 100, price: dollars(10) });
    assert.deepEqual(await alice.heard(), ["A 1 L", "C 1 100 U"]);
    assert.equal(alice.nextUserRefNum, 2);
    alice.order({ symbol });
    assert.deepEqual(await alice.heard(), ["A 2 L"]);
  });

  test("that asks for what the venue does not have is rejected, and its target stays", async () => {
    const { symbol, alice } = await market();
    alice.order({ symbol });
    const tags = { MAX_FLOOR: 10 };
    alice.replace({ origUserRefNum: 1, quantity: 100, price: dollars(10), tags });
    alice.cancel({ userRefNum: 1 });
    assert.deepEqual(await alice.heard(), ["A 1 L", "J 2 0004", "C 1 100 U"]);
    assert.equal(alice.nextUserRefNum, 3);
  });
});

describe("Cancel Order Request", () => {
  test("reduces to an intended total and keeps the place; superfluous ones are ignored", async () => {
    const { symbol, alice, bob } = await market();
    alice.order({ symbol, quantity: 500 });
    await alice.heard();
    bob.order({ symbol, side: "S", quantity: 100 });
    await bob.heard();
    for (const quantity of [500, 300, 300]) alice.cancel({ userRefNum: 1, quantity });
    assert.deepEqual(await alice.heard(), ["E 1 100@10.0000 A", "C 1 200 U"]);
    const later = await gateway.trader();
    later.order({ symbol });
    await later.heard();
    bob.order({ symbol, side: "S", quantity: 150 });
    assert.deepEqual((await bob.heard()).slice(-2), ["A 2 L", "E 2 150@10.0000 R"]);
    alice.cancel({ userRefNum: 1 });
    alice.cancel({ userRefNum: 1 });
    alice.cancel({ userRefNum: 77 });
    assert.deepEqual(await alice.heard(), ["E 1 150@10.0000 A", "C 1 50 U"]);
    assert.deepEqual(await later.heard(), []);
  });

  test("is taken in its short form and with an empty appendage", async () => {
    const { symbol, alice } = await market();
    alice.order({ symbol });
    alice.order({ symbol });
    alice.sendMessage(bytesOf("58 00000001 00000000"));
    alice.sendMessage(bytesOf("58 00000002 00000000 0000"));
    assert.deepEqual(await alice.heard(), ["A 1 L", "A 2 L", "C 1 100 U", "C 2 100 U"]);
  });
});

describe("Modify Order Request", () => {
  test("changes the kind of sell and makes it smaller, and keeps the place", async () => {
    const { symbol, alice, bob } = await market();
    alice.order({ symbol, side: "S", quantity: 500 });
    bob.order({ symbol, side: "S", quantity: 500 });
    await hearBoth(alice, bob);
    alice.modify({ userRefNum: 1, side: "T", quantity: 400 });
    alice.modify({ userRefNum: 1, side: "E", quantity: 400 });
    alice.modify({ userRefNum: 1, side: "B", quantity: 300 });
    alice.modify({ userRefNum: 1, side: "E", quantity: 450 });
    assert.deepEqual(await alice.heard(), ["M 1 T 400", "M 1 E 400"]);
    const taker = await gateway.trader();
    taker.order({ symbol, quantity: 100 });
    await taker.heard();
    alice.modify({ userRefNum: 1, side: "E", quantity: 300 });
    alice.modify({ userRefNum: 1, side: "E", quantity: 0 });
    assert.deepEqual(await alice.heard(), ["E 1 100@10.0000 A", "M 1 E 200", "C 1 200 U"]);
    assert.deepEqual(await bob.heard(), []);
  });
});

describe("Mass Cancel Request", () => {
  test("is answered first, then each order that matches goes in rising number", async () => {
    const { symbol, alice } = await market();
    const elsewhere = `${symbol}X`;
    alice.order({ symbol });
    alice.order({ symbol, side: "S", price: dollars(11) });
    alice.order({ symbol, tags: { FIRM: OTHER_FIRM } });
    alice.order({ symbol, tags: { GROUP_ID: 7 } });
    alice.order({ symbol: elsewhere });
    await alice.heard();
    alice.massCancel({ firm: FIRM, symbol, tags: { SIDE: "B", GROUP_ID: 7 } });
    assert.deepEqual(await alice.heard(), ["X 6", "C 4 100 U"]);
    alice.massCancel({ firm: FIRM, symbol, tags: { GROUP_ID: 8 } });
    assert.deepEqual(await alice.heard(), ["X 7"]);
    alice.massCancel({ firm: FIRM, symbol });
    assert.deepEqual(await alice.heard(), ["X 8", "C 1 100 U", "C 2 100 U"]);
    alice.massCancel({ firm: FIRM });
    alice.massCancel({ firm: OTHER_FIRM });
    assert.deepEqual(await alice.heard(), ["X 9", "C 5 100 U", "X 10", "C 3 100 U"]);
  });

  test("touches nobody else, echoes its request, and refuses a firm that is not the account's", async () => {
    const { symbol, alice, bob } = await market();
    bob.order({ symbol });
    await bob.heard();
    alice.massCancel({ firm: FIRM, symbol, tags: { SIDE: "S" } });
    alice.massCancel({ firm: "ZZZZ" });
    const [answer, refused] = await alice.heardMessages();
    assert.equal(answer?.fields.firm, FIRM);
    assert.equal(answer?.fields.symbol, symbol);
    assert.equal(answer?.fields.side, "S");
    assert.equal(refused?.fields.reason, "000C");
    assert.equal(refused?.fields.clOrdId, "");
    assert.deepEqual(await bob.heard(), []);
  });

  test("of more orders than one step touches takes all that were there, and none entered behind it", async () => {
    const { symbol, alice } = await market();
    const count = 700;
    for (let order = 0; order < count; order++) alice.order({ symbol });
    alice.massCancel({ firm: FIRM, symbol });
    alice.order({ symbol });
    // A query would be answered before the mass cancel is over; a new order is not.
    const heard = await alice.texts(2 * count + 2);
    assert.deepEqual(heard.splice(0, count + 1).at(-1), `X ${count + 1}`);
    assert.deepEqual(heard, [
      ...Array.from({ length: count }, (_, index) => `C ${index + 1} 100 U`),
      `A ${count + 2} L`,
    ]);
  });
});

describe("Disable and Enable Order Entry", () => {
  test("stop and allow new orders and replaces of a firm; what rests stays and can be canceled", async () => {
    const { symbol, alice } = await market();
    alice.order({ symbol });
    alice.disable({ firm: FIRM });
    alice.order({ symbol });
    alice.order({ symbol, tags: { FIRM: OTHER_FIRM } });
    alice.replace({ origUserRefNum: 1, quantity: 50, price: dollars(10) });
    alice.cancel({ userRefNum: 1, quantity: 60 });
    alice.enable({ firm: FIRM });
    alice.order({ symbol });
    assert.deepEqual(await alice.heard(), [
      ...["A 1 L", "G 2", "J 3 000C", "A 4 L", "J 5 000C", "C 1 40 U", "K 6", "A 7 L"],
    ]);
    alice.disable({ firm: "ZZZZ" });
    alice.enable({ firm: "ZZZZ" });
    assert.deepEqual(await alice.heard(), ["J 8 000C", "J 9 000C"]);
  });
});

describe("Account Query", () => {
  test("tells the number that an Enter can then use, in each channel by itself", async () => {
    const { symbol, alice } = await market();
    const tags = { USER_REF_IDX: 5 };
    const ask = async (fields = {}): Promise<string> => {
      alice.query(fields);
      return alice.nextText();
    };
    assert.deepEqual([await ask(), await ask({ tags })], ["Q 1", "Q 1 /5"]);
    alice.order({ symbol, userRefNum: 40 });
    alice.order({ symbol, userRefNum: 3, tags });
    assert.deepEqual(await alice.texts(2), ["A 40 L", "A 3 L /5"]);
    assert.deepEqual([await ask(), await ask({ tags })], ["Q 41", "Q 4 /5"]);
    assert.equal(await ask({ tags: { USER_REF_IDX: 6 } }), "Q 1 /6");
    alice.order({ symbol, userRefNum: 41 });
    alice.order({ symbol, userRefNum: 4, tags });
    alice.order({ symbol, userRefNum: 4, tags });
    assert.deepEqual(await alice.heard(), ["A 41 L", "A 4 L /5"]);
  });

  test("answers 0 when the numbers are used up, and the last one can be used", async () => {
    const { symbol, alice } = await market();
    alice.order({ symbol, userRefNum: 0xfffffffe });
    alice.query();
    alice.order({ symbol, userRefNum: 0xffffffff });
    alice.query();
    alice.order({ symbol, userRefNum: 0xffffffff });
    assert.deepEqual(await alice.texts(4), [
      ...["A 4294967294 L", "Q 4294967295", "A 4294967295 L", "Q 0"],
    ]);
    assert.deepEqual(await alice.heard(), []);
  });
});

test("every message about an order of a channel carries its UserRefIdx", async () => {
  const { symbol, alice, bob } = await market();
  const tags = { USER_REF_IDX: 9 };
  alice.order({ symbol, userRefNum: 1, quantity: 300, tags });
  bob.order({ symbol, side: "S", userRefNum: 1, quantity: 50, tags: { USER_REF_IDX: 200 } });
  await bob.heard();
  alice.replace({ origUserRefNum: 1, userRefNum: 2, quantity: 300, price: dollars(10), tags });
  alice.modify({ userRefNum: 2, side: "B", quantity: 200, tags });
  alice.cancel({ userRefNum: 2, quantity: 100, tags });
  // The same number in the port-wide channel is another order, and there is none.
  alice.cancel({ userRefNum: 2 });
  alice.order({ symbol, userRefNum: 3, quantity: 0, tags });
  alice.disable({ firm: FIRM, userRefNum: 4, tags });
  alice.enable({ firm: FIRM, userRefNum: 5, tags });
  alice.massCancel({ firm: FIRM, symbol, userRefNum: 6, tags });
  alice.query({ tags });
  const texts = await alice.texts(11);
  assert.deepEqual(
    texts.filter((text) => !text.endsWith(" /9")),
    [],
  );
  assert.deepEqual(
    texts.map((text) => text.replace(" /9", "")),
    [
      ...["A 1 L", "E 1 50@10.0000 A", "U 1>2 250 L", "M 2 B 150", "C 2 100 U"],
      ...["J 3 0013", "G 4", "K 5", "X 6", "C 2 50 U", "Q 7"],
    ],
  );
  assert.deepEqual(bob.allTexts.slice(-3, -1), ["A 1 L /200", "E 1 50@10.0000 R /200"]);
});

test("order reference numbers and timestamps never go back", async () => {
  const { symbol, alice } = await market();
  for (let order = 0; order < 500; order++) alice.order({ symbol });
  const heard = await alice.heardMessages();
  const references = heard.map(({ fields }) => BigInt(fields.orderReference ?? 0));
  const rises = references.every((reference, index) => reference > (references[index - 1] ?? 0n));
  assert.ok(rises, "a reference is not above the one before it");
  const stamps = heard.map(({ fields }) => Number(fields.timestamp));
  assert.deepEqual(
    stamps,
    stamps.toSorted((left, right) => left - right),
  );
});
