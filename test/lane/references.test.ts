import assert from "node:assert/strict";
import { test } from "node:test";
import { References } from "../../src/lane/references.ts";

const MIDNIGHT_MS = Date.UTC(2026, 10, 21, 5);
const EPOCH_MS = Date.UTC(2020, 0, 1);

const nextOf = (references: References, eventNs: number): bigint => {
  references.next(eventNs);
  return (BigInt(references.high) << 32n) | BigInt(references.low);
};

test("a reference is milliseconds since 2020, node, lane and counter, in their bits", () => {
  const references = new References(MIDNIGHT_MS, 63, 15);
  const eventNs = 34_200_123_999_999;
  const ms = BigInt(MIDNIGHT_MS - EPOCH_MS + 34_200_123);
  assert.equal(nextOf(references, eventNs), (ms << 22n) | (63n << 16n) | (15n << 12n));
  assert.equal(nextOf(references, eventNs), (ms << 22n) | (63n << 16n) | (15n << 12n) | 1n);
});

test("references only rise: a full millisecond borrows, and event time catches up later", () => {
  const references = new References(MIDNIGHT_MS, 1, 2);
  let last = 0n;
  const ms = new Map<bigint, number>();
  for (let count = 0; count < 10_000; count++) {
    const reference = nextOf(references, 1e9);
    assert.ok(reference > last);
    last = reference;
    ms.set(reference >> 22n, (ms.get(reference >> 22n) ?? 0) + 1);
  }
  assert.deepEqual([...ms.values()], [4096, 4096, 1808]);
  assert.ok(nextOf(references, 1e9 + 1e6) > last, "time that was borrowed is not used again");
  const later = nextOf(references, 1e9 + 9e6);
  assert.equal(later >> 22n, BigInt(MIDNIGHT_MS - EPOCH_MS + 1009));
  assert.equal(later & 0xfffn, 0n);
});

test("a reference fits 63 bits to the end of its time", () => {
  const last = new References(EPOCH_MS + 2 ** 41 - 1, 63, 15);
  assert.ok(nextOf(last, 0) < 2n ** 63n);
});
