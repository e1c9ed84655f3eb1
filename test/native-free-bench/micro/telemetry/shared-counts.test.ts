import assert from "node:assert/strict";
import { test } from "node:test";
import { measureCounts } from "../../../../native-free-bench/micro/telemetry/shared-counts.ts";

test("the bench of shared counts does the same work in both ways", async () => {
  const results = await measureCounts({ count: 3000, rounds: 2 });
  assert.deepEqual(
    results.map(({ name }) => name),
    ["values alone", "shared counts", "hdr-histogram-js"],
  );
  const [, shared, library] = results;
  assert.equal(shared?.checksum, library?.checksum);
  assert.ok(results.every(({ nsPerOperation }) => nsPerOperation > 0));
});
