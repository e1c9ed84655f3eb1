import assert from "node:assert/strict";
import { test } from "node:test";
import { BufferPool, type PoolBuffer } from "../../src/memory/buffer-pool.ts";

const BYTES = 4096;

const taken = (pool: BufferPool): PoolBuffer => {
  const buffer = pool.take();
  assert.ok(buffer);
  return buffer;
};

test("no byte of the former owner reaches the next one", () => {
  const pool = new BufferPool(BYTES, 1, 1);
  const first = taken(pool);
  first.bytes.fill(0x53);
  first.used = 10; // less than was written: the pool does not rely on it
  pool.give(first);
  const second = taken(pool);
  assert.equal(second.bytes, first.bytes);
  assert.equal(second.used, 0);
  assert.ok(second.bytes.every((byte) => byte === 0));
});

test("an owner that knows how far it wrote has only that cleared", () => {
  const pool = new BufferPool(BYTES, 1, 1);
  const buffer = taken(pool);
  buffer.bytes.fill(0x53, 0, 100);
  pool.give(buffer, 100);
  assert.ok(taken(pool).bytes.every((byte) => byte === 0));
});

test("a pool ends at its cap and goes on when one comes back", () => {
  const pool = new BufferPool(BYTES, 100, 0);
  assert.equal(pool.made, 0);
  const buffers = Array.from({ length: 100 }, () => taken(pool));
  assert.equal(pool.take(), undefined);
  assert.equal(pool.made, 100);
  assert.equal(pool.inUse, 100);
  const last = buffers.pop();
  assert.ok(last);
  pool.give(last);
  assert.equal(pool.take(), last);
});

test("buffers do not overlap, and view and bytes are the same memory", () => {
  const pool = new BufferPool(64, 5000, 0); // more than one slab
  const buffers = Array.from({ length: 5000 }, () => taken(pool));
  for (const [index, buffer] of buffers.entries()) {
    buffer.view.setUint32(0, index);
    buffer.view.setUint32(60, index);
  }
  for (const [index, buffer] of buffers.entries()) {
    assert.equal(buffer.bytes.length, 64);
    assert.equal(buffer.bytes.readUInt32BE(0), index);
    assert.equal(buffer.bytes.readUInt32BE(60), index);
  }
});

test("the gauges say what is out, the most that ever was, and what was made", () => {
  const pool = new BufferPool(BYTES, 1000, 1);
  const [first, second] = [taken(pool), taken(pool)];
  pool.give(first);
  pool.give(second);
  assert.equal(pool.inUse, 0);
  assert.equal(pool.highWater, 2);
  assert.equal(pool.takes, 2);
  assert.equal(pool.made, 64); // one slab of 256 KiB
});

test("a buffer given back twice, or to another pool, is a bug that shows", () => {
  const pool = new BufferPool(BYTES, 2, 0);
  const buffer = taken(pool);
  assert.throws(() => new BufferPool(BYTES, 2, 0).give(buffer), /another pool/);
  pool.give(buffer);
  assert.throws(() => pool.give(buffer), /twice/);
});
