import assert from "node:assert/strict";
import { test } from "node:test";
import { Instruments, NO_INSTRUMENT, symbolHashOf } from "../../src/venue/instruments.ts";
import { fuzzSeed, SeededRandom } from "../support/seeded-random.ts";

test("instruments are numbered in the order of their first use and keep their tick", () => {
  const instruments = new Instruments(10);
  assert.equal(instruments.find(0x41414141, 0x20202020), NO_INSTRUMENT);
  assert.equal(instruments.findOrAdd(0x41414141, 0x20202020, 100), 0);
  assert.equal(instruments.findOrAdd(0xffffffff, 0x80000000, 1), 1);
  assert.equal(instruments.findOrAdd(0x41414141, 0x20202020, 5), 0);
  assert.equal(instruments.tickSize(0), 100);
  assert.equal(instruments.find(0xffffffff, 0x80000000), 1);
  assert.equal(instruments.symbolHigh(1), 0xffffffff);
  assert.equal(instruments.symbolLow(1), 0x80000000);
  assert.equal(instruments.count, 2);
});

test("a full table still finds what it has and takes nothing new", () => {
  const instruments = new Instruments(1_000);
  for (let index = 0; index < 1_000; index++) {
    assert.equal(instruments.findOrAdd(index >>> 4, index * 0x01010101, 1), index);
  }
  assert.equal(instruments.findOrAdd(0x5a5a5a5a, 0x20202020, 1), NO_INSTRUMENT);
  assert.equal(instruments.find(0x5a5a5a5a, 0x20202020), NO_INSTRUMENT);
  for (let index = 0; index < 1_000; index++) {
    assert.equal(instruments.findOrAdd(index >>> 4, index * 0x01010101, 1), index);
  }
});

test("an instrument takes new orders from the start, until the list no longer names it", () => {
  const instruments = new Instruments(2);
  const added = instruments.findOrAdd(7, 8, 100);
  assert.equal(instruments.isListed(added), true);
  instruments.setListed(added, false);
  instruments.setTickSize(added, 5);
  assert.equal(instruments.isListed(added), false);
  assert.equal(instruments.findOrAdd(7, 8, 1), added);
  assert.equal(instruments.tickSize(added), 5);
});

const seed = fuzzSeed();
test(`symbols that share one place share it under no other secret (seed ${seed})`, () => {
  const random = new SeededRandom(seed);
  const placeMask = 2 ** 12 - 1;
  const letters = (): number => {
    let half = 0;
    for (let letter = 0; letter < 4; letter++) half = (half << 8) | (0x41 + random.below(26));
    return half;
  };
  const chosen: [number, number][] = [];
  while (chosen.length < 200) {
    const [high, low] = [letters(), letters()];
    if ((symbolHashOf(high, low, 0) & placeMask) === 8) chosen.push([high, low]);
  }
  for (let round = 0; round < 50; round++) {
    const secret = random.below(2 ** 32) | 0;
    const homes = new Map<number, number>();
    for (const [high, low] of chosen) {
      const home = symbolHashOf(high, low, secret) & placeMask;
      homes.set(home, (homes.get(home) ?? 0) + 1);
    }
    // 200 by chance among 4,096 places.
    assert.ok(Math.max(...homes.values()) <= 8, `secret ${secret}: ${Math.max(...homes.values())}`);
  }
});
