// One connection that sends as fast as it can beside 63 normal ones (semantics §2.3).

import assert from "node:assert/strict";
import { test } from "node:test";
import { TestGateway } from "../support/gateway.ts";
import type { Trader } from "../support/trader.ts";

const NORMAL = 63;
const ROUNDS = 20;
const FLOOD_AT_ONCE = 2_000;
const FLOOD_MAX = 60_000;

test("beside a flooder everybody is answered, request by request, and the flooder too", async (context) => {
  // A small ring: the flooder alone could fill it many times over.
  const gateway = await TestGateway.start(context, { settings: { "lanes.inboundSlots": 256 } });
  const flooder = await gateway.trader();
  const normal = await Promise.all(Array.from({ length: NORMAL }, () => gateway.trader()));

  let isFlooding = true;
  let flooded = 0;
  const flood = (): void => {
    if (!isFlooding || flooded >= FLOOD_MAX) return;
    for (let order = 0; order < FLOOD_AT_ONCE; order++) flooder.order({ timeInForce: "3" });
    flooded += FLOOD_AT_ONCE;
    setImmediate(flood);
  };
  flood();
  await Promise.all(normal.map((trader) => tradeInTurn(trader)));
  isFlooding = false;

  assert.deepEqual(await flooder.heard(), numbered(flooded, "D"));
  for (const trader of [flooder, ...normal]) assert.equal(trader.closing, undefined);
});

/** One order after the other, each answered before the next. */
async function tradeInTurn(trader: Trader): Promise<void> {
  for (let round = 1; round <= ROUNDS; round++) {
    trader.order();
    assert.equal(await trader.nextText(), `A ${round} L`);
  }
}

const numbered = (count: number, state: string): string[] =>
  Array.from({ length: count }, (_, index) => `A ${index + 1} ${state}`);
