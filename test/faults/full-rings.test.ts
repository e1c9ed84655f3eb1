// Rings so small that they are full all the time lose nothing and block nobody for ever.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FIRM, TestGateway } from "../support/gateway.ts";

const TRADERS = 12;
const ORDERS = 400;

const SMALL: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  "an inbound ring of 8 slots": { "lanes.inboundSlots": 8 },
  "an outbound ring of 8 slots": { "lanes.outboundSlots": 8 },
  "both of 8 slots": { "lanes.inboundSlots": 8, "lanes.outboundSlots": 8 },
  "both of 8 slots, a window of a few packets and steps of one order": {
    "lanes.inboundSlots": 8,
    "lanes.outboundSlots": 8,
    "lanes.batchMax": 4,
    "lanes.outputsPerStepMax": 1,
    "session.windowBytes": 512,
  },
};

describe("nothing is lost with", { concurrency: true }, () => {
  for (const [name, settings] of Object.entries(SMALL)) {
    test(name, async (context) => {
      const gateway = await TestGateway.start(context, { settings });
      const traders = await Promise.all(Array.from({ length: TRADERS }, () => gateway.trader()));
      const expected = new Map(traders.map(({ user }) => [user, [] as string[]]));
      // Everything at once: orders, then one request that cancels them all, then one of the next.
      for (const trader of traders) {
        for (let order = 0; order < ORDERS; order++) trader.order({ quantity: 1 });
        trader.massCancel({ firm: FIRM });
        trader.order({ timeInForce: "3" });
      }
      for (const { user } of traders) {
        const numbers = Array.from({ length: ORDERS }, (_, index) => index + 1);
        expected
          .get(user)
          ?.push(
            ...numbers.map((number) => `A ${number} L`),
            `X ${ORDERS + 1}`,
            ...numbers.map((number) => `C ${number} 1 U`),
            `A ${ORDERS + 2} D`,
          );
      }
      for (const trader of traders) {
        // The mass cancel goes on between others' requests: a query would be answered before it is over.
        assert.deepEqual(
          await trader.texts(2 * ORDERS + 2),
          expected.get(trader.user),
          trader.user,
        );
        await trader.logout();
      }
      // Logins, leavings and resumes find their way through the same rings.
      for (const { user } of traders) {
        const back = await gateway.trader(user, { sequence: 1 });
        // Behind System Event S and the answer to the query of the first login.
        await back.untilSequence(2 + 2 * ORDERS + 2);
        assert.deepEqual(back.allTexts.slice(2), expected.get(user));
        back.close();
      }
    });
  }

  test("one trade that touches more orders than all rings hold", async (context) => {
    const settings = { "lanes.inboundSlots": 8, "lanes.outboundSlots": 8 };
    const gateway = await TestGateway.start(context, { settings });
    const [maker, taker] = await Promise.all([gateway.trader(), gateway.trader()]);
    for (let order = 0; order < ORDERS; order++) maker.order({ quantity: 1 });
    await maker.heard();
    taker.order({ side: "S", quantity: ORDERS });
    const trades = Array.from({ length: ORDERS }, () => "E 1 1@10.0000 R");
    assert.deepEqual(await taker.heard(), ["A 1 L", ...trades]);
    const told = Array.from({ length: ORDERS }, (_, index) => `E ${index + 1} 1@10.0000 A`);
    assert.deepEqual(await maker.heard(), told);
  });
});
