import assert from "node:assert/strict";
import { test } from "node:test";
import { measureStartUp, startUpLines } from "../../../native-free-bench/scenarios/start-up.ts";

test("the scenario of a start runs: with nothing, and after kill −9 with what was answered before", async () => {
  const result = await measureStartUp({ rounds: 1, orders: 200, rate: 2_000 }, () => undefined);
  assert.equal(result.emptyMs.length, 1);
  assert.equal(result.recoveredMs.length, 1);
  assert.equal(result.orders, 200);
  assert.match(startUpLines(result).join("\n"), /200 orders, as many trades/);
});
