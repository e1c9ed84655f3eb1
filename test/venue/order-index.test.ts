import assert from "node:assert/strict";
import { test } from "node:test";
import { hashOf, OrderIndex } from "../../src/venue/order-index.ts";
import { NO_ORDER, OrderSlab } from "../../src/venue/order-slab.ts";
import { SeededRandom } from "../support/seeded-random.ts";

const seed = Number(process.env.FUZZ_SEED ?? 20_261_121);

const make = (orders: OrderSlab, account: number, channel: number, number: number): number => {
  const order = orders.allocate();
  orders.setAccount(order, account);
  orders.setUserRefIdx(order, channel);
  orders.setUserRefNum(order, number);
  return order;
};

test("account, channel and number are all of the key", () => {
  const orders = new OrderSlab(10);
  const index = new OrderIndex(orders);
  const one = make(orders, 1, 0, 0xffffffff);
  index.insert(one);
  assert.equal(index.find(1, 0, 0xffffffff), one);
  assert.equal(index.find(2, 0, 0xffffffff), NO_ORDER);
  assert.equal(index.find(1, 1, 0xffffffff), NO_ORDER);
  assert.equal(index.find(1, 0, 0xfffffffe), NO_ORDER);
  assert.throws(() => index.insert(make(orders, 1, 0, 0xffffffff)), /one key/);
  index.remove(one);
  assert.equal(index.find(1, 0, 0xffffffff), NO_ORDER);
  assert.throws(() => index.remove(one), /does not know/);
});

// Numbers in a row share a cache line; far apart, each has one of its own; at its end, they meet the next one's.
for (const [numbers, stride] of [
  ["in a row", 1],
  ["eight apart", 8],
  ["five apart", 5],
] as const) {
  test(`the index agrees with a Map through a day of numbers ${numbers} (seed ${seed})`, () => {
    const random = new SeededRandom(seed);
    const orders = new OrderSlab(64); // 128 places: every run of neighbours is long
    const index = new OrderIndex(orders);
    const model = new Map<string, number>();
    const keyOf = (order: number): string =>
      `${orders.account(order)}/${orders.userRefIdx(order)}/${orders.userRefNum(order)}`;
    for (let step = 0; step < 50_000; step++) {
      const account = random.below(3);
      const channel = random.below(2);
      const number = random.below(40) * stride;
      const key = `${account}/${channel}/${number}`;
      const known = model.get(key);
      assert.equal(index.find(account, channel, number), known ?? NO_ORDER);
      if (known !== undefined) {
        index.remove(known);
        model.delete(key);
        orders.free(known);
      } else if (model.size < orders.ordersMax) {
        const order = make(orders, account, channel, number);
        index.insert(order);
        model.set(key, order);
      }
      assert.equal(index.count, model.size);
      if (step % 500 !== 0) continue;
      for (const order of model.values()) {
        const found = index.find(
          orders.account(order),
          orders.userRefIdx(order),
          orders.userRefNum(order),
        );
        assert.equal(found, model.get(keyOf(order)));
      }
    }
  });
}

test(`numbers that share one place share it under no other secret (seed ${seed})`, () => {
  const random = new SeededRandom(seed);
  const placeMask = 2 ** 12 - 1;
  const chosen: number[] = [];
  for (let number = 8; chosen.length < 200; number += 8) {
    if ((hashOf(1, 0, number, 0) & placeMask) === 8) chosen.push(number);
  }
  for (let round = 0; round < 50; round++) {
    const secret = random.below(2 ** 32) | 0;
    const homes = new Map<number, number>();
    for (const number of chosen) {
      const home = hashOf(1, 0, number, secret) & placeMask;
      homes.set(home, (homes.get(home) ?? 0) + 1);
    }
    // 200 by chance among 512 places.
    assert.ok(
      Math.max(...homes.values()) <= 12,
      `secret ${secret}: ${Math.max(...homes.values())}`,
    );
  }
});
