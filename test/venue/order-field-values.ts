// The fields of an order by name, with the values that fill them: for the tests of OrderFields and OrderSlab.

import type { OrderSlab } from "../../src/venue/order-slab.ts";

type Field = keyof OrderSlab;
export const LINKS = ["nextInAccount", "prevInAccount", "nextInLevel", "prevInLevel", "replaceOf"];
const BYTES = "side tif display capacity iso crossType userRefIdx customerType postOnly tradeNow";
const MORE_BYTES = "handleInst sharesLocated priceType unpriced flags";
const UNSIGNED = "userRefNum referenceHigh referenceLow firm locateBroker tags previousHigh";
const SIGNED = "account instrument price walkPrice quantity executed open minQty groupId";
const MORE_SIGNED = "expireTime level pending heapPosition waiting";
const DOUBLES = "expiresAtNs sinceNs expiryEntry";

const names = (...lists: string[]): string[] => lists.join(" ").split(" ");
export const get = (slab: OrderSlab, field: string, order: number): number =>
  (slab[field as Field] as (order: number) => number).call(slab, order);
export const set = (slab: OrderSlab, field: string, order: number, value: number): void => {
  const setter = `set${field.charAt(0).toUpperCase()}${field.slice(1)}` as Field;
  (slab[setter] as unknown as (order: number, value: number) => void).call(slab, order, value);
};

/** The largest value of each field but the state: what it cannot share with a neighbour shows. */
export const largest = new Map<string, number>([
  ...names(BYTES, MORE_BYTES).map((name) => [name, 0xff] as const),
  ...names(UNSIGNED).map((name) => [name, 0xffffffff] as const),
  ...names(SIGNED, MORE_SIGNED, LINKS.join(" ")).map((name) => [name, 0x7fffffff] as const),
  ...names(DOUBLES).map((name) => [name, 2 ** 53 - 1] as const),
]);
