// Which records of a journal are asked for.

import { INBOUND_KIND, type InboundRecord } from "../../memory/inbound-record.ts";
import type { SlotMemory } from "../../memory/slot-memory.ts";
import { describeInbound, type Fields } from "../../protocol/ouch/describe.ts";
import type { Answer } from "./answering-lane.ts";

const WORD_BYTES = 4;

export interface Selection {
  readonly account: string | undefined;
  /** Requests with that number, and replaces that name it. */
  readonly userRefNum: number | undefined;
  /** Codes of OUCH types, and INBOUND_KINDs. Both empty = any. */
  readonly types: readonly number[];
  readonly kinds: readonly number[];
  /** Event times: from this one on, and before that one. */
  readonly fromNs: number;
  readonly toNs: number;
  readonly firstRecord: number;
  readonly lastRecord: number;
}

export class RecordFilter {
  private readonly selection: Selection;
  private readonly isAnyType: boolean;
  private readonly needle = Buffer.alloc(WORD_BYTES);

  constructor(selection: Selection) {
    this.selection = selection;
    this.isAnyType = selection.types.length + selection.kinds.length === 0;
    this.needle.writeUInt32BE(selection.userRefNum ?? 0, 0);
  }

  /** Nothing from here on is asked for: numbers rise, and event time never goes back. */
  isPast(number: number, eventNs: number): boolean {
    return number > this.selection.lastRecord || eventNs >= this.selection.toNs;
  }

  /** By number and time alone. */
  isWithin(number: number, eventNs: number): boolean {
    const { firstRecord, fromNs } = this.selection;
    return number >= firstRecord && eventNs >= fromNs && !this.isPast(number, eventNs);
  }

  takes(record: InboundRecord, slots: SlotMemory, number: number, account: string): boolean {
    const { selection } = this;
    if (!this.isWithin(number, record.eventNs)) return false;
    if (selection.account !== undefined && selection.account !== account) return false;
    if (!this.isAnyType && !this.isOfType(record, slots)) return false;
    return selection.userRefNum === undefined || this.namesNumber(record, slots);
  }

  /** Whether a message to a client is one of those asked for, by its type and number. */
  takesAnswer(answer: Answer): boolean {
    const { types, userRefNum } = this.selection;
    if (types.length > 0 && !types.includes(answer.message[0] ?? 0)) return false;
    return userRefNum === undefined || isAbout(answer.fields, userRefNum);
  }

  private isOfType({ kind, payloadOffset }: InboundRecord, slots: SlotMemory): boolean {
    const { types, kinds } = this.selection;
    if (kinds.includes(kind)) return true;
    return kind === INBOUND_KIND.MESSAGE && types.includes(slots.bytes[payloadOffset] ?? 0);
  }

  private namesNumber({ kind, payloadOffset, payloadBytes }: InboundRecord, slots: SlotMemory) {
    const { userRefNum } = this.selection;
    if (kind !== INBOUND_KIND.MESSAGE || userRefNum === undefined) return false;
    // Describing a message is slow; most of them do not hold the bytes of the number anywhere.
    const found = slots.bytes.indexOf(this.needle, payloadOffset);
    if (found < 0 || found + WORD_BYTES > payloadOffset + payloadBytes) return false;
    return isAbout(describeInbound(slots.view, payloadOffset, payloadBytes), userRefNum);
  }
}

const isAbout = (fields: Fields, userRefNum: number): boolean =>
  fields.userRefNum === userRefNum || fields.origUserRefNum === userRefNum;
