// How full a ring is, for a thread that is neither of its ends.

import { HEAD, ringSlots, TAIL, usedSlots } from "./ring-layout.ts";

export class RingProbe {
  readonly slotCount: number;
  private readonly words: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.words = new Int32Array(memory);
    this.slotCount = ringSlots(memory);
  }

  /** Slots that were handed over and not handed back. The head first: the other way round there could be less than none. */
  usedSlots(): number {
    const head = Atomics.load(this.words, HEAD);
    return Math.min(this.slotCount, usedSlots(Atomics.load(this.words, TAIL), head));
  }
}
