// What a record of the journal says, field by field, for people and as JSON.

import { printable } from "../../base/printable.ts";
import { AttachPayload } from "../../memory/attach-payload.ts";
import {
  COMMAND_CODE,
  CONFIG_MORE,
  DETACH_REASON,
  INBOUND_KIND,
  type InboundRecord,
  REGULATE_SOURCE,
  ROLL_STEP,
} from "../../memory/inbound-record.ts";
import type { SlotMemory } from "../../memory/slot-memory.ts";
import { letter } from "../../protocol/ouch/code-meanings.ts";
import { describeInbound, type Fields } from "../../protocol/ouch/describe.ts";

type CodeTable = Readonly<Record<string, number>>;

const FIRM_BYTES = 4;

/** "MESSAGE", "ATTACH" … */
export const kindName = (kind: number): string => keyOf(INBOUND_KIND, kind) ?? `KIND_${kind}`;

/** OUCH messages as describeInbound() has them, with their `type`; all others without. */
export function recordFields(record: InboundRecord, slots: SlotMemory): Fields {
  const { kind, flags, detail, payloadOffset, payloadBytes } = record;
  switch (kind) {
    case INBOUND_KIND.MESSAGE:
      return describeInbound(slots.view, payloadOffset, payloadBytes);
    case INBOUND_KIND.MALFORMED:
      return {
        message: "Malformed",
        type: letter(slots.bytes[payloadOffset] ?? 0),
        messageBytes: detail,
        beginning: hexOf(record, slots),
      };
    case INBOUND_KIND.ATTACH:
      return attachFields(record, slots);
    case INBOUND_KIND.DETACH:
      return { reason: nameIn(DETACH_REASON, detail) };
    case INBOUND_KIND.REGULATE:
      return { source: nameIn(REGULATE_SOURCE, flags), level: detail };
    case INBOUND_KIND.COMMAND:
      return { command: nameIn(COMMAND_CODE, flags), requestId: detail };
    case INBOUND_KIND.CONFIG: {
      const end = payloadOffset + payloadBytes;
      const text = slots.bytes.toString("latin1", payloadOffset, end);
      return { piece: detail, more: flags & CONFIG_MORE, text: printable(text) };
    }
    case INBOUND_KIND.ROLL:
      return { step: nameIn(ROLL_STEP, detail) };
    case INBOUND_KIND.VENUE:
      return { payload: hexOf(record, slots) };
    case INBOUND_KIND.TICK:
    case INBOUND_KIND.CONTINUE:
    case INBOUND_KIND.RECOVERED:
      return {};
    default:
      return { flags, detail, payload: hexOf(record, slots) };
  }
}

function attachFields({ payloadOffset, detail }: InboundRecord, slots: SlotMemory): Fields {
  const payload = new AttachPayload().wrap(slots.bytes, payloadOffset);
  const { session, requestedSequence } = payload;
  const firms = payload.firms.map(firmText).join(",");
  return {
    session: session === "" ? "(any)" : printable(session),
    requested: requestedSequence,
    firms: payload.anyFirm ? `${firms} (any)` : firms,
    takenBytes: detail,
  };
}

function firmText(firm: number): string {
  const bytes = Buffer.alloc(FIRM_BYTES);
  bytes.writeUInt32BE(firm, 0);
  return printable(bytes.toString("latin1").trimEnd());
}

const hexOf = ({ payloadOffset, payloadBytes }: InboundRecord, { bytes }: SlotMemory): string =>
  bytes.toString("hex", payloadOffset, payloadOffset + payloadBytes);

const keyOf = (table: CodeTable, code: number): string | undefined =>
  Object.keys(table).find((key) => table[key] === code);

const nameIn = (table: CodeTable, code: number): string | number =>
  keyOf(table, code)?.toLowerCase().replaceAll("_", " ") ?? code;
