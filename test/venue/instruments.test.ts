import assert from "node:assert/strict";
import { test } from "node:test";
import { Instruments, NO_INSTRUMENT } from "../../src/venue/instruments.ts";

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
