import assert from "node:assert/strict";
import { test } from "node:test";
import { per100k } from "../../../../native-free-bench/harness/collections.ts";
import { benchGate } from "../../../../native-free-bench/micro/gate/gate-orders.ts";

const SIZE = { warmupOrders: 32_000, sampleOrders: 1_600, samples: 20 };
const ORDERS = SIZE.warmupOrders + SIZE.sampleOrders * SIZE.samples;

test("the gate's bench runs: one write a chunk, no garbage to speak of", async () => {
  const [empty, ...others] = await benchGate(SIZE);
  assert.deepEqual([empty?.messages, empty?.writes], [0, 0]);
  assert.equal(others.length, 3);
  for (const { name, messages, writes, packetsPerChunk, ...cost } of others) {
    assert.deepEqual([messages, writes], [ORDERS, ORDERS / packetsPerChunk], name);
    const minor = per100k(cost.minorCollections, cost.orders);
    assert.ok(minor <= 10, `${name}: ${minor} minor collections per 100,000 orders`);
    assert.equal(cost.majorCollections, 0, name);
  }
});

test("the gate's bench does the same work every time", async () => {
  const size = { warmupOrders: 0, sampleOrders: 320, samples: 2 };
  const once = await benchGate(size);
  const again = await benchGate(size);
  for (const [index, { name, checksum }] of once.entries()) {
    assert.equal(checksum, again[index]?.checksum, name);
  }
});
