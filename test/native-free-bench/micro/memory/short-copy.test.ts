import assert from "node:assert/strict";
import { test } from "node:test";
import { measure } from "../../../../native-free-bench/harness/measure.ts";
import { SHORT_COPY_CASES } from "../../../../native-free-bench/micro/memory/short-copy.ts";

test("the bench of short copies runs, and both ways of copying do the same", async () => {
  const results = await measure(SHORT_COPY_CASES, { count: 5000, rounds: 2 });
  const [empty, ...copies] = results.map(({ checksum }) => checksum);
  const [read, readByWords, page, pageByWords] = copies;
  assert.equal(readByWords, read);
  assert.equal(pageByWords, page);
  assert.equal(new Set([empty, read, page]).size, 3);
});
