// Where a lane's inputs go before its outputs may leave: the seam of the journal. Lane thread.

import type { SlotMemory } from "../memory/slot-memory.ts";

export interface InputLog {
  /** One inbound record that changed the lane or produced a sequenced message. Its slot is free after commit(). */
  append(slots: SlotMemory, offset: number): void;
  /** Ends a batch. When it returns, the batch's outputs may leave. */
  commit(digestHigh: number, digestLow: number): void;
}

/** Nothing is kept: durability "none". */
export class NoInputLog implements InputLog {
  append(_slots: SlotMemory, _offset: number): void {}
  commit(_digestHigh: number, _digestLow: number): void {}
}
