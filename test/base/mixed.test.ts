import assert from "node:assert/strict";
import { test } from "node:test";
import { mixed } from "../../src/base/mixed.ts";

// MurmurHash3_x86_32 of no bytes is this mix of its seed (vectors: Appleby's SMHasher and those who follow it).
test("it is the end of MurmurHash3", () => {
  assert.equal(mixed(0) >>> 0, 0);
  assert.equal(mixed(1) >>> 0, 0x514e28b7);
  assert.equal(mixed(0xffffffff) >>> 0, 0x81f16f39);
});

test("each bit that is given changes about half of what comes", () => {
  for (let bit = 0; bit < 32; bit++) {
    let changed = 0;
    for (let value = 0; value < 1000; value++) {
      let difference = mixed(value) ^ mixed(value ^ (1 << bit));
      for (; difference !== 0; difference &= difference - 1) changed++;
    }
    assert.ok(changed > 14_000 && changed < 18_000, `bit ${bit}: ${changed / 1000}`);
  }
});
