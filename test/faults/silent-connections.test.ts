// A crowd that connects and says nothing, beside sessions that trade.

import assert from "node:assert/strict";
import { test } from "node:test";
import { TestGateway } from "../support/gateway.ts";
import type { RawConnection } from "../support/raw-connection.ts";

const CROWD = 1_000;

test("a thousand silent connections beside trading sessions cost those nothing, and are all let go", async (context) => {
  const settings = { "session.loginTimeoutMs": 3_000 };
  const gateway = await TestGateway.start(context, { settings });
  const traders = await Promise.all(Array.from({ length: 4 }, () => gateway.trader()));
  const crowd: RawConnection[] = [];
  while (crowd.length < CROWD) {
    crowd.push(...(await Promise.all(Array.from({ length: 50 }, () => gateway.raw()))));
    for (const trader of traders) trader.order();
    for (const trader of traders) assert.equal((await trader.heard()).length, 1);
  }
  // Newcomers are as welcome as before.
  const late = await gateway.trader();
  late.order();
  assert.deepEqual(await late.heard(), ["A 1 L"]);

  for (const { packets, isReset } of await Promise.all(crowd.map((one) => one.ended()))) {
    assert.deepEqual(packets, ["+:no login request came"]);
    assert.equal(isReset, false);
  }
  for (const trader of traders) {
    trader.order();
    assert.equal((await trader.heard()).length, 1);
    assert.equal(trader.closing, undefined);
  }
});

test("beyond listen.pendingMax newcomers are closed at once, sessions stay, and a place that is left is free", async (context) => {
  const pendingMax = 8;
  const gateway = await TestGateway.start(context, {
    settings: { "listen.pendingMax": pendingMax },
  });
  const trader = await gateway.trader();
  const crowd = await Promise.all(Array.from({ length: pendingMax }, () => gateway.raw()));
  const turnedAway = await gateway.raw();
  assert.deepEqual((await turnedAway.ended()).packets, []);
  trader.order();
  assert.deepEqual(await trader.heard(), ["A 1 L"]);

  for (const one of crowd) one.close();
  // The gateway learns of it when it does; until then it turns us away.
  const later = await firstLogin(gateway);
  later.order();
  assert.deepEqual(await later.heard(), ["A 1 L"]);
});

async function firstLogin(
  gateway: TestGateway,
): Promise<Awaited<ReturnType<TestGateway["trader"]>>> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const trader = await gateway.trader().catch(() => undefined);
    if (trader !== undefined) return trader;
  }
  return assert.fail("no place became free");
}
