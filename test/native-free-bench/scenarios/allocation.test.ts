import assert from "node:assert/strict";
import { test } from "node:test";
import { measureAllocation } from "../../../native-free-bench/scenarios/allocation.ts";

test("the allocation scenario runs: both threads are watched, and every request is answered", async () => {
  const args = ["--rate", "1000", "--accounts", "4", "--warmup", "1", "--seconds", "3"];
  const { load, requests, threads } = await measureAllocation(args);
  assert.deepEqual(load.faults, []);
  assert.ok(requests > 0);
  assert.deepEqual(
    threads.map(({ name }) => name),
    ["main", "lane-0"],
  );
});
