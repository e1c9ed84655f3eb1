// The reading end of a ring. Takes a bounded batch of slots and hands them back with one store.

import { HEAD, ringSlots, slotOffset, TAIL, usedSlots } from "./ring-layout.ts";
import { SlotMemory } from "./slot-memory.ts";

export const RING_EMPTY = -1;

export class RingConsumer {
  readonly slots: SlotMemory;
  readonly slotCount: number;
  private readonly slotMask: number;
  private readonly words: Int32Array;
  private head: number; // taken up to here; ours alone
  private headReleased: number; // what the producer sees
  private tailSeen: number; // may lag; refreshed only when the ring looks empty

  constructor(memory: SharedArrayBuffer) {
    this.slots = new SlotMemory(memory);
    this.slotCount = ringSlots(memory);
    this.slotMask = this.slotCount - 1;
    this.words = this.slots.words;
    this.head = Atomics.load(this.words, HEAD);
    this.headReleased = this.head;
    this.tailSeen = Atomics.load(this.words, TAIL);
  }

  /** Byte offset of the next slot, or RING_EMPTY. Its bytes stay ours until release(). */
  take(): number {
    const offset = this.peek();
    if (offset !== RING_EMPTY) this.head = (this.head + 1) | 0;
    return offset;
  }

  /** As take(), and the slot is still the next one. */
  peek(): number {
    if (this.head === this.tailSeen) {
      this.tailSeen = Atomics.load(this.words, TAIL);
      if (this.head === this.tailSeen) return RING_EMPTY;
    }
    return slotOffset(this.head, this.slotMask);
  }

  /** Hands all taken slots back to the producer. Returns how many. */
  release(): number {
    const count = usedSlots(this.head, this.headReleased);
    if (count === 0) return 0;
    this.headReleased = this.head;
    Atomics.store(this.words, HEAD, this.head);
    return count;
  }

  /** Slots handed over and not yet taken, as of now. */
  waitingSlots(): number {
    this.tailSeen = Atomics.load(this.words, TAIL);
    return usedSlots(this.tailSeen, this.head);
  }
}
