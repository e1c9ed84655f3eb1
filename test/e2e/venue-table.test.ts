// Every row of ops/venue.md, over a socket: what the operator reads there is what a client gets.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { FIRM, TestGateway } from "../support/gateway.ts";
import { LEGAL_ORDER, readVenueTable } from "../support/venue-table.ts";

const gateway = await TestGateway.start({ after });
const instruments = [{ symbol: "AAPL", tickSize: 0.01 }];
const listing = await TestGateway.start(
  { after },
  { settings: { "venue.instruments": instruments } },
);

for (const { message, field, change, answer, code } of readVenueTable()) {
  test(`${message} with ${field} ${JSON.stringify(change)} is answered ${answer} ${code}`, async () => {
    const trader = await gateway.trader();
    const isEnter = message === "Enter";
    trader.enter({ ...LEGAL_ORDER, ...(isEnter ? change : {}), userRefNum: 1 });
    if (!isEnter) {
      assert.equal(await trader.nextText(), "A 1 L");
      const { quantity, price } = LEGAL_ORDER;
      trader.replace({ quantity, price, ...change, origUserRefNum: 1, userRefNum: 2 });
    }
    const heard = await trader.heardMessages();
    assert.equal(heard.length, 1);
    const fields = heard[0]?.fields ?? {};
    assert.equal(fields.type, answer);
    const isState = answer === "A" || answer === "U";
    assert.equal(isState ? fields.orderState : fields.reason, code);

    // The number is used up, and by no other answer than these (ouch50.md §6.2).
    const used = isEnter || answer === "C" ? 1 : 2;
    assert.equal(trader.nextUserRefNum, used + 1);
    if (answer === "J" && !isEnter) {
      trader.cancel({ userRefNum: 1 });
      assert.deepEqual(await trader.heard(), ["C 1 100 U"], "the target did not stay");
    }
  });
}

test("where instruments are listed, another symbol is 0017 and half a tick is 001D", async () => {
  const trader = await listing.trader();
  trader.enter({ ...LEGAL_ORDER, symbol: "MSFT" });
  trader.enter({ ...LEGAL_ORDER, price: LEGAL_ORDER.price + 50 });
  trader.enter({ ...LEGAL_ORDER, price: LEGAL_ORDER.price + 100 });
  assert.deepEqual(await trader.heard(), ["J 1 0017", "J 2 001D", "A 3 L"]);
  trader.replace({ origUserRefNum: 3, quantity: 100, price: LEGAL_ORDER.price + 50 });
  assert.deepEqual(await trader.heard(), ["C 3 100 U"]);
});

test("the other requests are refused as the table of them says", async () => {
  const trader = await gateway.trader();
  trader.massCancel({ firm: "ZZZZ" });
  trader.disable({ firm: "ZZZZ" });
  trader.enable({ firm: "ZZZZ" });
  trader.massCancel({ firm: FIRM, tags: { SIDE: "Q" } });
  trader.massCancel({ firm: FIRM, tags: { MIN_QTY: 1 } });
  trader.disable({ firm: FIRM, tags: { GROUP_ID: 1 } });
  trader.massCancel({ firm: "" });
  assert.deepEqual(await trader.heard(), [
    ...["J 1 000C", "J 2 000C", "J 3 000C", "J 4 0009", "J 5 000F", "J 6 000F", "X 7"],
  ]);
});
