import assert from "node:assert/strict";
import { test } from "node:test";
import { runTarget, TARGET_LOAD } from "../../../native-free-bench/targets/run-target.ts";
import {
  ECHO,
  echoOf,
  gatewayTarget,
  SOUPBINTCP,
  SOUPBINTCP_NO_DELAY,
} from "../../../native-free-bench/targets/target.ts";

const LOAD = {
  ...TARGET_LOAD,
  arrivals: "constant",
  connections: 4,
  rate: 1_000,
  warmupSeconds: 0,
  seconds: 0.2,
} as const;

const TARGETS = [
  ECHO,
  echoOf(2, false),
  SOUPBINTCP,
  SOUPBINTCP_NO_DELAY,
  gatewayTarget("ack", "none"),
  gatewayTarget("book", "process-crash"),
];

for (const target of TARGETS) {
  test(`one client measures each target alike: ${target.name}`, async () => {
    const { faults, counts, latency } = await runTarget(target, LOAD);
    assert.deepEqual(faults, []);
    assert.equal(counts.sent, 200);
    assert.equal(counts.answered, 200);
    assert.equal(latency.response.count, 200);
    // In the book each order meets the one before it, and both are told.
    assert.equal(counts.executions, target.speech.isCrossing ? 200 : 0);
  });
}

test("a target that does not come up is a fault in its result, with what it said", async () => {
  const target = gatewayTarget("ack", "none", ["lanes.count=none"]);
  const { isValid, faults, counts } = await runTarget(target, LOAD);
  assert.equal(isValid, false);
  assert.match(faults[0] ?? "", /did not come up[\s\S]*lanes\.count/);
  assert.equal(counts.sent, 0);
});

test("a target that ends on its way is a fault in its result", async () => {
  const kill = ({ pid }: { readonly pid: number }): void => {
    process.kill(pid, "SIGKILL");
  };
  const { isValid, faults } = await runTarget(ECHO, LOAD, { onReady: kill });
  assert.equal(isValid, false);
  assert.ok(faults.length > 0);
});
