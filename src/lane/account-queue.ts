// Accounts in a row, first in, first out, each at most once. Lane thread. A circle that grows with the accounts.

import { assert } from "../base/assert.ts";

export class AccountQueue {
  private places = new Int32Array(64);
  private head = 0;
  private length = 0;

  get isEmpty(): boolean {
    return this.length === 0;
  }
  get count(): number {
    return this.length;
  }

  /** The caller knows that it is not in yet. */
  add(account: number): void {
    if (this.length === this.places.length) this.grow();
    this.places[(this.head + this.length) & (this.places.length - 1)] = account;
    this.length++;
  }

  first(): number {
    return this.places[this.head]!;
  }
  removeFirst(): void {
    assert(this.length > 0, "the queue is empty");
    this.head = (this.head + 1) & (this.places.length - 1);
    this.length--;
  }

  /** From anywhere: a walk, for what happens seldom. */
  remove(account: number): void {
    for (let left = this.length; left > 0; left--) {
      const first = this.first();
      this.removeFirst();
      if (first !== account) this.add(first);
    }
  }

  private grow(): void {
    const places = new Int32Array(this.places.length * 2);
    for (let index = 0; index < this.length; index++) {
      places[index] = this.places[(this.head + index) & (this.places.length - 1)]!;
    }
    this.places = places;
    this.head = 0;
  }
}
