import assert from "node:assert/strict";
import { test } from "node:test";
import { checkCounts } from "../../../native-free-bench/scenarios/exact-counts.ts";

test("what a load tool knows is what the gateway counted, and each stage has as many samples", async () => {
  const { load, checks } = await checkCounts({ seconds: 1.5, rate: 3_000, accounts: 8 });
  assert.deepEqual(load.faults, []);
  for (const [what, expected, found] of checks) assert.equal(found, expected, what);
  assert.ok(load.counts.sent > 3_000);
});
