// Order key → order: (account, UserRefIdx, UserRefNum), semantics §1.3. Lane thread.
//
// Open addressing over twice as many places as orders, linear probing. A removed entry's followers move up, so the
// table never decays however many orders a day has. Keys stay in the slab; a place keeps the key's hash beside the
// order, so a probe seldom touches an order that is not the one. Eight numbers in a row are one cache line: what an
// account enters next is where its last order was put, and only every eighth waits for memory. Numbers and channels are
// the client's choice: a secret keeps it from choosing some hundred thousand that all want one place.

import { assert } from "../base/assert.ts";
import { hashSecret } from "../base/hash-secret.ts";
import { mixed } from "../base/mixed.ts";
import { NO_ORDER, type OrderSlab } from "./order-slab.ts";

// A place is two words.
const ORDER = 0; // order + 1; 0 = empty, so that untouched memory is an empty table
const HASH = ORDER + 1;
const PLACE_WORDS = HASH + 1;
// Places of a cache line of 64 bytes.
const RUN_BITS = 3;
const RUN_MASK = (1 << RUN_BITS) - 1;

export class OrderIndex {
  private readonly orders: OrderSlab;
  private readonly words: Int32Array;
  private readonly placeMask: number;
  private held = 0;

  constructor(orders: OrderSlab) {
    this.orders = orders;
    const placeCount = 2 ** Math.ceil(Math.log2(orders.ordersMax * 2));
    this.words = new Int32Array(placeCount * PLACE_WORDS);
    this.placeMask = placeCount - 1;
  }

  get count(): number {
    return this.held;
  }

  /** The order with that key, or NO_ORDER. */
  find(account: number, userRefIdx: number, userRefNum: number): number {
    const hash = hashOf(account, userRefIdx, userRefNum);
    const place = this.placeOf(hash, account, userRefIdx, userRefNum >>> 0);
    return this.words[place * PLACE_WORDS + ORDER]! - 1;
  }

  /** By the key that the order carries. Two orders with one key are our bug. */
  insert(order: number): void {
    const orders = this.orders;
    const account = orders.account(order);
    const userRefIdx = orders.userRefIdx(order);
    const userRefNum = orders.userRefNum(order);
    const hash = hashOf(account, userRefIdx, userRefNum);
    const word = this.placeOf(hash, account, userRefIdx, userRefNum) * PLACE_WORDS;
    assert(this.words[word + ORDER] === 0, "two orders have one key");
    this.words[word + ORDER] = order + 1;
    this.words[word + HASH] = hash;
    this.held++;
  }

  /** Forgets an order; its key must not have changed since insert(). */
  remove(order: number): void {
    const orders = this.orders;
    const account = orders.account(order);
    const userRefIdx = orders.userRefIdx(order);
    const userRefNum = orders.userRefNum(order);
    const hash = hashOf(account, userRefIdx, userRefNum);
    let gap = this.placeOf(hash, account, userRefIdx, userRefNum);
    assert(
      this.words[gap * PLACE_WORDS + ORDER] === order + 1,
      "the index does not know the order",
    );
    this.held--;

    // Whoever was pushed past the gap moves into it, which opens the next gap.
    let place = gap;
    for (;;) {
      place = (place + 1) & this.placeMask;
      const word = place * PLACE_WORDS;
      if (this.words[word + ORDER] === 0) break;
      const home = this.words[word + HASH]! & this.placeMask;
      const pushedBy = (place - home) & this.placeMask;
      if (pushedBy < ((place - gap) & this.placeMask)) continue;
      this.words[gap * PLACE_WORDS + ORDER] = this.words[word + ORDER]!;
      this.words[gap * PLACE_WORDS + HASH] = this.words[word + HASH]!;
      gap = place;
    }
    this.words[gap * PLACE_WORDS + ORDER] = 0;
  }

  /** Where the key is, or where it would go. */
  private placeOf(hash: number, account: number, userRefIdx: number, userRefNum: number): number {
    let place = hash & this.placeMask;
    for (;;) {
      const word = place * PLACE_WORDS;
      const order = this.words[word + ORDER]! - 1;
      if (order === NO_ORDER) return place;
      if (
        this.words[word + HASH] === hash &&
        this.orders.userRefNum(order) === userRefNum &&
        this.orders.account(order) === account &&
        this.orders.userRefIdx(order) === userRefIdx
      ) {
        return place;
      }
      place = (place + 1) & this.placeMask;
    }
  }
}

/** Numbers of one account rise by one: of eight, every bit is spread; within them, they stay in a row. */
export function hashOf(
  account: number,
  userRefIdx: number,
  userRefNum: number,
  secret = hashSecret,
): number {
  const run = userRefNum >>> RUN_BITS;
  const hash = mixed(
    Math.imul(run, 0x9e3779b1) ^ Math.imul((account << 8) ^ userRefIdx, 0xc2b2ae35) ^ secret,
  );
  return (hash << RUN_BITS) | (userRefNum & RUN_MASK);
}
