// Whoever collects the gateway's lines dies: that takes lines from operators, and nothing from anybody who trades.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { TestGateway } from "../support/gateway.ts";

const gateway = await TestGateway.start({ after });

test("lines that nobody takes any more end no session", async () => {
  const trader = await gateway.trader();
  gateway.child.stdout?.destroy();
  gateway.child.stderr?.destroy();
  // Each of them has a line: "connection closed".
  for (let visitor = 0; visitor < 3; visitor++) {
    const connection = await gateway.raw();
    connection.send(Buffer.from([0, 0]));
    await connection.ended();
  }
  trader.order();
  assert.equal((await trader.heard()).length, 1);
  assert.equal(gateway.child.exitCode, null);
});
