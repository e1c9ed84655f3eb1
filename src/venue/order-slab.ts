// Every order of a lane, dead or alive, named by its index. Lane thread.
//
// One ArrayBuffer, orders side by side: what one step touches of an order lies in two or three cache lines. The
// memory is zero pages until an order first uses it, so a generous ordersMax costs address space only. An index
// comes from allocate() and stays valid until free(): the accessors do not check it again.

import { assert } from "../base/assert.ts";
import type { Saved, StateReader, StateWriter } from "../journal/state-stream.ts";
import { OrderFields } from "./order-fields.ts";
import {
  EXPIRY_ENTRY,
  HEAP_POSITION,
  LEVEL,
  NEXT_IN_ACCOUNT,
  NEXT_IN_LEVEL,
  ORDER_BYTES,
  ORDER_DOUBLES,
  ORDER_WORDS,
  PENDING,
  PREV_IN_ACCOUNT,
  PREV_IN_LEVEL,
  PREVIOUS_HIGH,
  REPLACE_OF,
  STATE,
  WAITING,
} from "./order-layout.ts";

export const NO_ORDER = -1;
/** Levels count from 1: untouched memory is orders that are in no book. */
export const NO_LEVEL = 0;

/** FREE must be 0: untouched memory is free orders. */
export const ORDER_LIFE = { FREE: 0, PENDING: 1, LIVE: 2, DONE: 3 } as const;

export class OrderSlab extends OrderFields implements Saved {
  private firstFree = NO_ORDER;
  /** Orders from here on were never used: they need no free list, hence no touch. */
  private unused = 0;
  private live = 0;

  /** Orders between allocate() and free(). */
  get liveCount(): number {
    return this.live;
  }

  /** Orders below this one were used at least once. */
  get usedCount(): number {
    return this.unused;
  }

  /** A PENDING order with every field neutral, or NO_ORDER when the slab is full. */
  allocate(): number {
    let order = this.firstFree;
    if (order !== NO_ORDER) {
      this.firstFree = this.words[order * ORDER_WORDS + NEXT_IN_LEVEL]!;
      this.clear(order);
    } else {
      if (this.unused === this.ordersMax) return NO_ORDER;
      order = this.unused;
      this.unused++;
    }
    const word = order * ORDER_WORDS;
    this.words[word + NEXT_IN_ACCOUNT] = NO_ORDER;
    this.words[word + PREV_IN_ACCOUNT] = NO_ORDER;
    this.words[word + NEXT_IN_LEVEL] = NO_ORDER;
    this.words[word + PREV_IN_LEVEL] = NO_ORDER;
    this.words[word + REPLACE_OF] = NO_ORDER;
    this.words[word + HEAP_POSITION] = -1;
    this.bytes[order * ORDER_BYTES + STATE] = ORDER_LIFE.PENDING;
    this.live++;
    return order;
  }

  free(order: number): void {
    assert(this.state(order) !== ORDER_LIFE.FREE, "an order is freed twice");
    this.bytes[order * ORDER_BYTES + STATE] = ORDER_LIFE.FREE;
    this.words[order * ORDER_WORDS + NEXT_IN_LEVEL] = this.firstFree;
    this.firstFree = order;
    this.live--;
  }

  /** ORDER_LIFE. */
  state(order: number): number {
    return this.bytes[order * ORDER_BYTES + STATE]!;
  }
  setState(order: number, value: number): void {
    this.bytes[order * ORDER_BYTES + STATE] = value;
  }

  nextInAccount(order: number): number {
    return this.words[order * ORDER_WORDS + NEXT_IN_ACCOUNT]!;
  }
  setNextInAccount(order: number, value: number): void {
    this.words[order * ORDER_WORDS + NEXT_IN_ACCOUNT] = value;
  }

  prevInAccount(order: number): number {
    return this.words[order * ORDER_WORDS + PREV_IN_ACCOUNT]!;
  }
  setPrevInAccount(order: number, value: number): void {
    this.words[order * ORDER_WORDS + PREV_IN_ACCOUNT] = value;
  }

  /** The venue's: the order behind in the queue, or NO_ORDER. */
  nextInLevel(order: number): number {
    return this.words[order * ORDER_WORDS + NEXT_IN_LEVEL]!;
  }
  setNextInLevel(order: number, value: number): void {
    this.words[order * ORDER_WORDS + NEXT_IN_LEVEL] = value;
  }

  prevInLevel(order: number): number {
    return this.words[order * ORDER_WORDS + PREV_IN_LEVEL]!;
  }
  setPrevInLevel(order: number, value: number): void {
    this.words[order * ORDER_WORDS + PREV_IN_LEVEL] = value;
  }

  /** The venue's: the queue's level, or NO_LEVEL when not in the book. */
  level(order: number): number {
    return this.words[order * ORDER_WORDS + LEVEL]!;
  }
  setLevel(order: number, value: number): void {
    this.words[order * ORDER_WORDS + LEVEL] = value;
  }

  /** The venue's: requests about this order that it holds back. */
  pending(order: number): number {
    return this.words[order * ORDER_WORDS + PENDING]!;
  }
  setPending(order: number, value: number): void {
    this.words[order * ORDER_WORDS + PENDING] = value;
  }

  /** The lane's: the target of a replacement, or NO_ORDER. */
  replaceOf(order: number): number {
    return this.words[order * ORDER_WORDS + REPLACE_OF]!;
  }
  setReplaceOf(order: number, value: number): void {
    this.words[order * ORDER_WORDS + REPLACE_OF] = value;
  }

  /** The lane's: the channel's highest number before this one. */
  previousHigh(order: number): number {
    return this.words[order * ORDER_WORDS + PREVIOUS_HIGH]! >>> 0;
  }
  setPreviousHigh(order: number, value: number): void {
    this.words[order * ORDER_WORDS + PREVIOUS_HIGH] = value;
  }

  /** The expiry heap's: place in the heap, or -1. */
  heapPosition(order: number): number {
    return this.words[order * ORDER_WORDS + HEAP_POSITION]!;
  }
  setHeapPosition(order: number, value: number): void {
    this.words[order * ORDER_WORDS + HEAP_POSITION] = value;
  }

  /** The lane's: what was asked about this order and waits behind a mass cancel. */
  waiting(order: number): number {
    return this.words[order * ORDER_WORDS + WAITING]!;
  }
  setWaiting(order: number, value: number): void {
    this.words[order * ORDER_WORDS + WAITING] = value;
  }

  /** The expiry heap's: the order in which it was given the orders. */
  expiryEntry(order: number): number {
    return this.doubles[order * ORDER_DOUBLES + EXPIRY_ENTRY]!;
  }
  setExpiryEntry(order: number, value: number): void {
    this.doubles[order * ORDER_DOUBLES + EXPIRY_ENTRY] = value;
  }

  save(out: StateWriter): void {
    out.number(this.firstFree);
    out.number(this.unused);
    out.number(this.live);
    out.array(this.words, 0, this.unused * ORDER_WORDS);
  }
  restore(from: StateReader): void {
    this.firstFree = from.number();
    this.unused = from.number();
    this.live = from.number();
    assert(this.unused <= this.ordersMax, "more orders were used than there is room for");
    from.array(this.words, 0, this.unused * ORDER_WORDS);
  }

  private clear(order: number): void {
    const end = (order + 1) * ORDER_WORDS;
    for (let word = order * ORDER_WORDS; word < end; word++) this.words[word] = 0;
  }
}
