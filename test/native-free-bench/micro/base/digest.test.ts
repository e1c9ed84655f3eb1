import assert from "node:assert/strict";
import { test } from "node:test";
import { measure } from "../../../../native-free-bench/harness/measure.ts";
import { DIGEST_CASES } from "../../../../native-free-bench/micro/base/digest.ts";

test("the digest's bench runs, and every case does work of its own", async () => {
  const results = await measure(DIGEST_CASES, { count: 1000, rounds: 2 });
  const checksums = new Set(results.map(({ checksum }) => checksum));
  assert.equal(checksums.size, DIGEST_CASES.length);
});
