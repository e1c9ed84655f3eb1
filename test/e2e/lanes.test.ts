// Two lanes with the venue that accepts everything and never matches.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { laneOf } from "../../src/gate/lane-of.ts";
import { FIRM, TestGateway } from "../support/gateway.ts";
import { dollars } from "../support/trader.ts";

const LANES = 2;
const gateway = await TestGateway.start(
  { after },
  { settings: { "lanes.count": LANES, "venue.kind": "ack" } },
);

test("accounts of both lanes log in, enter, resume and leave beside each other", async () => {
  const traders = await Promise.all(Array.from({ length: 16 }, () => gateway.trader()));
  const lanes = new Set(traders.map(({ user }) => laneOf(user, LANES)));
  assert.equal(lanes.size, LANES, "the accounts are all in one lane");
  for (const trader of traders) {
    for (let order = 0; order < 50; order++) trader.order({ side: order % 2 === 0 ? "B" : "S" });
  }
  const accepted = Array.from({ length: 50 }, (_, index) => `A ${index + 1} L`);
  for (const trader of traders) {
    assert.deepEqual(await trader.heard(), accepted);
    await trader.logout();
  }
  for (const { user } of traders) {
    const back = await gateway.trader(user, { session: gateway.session, sequence: 2 });
    // Behind System Event S there is the query of the login, then the orders.
    assert.deepEqual((await back.texts(51)).slice(1), accepted);
    await back.logout();
  }
});

test("the venue that only accepts does replaces, reductions and mass cancels by the same arithmetic", async () => {
  const trader = await gateway.trader();
  trader.order({ quantity: 500 });
  trader.order({ side: "S", quantity: 500 });
  trader.order({ timeInForce: "3" });
  trader.replace({ origUserRefNum: 1, quantity: 300, price: dollars(11) });
  trader.cancel({ userRefNum: 4, quantity: 200 });
  trader.modify({ userRefNum: 2, side: "T", quantity: 400 });
  trader.massCancel({ firm: FIRM });
  assert.deepEqual(await trader.heard(), [
    ...["A 1 L", "A 2 L", "A 3 D", "U 1>4 300 L", "C 4 100 U", "M 2 T 400"],
    ...["X 5", "C 2 400 U", "C 4 200 U"],
  ]);
});

test("order references of different lanes never meet", async () => {
  const traders = await Promise.all(Array.from({ length: 8 }, () => gateway.trader()));
  for (const trader of traders) for (let order = 0; order < 100; order++) trader.order();
  const references = new Set<unknown>();
  for (const trader of traders) {
    for (const { fields } of await trader.heardMessages()) references.add(fields.orderReference);
  }
  assert.equal(references.size, 800);
});
