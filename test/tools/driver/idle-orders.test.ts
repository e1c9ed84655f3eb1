import assert from "node:assert/strict";
import { test } from "node:test";
import { IdleOrders } from "../../../src/tools/driver/idle-orders.ts";

const all = (idle: IdleOrders): number[] =>
  Array.from({ length: idle.count }, (_, place) => idle.at(place)).toSorted((a, b) => a - b);

test("orders come and go in any order, each counted once", () => {
  const idle = new IdleOrders(10);
  for (const index of [3, 0, 9, 3]) idle.add(index);
  assert.deepEqual(all(idle), [0, 3, 9]);
  for (const index of [3, 5, 3]) idle.remove(index);
  assert.deepEqual(all(idle), [0, 9]);
  idle.add(3);
  for (const index of [9, 0]) idle.remove(index);
  assert.deepEqual(all(idle), [3]);
  assert.throws(() => idle.at(1), /no idle order/);
});
