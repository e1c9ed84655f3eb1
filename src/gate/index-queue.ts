// A queue of connection indexes in which each stands at most once, so it can never overflow.

export const QUEUE_EMPTY = -1;

export class IndexQueue {
  private readonly items: Int32Array;
  private readonly isQueued: Uint8Array;
  private head = 0;
  private length = 0;

  constructor(indexesMax: number) {
    this.items = new Int32Array(indexesMax);
    this.isQueued = new Uint8Array(indexesMax);
  }

  get count(): number {
    return this.length;
  }

  /** An index that is waiting already keeps its place. */
  push(index: number): void {
    if (this.isQueued[index] === 1) return;
    this.isQueued[index] = 1;
    let place = this.head + this.length;
    if (place >= this.items.length) place -= this.items.length;
    this.items[place] = index;
    this.length++;
  }

  /** The index that waits longest, or QUEUE_EMPTY. */
  peek(): number {
    return this.length === 0 ? QUEUE_EMPTY : this.items[this.head]!;
  }

  pop(): number {
    if (this.length === 0) return QUEUE_EMPTY;
    const index = this.items[this.head]!;
    this.isQueued[index] = 0;
    this.head = this.head + 1 === this.items.length ? 0 : this.head + 1;
    this.length--;
    return index;
  }
}
