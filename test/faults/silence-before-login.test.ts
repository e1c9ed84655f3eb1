// A client that connects and says nothing, or not enough.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PASSWORD, TestGateway } from "../support/gateway.ts";
import { login, packet } from "../support/soup-packets.ts";

test("who has not sent a whole login in time is told and closed; debug texts do not help", async (context) => {
  const timeoutMs = 400;
  const settings = { "session.loginTimeoutMs": timeoutMs };
  const gateway = await TestGateway.start(context, { settings });
  const trader = await gateway.trader();
  const startMs = performance.now();
  const silent = await gateway.raw();
  const halfway = await gateway.raw();
  halfway.send(login({ userName: gateway.user(), password: PASSWORD }).subarray(0, 30));
  const talking = await gateway.raw();
  const timer = setInterval(() => talking.send(packet("+", "still here")), timeoutMs / 4);
  for (const connection of [silent, halfway, talking]) {
    const { packets, isReset } = await connection.ended();
    assert.deepEqual(packets, ["+:no login request came"]);
    assert.equal(isReset, false);
  }
  clearInterval(timer);
  const elapsedMs = performance.now() - startMs;
  assert.ok(elapsedMs >= timeoutMs - 50 && elapsedMs < timeoutMs + 3_000, `${elapsedMs} ms`);
  trader.order();
  assert.deepEqual(await trader.heard(), ["A 1 L"]);
});
