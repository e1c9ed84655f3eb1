import assert from "node:assert/strict";
import { test } from "node:test";
import { Float64Histogram } from "hdr-histogram-js";
import { COARSE, hdrIndex, LATENCY_NS_MAX, PRECISE } from "../../src/telemetry/hdr-index.ts";
import { fuzzSeed, SeededRandom } from "../support/seeded-random.ts";

/** The library's own index of a value. */
class LibraryIndex extends Float64Histogram {
  constructor(digits: number) {
    super(1, LATENCY_NS_MAX, digits);
  }

  of(value: number): number {
    return this.countsArrayIndex(value);
  }
  firstValueOf(index: number): number {
    return this.valueFromIndex(index);
  }
}

for (const { digits, halfBits, countsLength } of [PRECISE, COARSE]) {
  const library = new LibraryIndex(digits);

  test(`at ${digits} digits there are as many counts as the library has`, () => {
    assert.equal(library.countsArrayLength, countsLength);
  });

  test(`at ${digits} digits every edge of every bucket counts where the library counts it`, () => {
    for (let index = 0; index < countsLength; index++) {
      const edge = library.firstValueOf(index);
      for (const value of [edge - 1, edge, edge + 1]) {
        if (value < 0 || value > LATENCY_NS_MAX) continue;
        assert.equal(hdrIndex(value, halfBits), library.of(value), `${value}`);
      }
    }
  });

  test(`at ${digits} digits what is no value of the range counts at its nearest end`, () => {
    const last = library.of(LATENCY_NS_MAX);
    for (const value of [LATENCY_NS_MAX, LATENCY_NS_MAX + 1, 2 ** 53, Infinity, NaN]) {
      assert.equal(hdrIndex(value, halfBits), last, `${value}`);
    }
    for (const value of [0, -0, -1, -(2 ** 31) - 5, -Infinity]) {
      assert.equal(hdrIndex(value, halfBits), 0, `${value}`);
    }
    assert.ok(last < countsLength);
  });
}

const seed = fuzzSeed();
test(`random values count where the library counts them, FUZZ_SEED=${seed}`, () => {
  const random = new SeededRandom(seed);
  for (const { digits, halfBits } of [PRECISE, COARSE]) {
    const library = new LibraryIndex(digits);
    for (let count = 0; count < 65_536; count++) {
      const value = Math.floor(Math.exp((random.u32() / 2 ** 32) * Math.log(LATENCY_NS_MAX)));
      assert.equal(hdrIndex(value, halfBits), library.of(value), `${value}`);
    }
  }
});

test("a fraction of a nanosecond counts as the whole one below it", () => {
  const { halfBits } = PRECISE;
  for (const value of [0, 1, 2047, 2 ** 31 - 1, 2 ** 31, 1e10]) {
    assert.equal(hdrIndex(value + 0.9, halfBits), hdrIndex(value, halfBits));
  }
});
