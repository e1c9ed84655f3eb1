import assert from "node:assert/strict";
import { test } from "node:test";
import { measure } from "../../../../native-free-bench/harness/measure.ts";
import { CODEC_CASES } from "../../../../native-free-bench/micro/protocol/codec.ts";

test("the codecs' bench runs, and every case does work of its own", async () => {
  const results = await measure(CODEC_CASES, { count: 1000, rounds: 2 });
  const checksums = new Set(results.map(({ checksum }) => checksum));
  assert.equal(checksums.size, CODEC_CASES.length);
});
