import assert from "node:assert/strict";
import { test } from "node:test";
import { measure } from "../../../../native-free-bench/harness/measure.ts";
import { REFERENCE_CASES } from "../../../../native-free-bench/micro/lane/references.ts";

test("the references' bench runs, and every way makes the same numbers", async () => {
  const [empty, ...made] = await measure(REFERENCE_CASES, { count: 1_000, rounds: 1 });
  const checksums = new Set(made.map(({ checksum }) => checksum));
  assert.equal(checksums.size, 1);
  assert.ok(empty !== undefined && !checksums.has(empty.checksum));
});
