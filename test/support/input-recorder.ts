// Keeps the inputs of a lane that belong in a journal, so that another lane can be given them.

import type { InputLog } from "../../src/lane/input-log.ts";
import { SLOT_BYTES, type SlotMemory } from "../../src/memory/slot-memory.ts";

export class InputRecorder implements InputLog {
  readonly slots: Buffer[] = [];
  isShort = false;
  batches = 0;

  append(slots: SlotMemory, offset: number): void {
    this.slots.push(Buffer.from(slots.bytes.subarray(offset, offset + SLOT_BYTES)));
  }
  commit(): void {
    this.batches++;
  }
}
