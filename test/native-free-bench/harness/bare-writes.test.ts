import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { writeBare } from "../../../native-free-bench/harness/bare-writes.ts";
import { Scratch } from "../../../native-free-bench/harness/scratch.ts";

test("bare writes go through their sizes and through their file, which is gone afterwards", () => {
  using scratch = new Scratch("bare-writes-test");
  const path = join(scratch.path, "bare");
  const { writes, bytes, latency } = writeBare(path, 4096, [1000, 3000], 0.05);
  assert.equal(latency.count, writes);
  assert.equal(bytes, Math.floor(writes / 2) * 4000 + (writes % 2) * 1000);
  assert.equal(existsSync(path), false);
});
