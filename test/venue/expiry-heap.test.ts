import assert from "node:assert/strict";
import { test } from "node:test";
import { ExpiryHeap } from "../../src/venue/expiry-heap.ts";
import { NO_ORDER, OrderSlab } from "../../src/venue/order-slab.ts";
import { SeededRandom } from "../support/seeded-random.ts";

const seed = Number(process.env.FUZZ_SEED ?? 20_261_121);

test("orders that expire at one time go in the order in which they came", () => {
  const orders = new OrderSlab(9);
  const heap = new ExpiryHeap(orders);
  assert.equal(heap.peek(), NO_ORDER);
  for (const expiresAtNs of [50, 20, 20, 50, 20, 10, 50, 20, 10]) {
    const order = orders.allocate();
    orders.setExpiresAtNs(order, expiresAtNs);
    heap.add(order);
  }
  const gone: number[] = [];
  while (heap.count > 0) {
    gone.push(heap.peek());
    heap.remove(heap.peek());
  }
  assert.deepEqual(gone, [5, 8, 1, 2, 4, 7, 0, 3, 6]);
  heap.remove(3); // not there any more: nothing happens
});

test(`the heap agrees with a sorted list while orders leave from anywhere (seed ${seed})`, () => {
  const random = new SeededRandom(seed);
  const orders = new OrderSlab(200);
  const heap = new ExpiryHeap(orders);
  let model: { order: number; expiresAtNs: number }[] = [];
  for (let step = 0; step < 20_000; step++) {
    if (model.length < orders.ordersMax && random.below(20) < 11) {
      const order = orders.allocate();
      const expiresAtNs = 1 + random.below(50) * 2 ** 40;
      orders.setExpiresAtNs(order, expiresAtNs);
      heap.add(order);
      model.push({ order, expiresAtNs });
      model.sort((one, other) => one.expiresAtNs - other.expiresAtNs); // stable: entry decides
    } else if (model.length > 0) {
      const order = random.pick([model[0]?.order ?? NO_ORDER, random.pick(model).order]);
      heap.remove(order);
      assert(!heap.has(order));
      orders.free(order);
      model = model.filter((entry) => entry.order !== order);
    }
    assert.equal(heap.peek(), model[0]?.order ?? NO_ORDER);
    assert.equal(heap.count, model.length);
    const moment = (model[0]?.expiresAtNs ?? 1) - random.below(2);
    assert.equal(heap.isDue(moment), model.length > 0 && model[0]!.expiresAtNs <= moment);
  }
});
