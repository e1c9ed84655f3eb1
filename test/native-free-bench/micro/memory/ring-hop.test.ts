import assert from "node:assert/strict";
import { test } from "node:test";
import { measure } from "../../../../native-free-bench/harness/measure.ts";
import { RING_HOP_CASES } from "../../../../native-free-bench/micro/memory/ring-hop.ts";

test("the ring's bench runs, and what comes out of a ring is what went in", async () => {
  const results = await measure(RING_HOP_CASES, { count: 1000, rounds: 2 });
  for (const { name, checksum } of results) assert.equal(checksum, results[0]?.checksum, name);
});
