import assert from "node:assert/strict";
import { test } from "node:test";
import { measureDoorbells } from "../../../../native-free-bench/micro/memory/doorbell.ts";

test("the doorbell's bench runs, and each trip rings once", async () => {
  const results = await measureDoorbells({ count: 200, rounds: 2 });
  assert.deepEqual(
    results.map(({ checksum }) => checksum),
    [200, 200, 200],
  );
});
