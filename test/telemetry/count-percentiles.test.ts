import assert from "node:assert/strict";
import { test } from "node:test";
import { highestNsAt, percentilesNs } from "../../src/telemetry/count-percentiles.ts";
import { COARSE, hdrIndex, PRECISE } from "../../src/telemetry/hdr-index.ts";
import { fuzzSeed, SeededRandom } from "../support/seeded-random.ts";

test("the largest value of an index is the last one that counts there", () => {
  for (const { halfBits, countsLength } of [PRECISE, COARSE]) {
    const last = hdrIndex(60e9, halfBits);
    for (let index = 0; index < Math.min(last, countsLength); index++) {
      const highest = highestNsAt(index, halfBits);
      assert.equal(hdrIndex(highest, halfBits), index);
      assert.equal(hdrIndex(highest + 1, halfBits), index + 1);
    }
  }
});

const seed = fuzzSeed();
test(`percentiles are those of the sorted values, within their precision (seed ${seed})`, () => {
  const random = new SeededRandom(seed);
  for (const count of [1, 2, 999, 20_000]) {
    const values = Array.from({ length: count }, () =>
      Math.floor(1e3 * 10 ** ((random.u32() / 2 ** 32) * 6)),
    );
    const counts = new Uint32Array(PRECISE.countsLength);
    for (const value of values) counts[hdrIndex(value, PRECISE.halfBits)]! += 1;
    values.sort((one, other) => one - other);
    const quantiles = [0, 0.5, 0.99, 0.999, 1];
    for (const [place, found] of percentilesNs(counts, PRECISE, quantiles).entries()) {
      const rank = Math.max(1, Math.ceil((quantiles[place] ?? 0) * count));
      const exact = values[rank - 1] ?? 0;
      assert.ok(found >= exact && found <= exact * 1.001 + 1, `${found} is not ${exact}`);
    }
  }
});

test("nothing counted has no percentiles", () => {
  assert.deepEqual(percentilesNs(new Uint32Array(8), COARSE, [0.5, 0.999]), [0, 0]);
});
