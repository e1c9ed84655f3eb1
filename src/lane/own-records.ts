// The lane's own records: what is to be done where nothing has come from outside, and a replay must do at the same place.
// There is one at a time: it is handled where it is written. Lane thread.

import { INBOUND_KIND, InboundRecord, REGULATE_SOURCE } from "../memory/inbound-record.ts";
import { SLOT_BYTES, SlotMemory } from "../memory/slot-memory.ts";

/** In place of an offset in a ring, whose slots start behind a header. */
export const OWN_SLOT = -2;

export class OwnRecords {
  readonly slots = new SlotMemory(new ArrayBuffer(SLOT_BYTES));
  private readonly record = new InboundRecord();

  /** The next piece of unfinished work. */
  writeContinue(eventNs: number): number {
    this.start(INBOUND_KIND.CONTINUE, eventNs);
    return OWN_SLOT;
  }

  /** The journal's room runs out, or is there again. */
  writeShortage(eventNs: number, isShort: boolean): number {
    const record = this.start(INBOUND_KIND.REGULATE, eventNs);
    record.flags = REGULATE_SOURCE.DISK;
    record.detail = isShort ? 1 : 0;
    return OWN_SLOT;
  }

  /** The time that the next record brings, before it does. */
  writeTick(eventNs: number, sinceNs: number): number {
    this.start(INBOUND_KIND.TICK, eventNs).sinceNs = sinceNs;
    return OWN_SLOT;
  }

  private start(kind: number, eventNs: number): InboundRecord {
    const record = this.record.wrap(this.slots, 0).start(kind, -1, 0);
    record.eventNs = eventNs;
    return record;
  }
}
