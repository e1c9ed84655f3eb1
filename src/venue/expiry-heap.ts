// Orders that expire, the next one first: by expiry time, then in the order in which they were added. Lane thread.
//
// A binary heap of orders. Each order keeps its place in the heap, so that one that trades or is canceled leaves
// without a search.

import { assert } from "../base/assert.ts";
import type { Saved, StateReader, StateWriter } from "../journal/state-stream.ts";
import { NO_ORDER, type OrderSlab } from "./order-slab.ts";

const NOT_IN_HEAP = -1;

export class ExpiryHeap implements Saved {
  private readonly orders: OrderSlab;
  private readonly heap: Int32Array;
  private held = 0;
  private added = 0;

  constructor(orders: OrderSlab) {
    this.orders = orders;
    this.heap = new Int32Array(orders.ordersMax);
  }

  get count(): number {
    return this.held;
  }

  /** The order that expires next, or NO_ORDER. Its expiresAtNs must not change while it is here. */
  peek(): number {
    return this.held === 0 ? NO_ORDER : this.heap[0]!;
  }

  /** An order is over at this moment, and still here. */
  isDue(eventNs: number): boolean {
    return this.held > 0 && this.orders.expiresAtNs(this.heap[0]!) <= eventNs;
  }

  has(order: number): boolean {
    return this.orders.heapPosition(order) !== NOT_IN_HEAP;
  }

  add(order: number): void {
    assert(!this.has(order), "an order expires twice");
    assert(this.orders.expiresAtNs(order) > 0, "an order that never expires is in the heap");
    this.orders.setExpiryEntry(order, this.added);
    this.added++;
    const position = this.held;
    this.held++;
    this.put(position, order);
    this.rise(position);
  }

  /** Takes an order out, wherever it is. One that is not here is left alone. */
  remove(order: number): void {
    const position = this.orders.heapPosition(order);
    if (position === NOT_IN_HEAP) return;
    this.orders.setHeapPosition(order, NOT_IN_HEAP);
    this.held--;
    if (position === this.held) return;
    const last = this.heap[this.held]!;
    this.put(position, last);
    this.rise(position);
    this.sink(this.orders.heapPosition(last));
  }

  save(out: StateWriter): void {
    out.number(this.held);
    out.number(this.added);
    out.array(this.heap, 0, this.held);
  }
  restore(from: StateReader): void {
    this.held = from.number();
    this.added = from.number();
    from.array(this.heap, 0, this.held);
  }

  private put(position: number, order: number): void {
    this.heap[position] = order;
    this.orders.setHeapPosition(order, position);
  }

  private goesBefore(one: number, other: number): boolean {
    const oneNs = this.orders.expiresAtNs(one);
    const otherNs = this.orders.expiresAtNs(other);
    if (oneNs !== otherNs) return oneNs < otherNs;
    return this.orders.expiryEntry(one) < this.orders.expiryEntry(other);
  }

  private rise(from: number): void {
    let position = from;
    const order = this.heap[position]!;
    while (position > 0) {
      const parentPosition = (position - 1) >> 1;
      const parent = this.heap[parentPosition]!;
      if (!this.goesBefore(order, parent)) break;
      this.put(position, parent);
      position = parentPosition;
    }
    this.put(position, order);
  }

  private sink(from: number): void {
    let position = from;
    const order = this.heap[position]!;
    for (;;) {
      let childPosition = position * 2 + 1;
      if (childPosition >= this.held) break;
      const right = childPosition + 1;
      if (right < this.held && this.goesBefore(this.heap[right]!, this.heap[childPosition]!)) {
        childPosition = right;
      }
      const child = this.heap[childPosition]!;
      if (!this.goesBefore(child, order)) break;
      this.put(position, child);
      position = childPosition;
    }
    this.put(position, order);
  }
}
