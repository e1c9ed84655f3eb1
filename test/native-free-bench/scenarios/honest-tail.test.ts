import assert from "node:assert/strict";
import { test } from "node:test";
import { measureHonesty } from "../../../native-free-bench/scenarios/honest-tail.ts";

test("the scenario of the honest tail runs: the gateway's own figures beside the client's", async () => {
  const plan = { seconds: 1, warmup: 0, rounds: 1, rate: 500, accounts: 4 };
  const runs = await measureHonesty(plan, () => undefined);
  assert.deepEqual(
    runs.map(({ isBlocked }) => isBlocked),
    [false, true],
  );
  for (const { load, own } of runs) {
    assert.deepEqual(load.faults, []);
    assert.ok(own.count > 0);
  }
});
