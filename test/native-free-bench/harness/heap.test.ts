import assert from "node:assert/strict";
import { test } from "node:test";
import { per100k } from "../../../native-free-bench/harness/collections.ts";
import { measureHeap } from "../../../native-free-bench/harness/heap.ts";

const SIZE = { warmupOrders: 10_000, sampleOrders: 1_000, samples: 20 };

test("what is allocated is seen to the byte, and nothing is seen where nothing is", async () => {
  const kept: unknown[] = new Array(1_000);
  const objects = await measureHeap((orders) => {
    for (let index = 0; index < orders; index++) kept[index] = new Float64Array(0);
  }, SIZE);
  const words = new Int32Array(1_000);
  const nothing = await measureHeap((orders) => {
    for (let index = 0; index < orders; index++) words[index]! += index;
  }, SIZE);
  assert.ok(objects.bytesPerOrder >= 50, `${objects.bytesPerOrder} bytes`);
  assert.ok(nothing.bytesPerOrder < 1, `${nothing.bytesPerOrder} bytes`);
  assert.equal(nothing.orders, 20_000);
});

test("collections are counted with their kinds", async () => {
  const garbage = await measureHeap((orders) => {
    for (let index = 0; index < orders; index++) new Array(1_000).fill(index);
  }, SIZE);
  assert.ok(garbage.minorCollections > 0, "160 MB went without a collection");
  assert.ok(per100k(garbage.minorCollections, garbage.orders) > garbage.minorCollections);
});
