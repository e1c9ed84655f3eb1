// A client that sends everything again after a broken connection: harmless (ouch50.md §2, §6.7).

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { FIRM, TestGateway } from "../support/gateway.ts";
import { dollars, type Trader } from "../support/trader.ts";

const gateway = await TestGateway.start({ after });

test("duplicate and lower numbers are ignored on every request that takes a new one", async () => {
  const trader = await gateway.trader();
  trader.order({ userRefNum: 10 });
  assert.deepEqual(await trader.heard(), ["A 10 L"]);
  for (const userRefNum of [10, 9, 1, 0]) {
    trader.order({ userRefNum });
    trader.replace({ origUserRefNum: 10, userRefNum, quantity: 50, price: dollars(10) });
    trader.massCancel({ userRefNum, firm: FIRM });
    trader.disable({ userRefNum, firm: FIRM });
    trader.enable({ userRefNum, firm: FIRM });
  }
  assert.deepEqual(await trader.heard(), []);
  assert.equal(trader.nextUserRefNum, 11);
});

test("an ignored request is explained at most once a second, for people", async () => {
  const trader = await gateway.trader();
  trader.order({ userRefNum: 1 });
  const startMs = performance.now();
  for (let again = 0; again < 1_000; again++) trader.order({ userRefNum: 1 });
  await trader.heard();
  const seconds = Math.ceil((performance.now() - startMs) / 1_000);
  const explained = trader.debugTexts.filter((text) => text.includes("ignored O 1"));
  assert.ok(explained.length >= 1 && explained.length <= seconds, `${explained.length} texts`);
});

test("a whole day's requests sent again change nothing, on this connection and on the next", async () => {
  const sendAll = (trader: Trader): void => {
    trader.order({ userRefNum: 1, quantity: 300 });
    trader.order({ userRefNum: 2, side: "S", price: dollars(11) });
    trader.replace({ origUserRefNum: 1, userRefNum: 3, quantity: 200, price: dollars(9) });
    trader.cancel({ userRefNum: 3, quantity: 100 });
    trader.modify({ userRefNum: 2, side: "T", quantity: 50 });
  };
  const trader = await gateway.trader();
  sendAll(trader);
  const texts = ["A 1 L", "A 2 L", "U 1>3 200 L", "C 3 100 U", "M 2 T 50"];
  assert.deepEqual(await trader.heard(), texts);
  sendAll(trader);
  assert.deepEqual(await trader.heard(), []);

  const sequence = trader.nextExpected;
  trader.close();
  await trader.closed();
  const back = await gateway.trader(trader.user, { session: gateway.session, sequence });
  sendAll(back);
  assert.deepEqual(await back.heard(), []);
});
