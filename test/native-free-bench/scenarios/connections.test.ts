import assert from "node:assert/strict";
import { test } from "node:test";
import {
  connectionsLines,
  measureConnections,
} from "../../../native-free-bench/scenarios/connections.ts";

test("the scenario of many connections runs: all log in, all their orders are answered, memory is seen", async () => {
  const plan = {
    counts: [2, 150],
    rate: 1_000,
    rounds: 1,
    isThereAndBack: false,
    warmupSeconds: 0,
    seconds: 0.2,
    heartbeatMs: 10_000,
  };
  const rows = await measureConnections(plan, () => undefined);
  for (const { count, runs } of rows) {
    const [run] = runs;
    assert.ok(run !== undefined && runs.length === 1);
    assert.deepEqual(run.load.faults, []);
    assert.equal(run.load.counts.connections, count);
    assert.ok(run.load.loginSeconds > 0);
    assert.ok(run.readyBytes > 0 && run.loggedInBytes > 0 && run.loadedBytes > 0);
  }
  assert.match(
    connectionsLines(plan, rows).join("\n"),
    /slope, 2 to 150 connections: .* per connection/,
  );
});
