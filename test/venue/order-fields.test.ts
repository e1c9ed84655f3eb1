import assert from "node:assert/strict";
import { test } from "node:test";
import { OrderFields } from "../../src/venue/order-fields.ts";
import { largest } from "./order-field-values.ts";

type Accessor = (this: OrderFields, order: number, value?: number) => number;
const accessor = (name: string): Accessor =>
  OrderFields.prototype[name as keyof OrderFields] as unknown as Accessor;
const setters = Object.getOwnPropertyNames(OrderFields.prototype).filter((name) =>
  name.startsWith("set"),
);
const fieldOf = (setter: string): string => setter.charAt(3).toLowerCase() + setter.slice(4);

test("every field keeps its largest value while all others hold theirs", () => {
  const fields = new OrderFields(2);
  const largestOf = (setter: string): number => {
    const value = largest.get(fieldOf(setter));
    assert.ok(value !== undefined, `${setter} has no value to test`);
    return value;
  };
  assert.ok(setters.length > 30, "the setters were not found");
  for (const setter of setters) accessor(setter).call(fields, 1, largestOf(setter));
  for (const setter of setters) {
    const field = fieldOf(setter);
    assert.equal(accessor(field).call(fields, 1), largestOf(setter), field);
    assert.equal(accessor(field).call(fields, 0), 0, `${field} of the order before`);
  }
  for (let byte = 0; byte < 14; byte++) {
    assert.equal(fields.view.getUint8(fields.clOrdIdOffset(1) + byte), 0, "the ClOrdID");
  }
});

test("a price is signed, a client's number is not", () => {
  const fields = new OrderFields(1);
  fields.setPrice(0, -1);
  fields.setUserRefNum(0, -1);
  assert.deepEqual([fields.price(0), fields.userRefNum(0)], [-1, 0xffffffff]);
});

test("fields of no orders are a mistake", () => {
  assert.throws(() => new OrderFields(0), /a slab of no orders/);
});
