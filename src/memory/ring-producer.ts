// The writing end of a ring. Claims any number of slots and hands them over with one store.

import { HEAD, ringSlots, slotOffset, TAIL, usedSlots } from "./ring-layout.ts";
import { SlotMemory } from "./slot-memory.ts";

export const RING_FULL = -1;

export class RingProducer {
  readonly slots: SlotMemory;
  readonly slotCount: number;
  private readonly slotMask: number;
  private readonly words: Int32Array;
  private tail: number; // claimed up to here; ours alone
  private tailPublished: number; // what the consumer sees
  private headSeen: number; // may lag; refreshed only when too few slots look free

  constructor(memory: SharedArrayBuffer) {
    this.slots = new SlotMemory(memory);
    this.slotCount = ringSlots(memory);
    this.slotMask = this.slotCount - 1;
    this.words = this.slots.words;
    this.tail = Atomics.load(this.words, TAIL);
    this.tailPublished = this.tail;
    this.headSeen = Atomics.load(this.words, HEAD);
  }

  /** Byte offset of the next free slot, leaving `reserve` others free, or RING_FULL. The consumer sees nothing of it until publish(). */
  claim(reserve: number): number {
    const usable = this.slotCount - reserve;
    if (usedSlots(this.tail, this.headSeen) >= usable) {
      this.headSeen = Atomics.load(this.words, HEAD);
      if (usedSlots(this.tail, this.headSeen) >= usable) return RING_FULL;
    }
    const offset = slotOffset(this.tail, this.slotMask);
    this.tail = (this.tail + 1) | 0;
    return offset;
  }

  /** Hands all claimed slots over. Every write to their bytes comes before this call. Returns how many. */
  publish(): number {
    const count = usedSlots(this.tail, this.tailPublished);
    if (count === 0) return 0;
    this.tailPublished = this.tail;
    Atomics.store(this.words, TAIL, this.tail);
    return count;
  }

  /** Slots claimed and not yet handed back by the consumer, as of now. */
  usedSlots(): number {
    this.headSeen = Atomics.load(this.words, HEAD);
    return usedSlots(this.tail, this.headSeen);
  }

  /** Sequence of the next slot to be claimed. */
  get tailSequence(): number {
    return this.tail;
  }

  /** First sequence the consumer has not handed back, as of now. */
  headSequence(): number {
    this.headSeen = Atomics.load(this.words, HEAD);
    return this.headSeen;
  }
}
