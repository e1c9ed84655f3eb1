import assert from "node:assert/strict";
import { test } from "node:test";
import { compare, median } from "../../src/tools/pairs-statistics.ts";

test("a median lies in the middle, or between the two middle ones", () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.ok(Number.isNaN(median([])));
});

test("a difference well above what A shows against itself is beyond the noise", () => {
  const rounds = [
    { first: 100, other: 150, again: 104 },
    { first: 98, other: 148, again: 101 },
    { first: 103, other: 155, again: 99 },
  ];
  const { ratio, noise, isBeyondNoise } = compare(rounds);
  assert.ok(ratio && Math.abs(ratio.median - 1.49) < 0.05);
  assert.ok(noise && noise.max < 1.05);
  assert.equal(isBeyondNoise, true);
});

test("a difference that A shows against itself too is within the noise", () => {
  const rounds = [
    { first: 100, other: 120, again: 130 },
    { first: 100, other: 118, again: 95 },
  ];
  assert.equal(compare(rounds).isBeyondNoise, false);
});

test("a round that points the other way keeps the difference within the noise", () => {
  const rounds = [
    { first: 100, other: 150, again: 100 },
    { first: 100, other: 150, again: 100 },
    { first: 100, other: 90, again: 100 },
  ];
  assert.equal(compare(rounds).isBeyondNoise, false);
});

test("runs that were not measured are left out; none at all is no result", () => {
  const { ratio, noise } = compare([
    { first: 100, other: null, again: 100 },
    { first: null, other: 120, again: 100 },
  ]);
  assert.equal(ratio?.count, 1);
  assert.equal(ratio?.median, 1.2);
  assert.equal(noise?.count, 1);
  const nothing = compare([{ first: null, other: null, again: null }]);
  assert.equal(nothing.ratio, null);
  assert.equal(nothing.isBeyondNoise, false);
});
