// Where a lane's inputs go before its outputs may leave: the seam of the journal. Lane thread.

import type { Digest } from "../base/digest.ts";
import type { SlotMemory } from "../memory/slot-memory.ts";

export interface InputLog {
  /**
   * One inbound record that changed the lane or produced a sequenced message; `digest` is that of all outputs behind
   * it. Its slot is free after commit().
   */
  append(slots: SlotMemory, offset: number, digest: Digest): void;
  /** Ends a batch. When it returns, the batch's outputs may leave. */
  commit(digest: Digest): void;
  /** Room for more inputs is running out: the lane sheds new orders, so that cancels still find some. */
  readonly isShort: boolean;
}

/** Nothing is kept: durability "none". */
export class NoInputLog implements InputLog {
  readonly isShort = false;
  append(_slots: SlotMemory, _offset: number, _digest: Digest): void {}
  commit(_digest: Digest): void {}
}
