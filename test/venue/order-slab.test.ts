import assert from "node:assert/strict";
import { test } from "node:test";
import { NO_LEVEL, NO_ORDER, ORDER_LIFE, OrderSlab } from "../../src/venue/order-slab.ts";
import { get, LINKS, largest, set } from "./order-field-values.ts";

test("no field of an order shares its bytes with another field or another order", () => {
  for (const [field, value] of largest) {
    const slab = new OrderSlab(3);
    for (let order = 0; order < 3; order++) assert.equal(slab.allocate(), order);
    const neutral = new Map([...largest.keys()].map((name) => [name, get(slab, name, 1)]));
    set(slab, field, 1, value);
    assert.equal(get(slab, field, 1), value, field);
    for (const [other, before] of neutral) {
      if (other !== field) assert.equal(get(slab, other, 1), before, `${field} changes ${other}`);
      assert.equal(get(slab, other, 0), before, `${field} changes the order before`);
      assert.equal(get(slab, other, 2), before, `${field} changes the order behind`);
    }
    assert.equal(slab.state(1), ORDER_LIFE.PENDING);
    for (let byte = 0; byte < 14; byte++) {
      assert.equal(slab.view.getUint8(slab.clOrdIdOffset(1) + byte), 0, `${field} and ClOrdID`);
    }
  }
});

test("an order that is used again has nothing of the one before", () => {
  const slab = new OrderSlab(2);
  slab.allocate();
  const order = slab.allocate();
  for (const [field, value] of largest) set(slab, field, order, value);
  for (let byte = 0; byte < 14; byte++) slab.view.setUint8(slab.clOrdIdOffset(order) + byte, 0x41);
  slab.free(order);
  assert.equal(slab.state(order), ORDER_LIFE.FREE);

  assert.equal(slab.allocate(), order);
  assert.equal(slab.state(order), ORDER_LIFE.PENDING);
  for (const field of largest.keys()) {
    const isLink = LINKS.includes(field);
    const neutral = isLink || field === "heapPosition" ? NO_ORDER : 0;
    assert.equal(get(slab, field, order), neutral, field);
  }
  assert.equal(slab.level(order), NO_LEVEL);
  assert.equal(slab.view.getUint8(slab.clOrdIdOffset(order) + 13), 0);
});

test("a slab gives every order once, then says that it is full, and takes them back", () => {
  const slab = new OrderSlab(3);
  assert.deepEqual([slab.allocate(), slab.allocate(), slab.allocate()], [0, 1, 2]);
  assert.equal(slab.liveCount, 3);
  assert.equal(slab.allocate(), NO_ORDER);
  slab.free(1);
  assert.equal(slab.liveCount, 2);
  assert.throws(() => slab.free(1), /freed twice/);
  assert.equal(slab.allocate(), 1);
  assert.equal(slab.allocate(), NO_ORDER);
});
