// Whose a record is, for people: in faults and in what a crash leaves behind. Never on the path.

import { AttachPayload } from "../memory/attach-payload.ts";
import { INBOUND_KIND, type InboundRecord } from "../memory/inbound-record.ts";
import type { SlotMemory } from "../memory/slot-memory.ts";
import type { LaneCore } from "./lane-core.ts";

/** Empty when it is nobody's. */
export function accountOfRecord(core: LaneCore, record: InboundRecord, slots: SlotMemory): string {
  if (record.kind === INBOUND_KIND.ATTACH) {
    return new AttachPayload().wrap(slots.bytes, record.payloadOffset).account;
  }
  return core.state?.accounts.attached(record.connection, record.epoch)?.name ?? "";
}
