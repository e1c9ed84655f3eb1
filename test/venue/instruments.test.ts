import assert from "node:assert/strict";
import { test } from "node:test";
import { MemoryStateWriter } from "../../src/journal/state-memory.ts";
import { Instruments, NO_INSTRUMENT, symbolHashOf } from "../../src/venue/instruments.ts";
import { fuzzSeed, SeededRandom } from "../support/seeded-random.ts";

function restored(table: Instruments): Instruments {
  const state = new MemoryStateWriter();
  table.save(state);
  const copy = new Instruments(table.instrumentsMax);
  copy.restore(state.toReader());
  return copy;
}

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
    instruments.takeOrder(index);
  }
  assert.equal(instruments.isFull, true);
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

test("in a full table whoever has had no order for longest is forgotten for a new one", () => {
  const instruments = new Instruments(3);
  for (const symbol of [1, 2, 3]) instruments.takeOrder(instruments.findOrAdd(symbol, symbol, 7));
  instruments.setListed(2, false);
  for (const instrument of [2, 0, 1]) instruments.giveOrder(instrument);
  instruments.takeOrder(0);
  assert.deepEqual([instruments.count, instruments.inUse], [3, 1]);

  assert.equal(instruments.findOrAdd(4, 4, 1), 2);
  assert.deepEqual([instruments.tickSize(2), instruments.isListed(2)], [1, true]);
  assert.equal(instruments.find(3, 3), NO_INSTRUMENT);
  assert.deepEqual([instruments.find(1, 1), instruments.find(2, 2)], [0, 1]);
  instruments.takeOrder(2);
  assert.equal(instruments.findOrAdd(5, 5, 1), 1);
  instruments.takeOrder(1);
  assert.equal(instruments.findOrAdd(2, 2, 1), NO_INSTRUMENT);
  assert.deepEqual([instruments.count, instruments.inUse], [3, 3]);
});

const seed = fuzzSeed();
test(`a small table is what a list of its instruments is, also once restored (seed ${seed})`, () => {
  const random = new SeededRandom(seed);
  for (let round = 0; round < 40; round++) {
    const instrumentsMax = 1 + random.below(40);
    const symbolCount = 1 + random.below(120);
    let table = new Instruments(instrumentsMax);
    const twin: { symbol: number; orders: number; idleSince: number }[] = [];
    for (let step = 1; step < 1500; step++) {
      const symbol = random.below(symbolCount);
      let known = twin.findIndex((entry) => entry.symbol === symbol);
      assert.equal(table.find(symbol, 7), known);
      if (random.chance(2)) {
        if (known === -1 && twin.length < instrumentsMax) known = twin.length;
        if (known === -1) {
          const idle = twin.filter(({ orders }) => orders === 0);
          const oldest = idle.sort((one, other) => one.idleSince - other.idleSince)[0];
          known = oldest === undefined ? NO_INSTRUMENT : twin.indexOf(oldest);
        }
        assert.equal(table.findOrAdd(symbol, 7, 1), known);
        if (known === NO_INSTRUMENT) continue;
        const entry = twin[known];
        if (entry?.symbol !== symbol) {
          twin[known] = { symbol, orders: 0, idleSince: entry?.idleSince ?? step };
        }
        if (random.chance(4)) continue;
        table.takeOrder(known);
        twin[known]!.orders++;
      } else if (known !== -1 && twin[known]!.orders > 0) {
        table.giveOrder(known);
        twin[known]!.orders--;
        twin[known]!.idleSince = step;
      }
      assert.equal(table.inUse, twin.filter(({ orders }) => orders > 0).length);
      if (random.chance(100)) table = restored(table);
    }
  }
});

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
