import assert from "node:assert/strict";
import { test } from "node:test";
import { per100k } from "../../../../native-free-bench/harness/collections.ts";
import { benchLane } from "../../../../native-free-bench/micro/lane/lane-orders.ts";

const SIZE = { warmupOrders: 32_000, sampleOrders: 1_600, samples: 20 };
const ORDERS = SIZE.warmupOrders + SIZE.sampleOrders * SIZE.samples;

test("the lane's bench runs, every order is answered, and none makes garbage to speak of", async () => {
  const [empty, canceled, crossed] = await benchLane(SIZE);
  assert.ok(empty && canceled && crossed);
  assert.deepEqual([empty.ordersEntered, empty.outputs], [0, 0]);
  // Accepted and canceled; accepted and executed.
  assert.deepEqual([canceled.ordersEntered, canceled.outputs], [ORDERS, 2 * ORDERS]);
  assert.deepEqual([crossed.ordersEntered, crossed.outputs], [ORDERS, 2 * ORDERS]);
  for (const { name, minorCollections, majorCollections, orders } of [canceled, crossed]) {
    assert.ok(per100k(minorCollections, orders) <= 10, `${name}: ${minorCollections} collections`);
    assert.equal(majorCollections, 0, name);
  }
});

test("the lane's bench does the same work every time", async () => {
  const size = { warmupOrders: 0, sampleOrders: 320, samples: 2 };
  const once = await benchLane(size);
  const again = await benchLane(size);
  for (const [index, { name, checksum }] of once.entries()) {
    assert.equal(checksum, again[index]?.checksum, name);
  }
});
