// Whose a connection is, as the ATTACH records of a journal say while it is read.

import { AttachPayload } from "../../memory/attach-payload.ts";
import { INBOUND_KIND, type InboundRecord } from "../../memory/inbound-record.ts";
import type { SlotMemory } from "../../memory/slot-memory.ts";

const NOBODY = "";

export class AttachedAccounts {
  /** Every account that logged in, in the order of their first logins. */
  readonly names = new Set<string>();

  private readonly payload = new AttachPayload();
  private readonly nameByConnection: string[] = [];
  private readonly epochByConnection: number[] = [];

  /** Takes in a record, and returns the account it belongs to; "" = none, or one that logged in before. */
  nameOf(record: InboundRecord, slots: SlotMemory): string {
    const { connection, epoch } = record;
    if (record.kind === INBOUND_KIND.ATTACH) this.attach(record, slots);
    if (record.kind === INBOUND_KIND.RECOVERED) this.nameByConnection.length = 0;
    if (connection < 0 || this.epochByConnection[connection] !== epoch) return NOBODY;
    return this.nameByConnection[connection] ?? NOBODY;
  }

  private attach(record: InboundRecord, slots: SlotMemory): void {
    const { connection, epoch, payloadOffset } = record;
    const name = this.payload.wrap(slots.bytes, payloadOffset).account;
    this.names.add(name);
    this.nameByConnection[connection] = name;
    this.epochByConnection[connection] = epoch;
  }
}
