// The live orders of an account without a request under way: those that the next request may name, drawn evenly.
// Adding, removing and drawing take the same time however many there are.

import { assert } from "../../base/assert.ts";

export class IdleOrders {
  count = 0;
  // In no particular order, and each one's place among them.
  private readonly indexes: Int32Array;
  private readonly places: Int32Array; // plus one, so that a fresh array says "nowhere"

  constructor(indexesMax: number) {
    this.indexes = new Int32Array(indexesMax);
    this.places = new Int32Array(indexesMax);
  }

  at(place: number): number {
    assert(place < this.count, "no idle order there");
    return this.indexes[place]!;
  }

  /** Nothing happens when it is there already. */
  add(index: number): void {
    if (this.places[index] !== 0) return;
    this.indexes[this.count] = index;
    this.count++;
    this.places[index] = this.count;
  }

  /** Nothing happens when it is not there. */
  remove(index: number): void {
    const place = this.places[index]! - 1;
    if (place < 0) return;
    this.count--;
    const last = this.indexes[this.count]!;
    this.indexes[place] = last;
    this.places[last] = place + 1;
    this.places[index] = 0;
  }
}
