// One line for each record of a journal and for each answer to it: for people, or as JSON.

import { INBOUND_KIND, type InboundRecord } from "../../memory/inbound-record.ts";
import type { SlotMemory } from "../../memory/slot-memory.ts";
import { type Fields, summaryOf, timeOfDay } from "../../protocol/ouch/describe.ts";
import type { Answer } from "./answering-lane.ts";
import { kindName, recordFields } from "./record-fields.ts";

const NUMBER_WIDTH = 9;
const KIND_WIDTH = 9;
const ACCOUNT_WIDTH = 6;
const PLACE_WIDTH = 9;
const SEQUENCE_WIDTH = 6;

export interface RecordLine {
  readonly record: InboundRecord;
  readonly slots: SlotMemory;
  readonly lane: number;
  readonly number: number;
  /** "" = nobody's. */
  readonly account: string;
}

export function recordText({ record, slots, number, account }: RecordLine): string {
  const fields = recordFields(record, slots);
  const { connection, epoch } = record;
  const isMessage = record.kind === INBOUND_KIND.MESSAGE;
  const words = [
    String(number).padStart(NUMBER_WIDTH),
    timeOfDay(record.eventNs),
    (isMessage ? String(fields.type) : kindName(record.kind)).padEnd(KIND_WIDTH),
    (account === "" && connection >= 0 ? "?" : account).padEnd(ACCOUNT_WIDTH),
    (connection < 0 ? "" : `${connection}/${epoch}`).padEnd(PLACE_WIDTH),
    "message" in fields ? summaryOf(fields) : pairsOf(fields),
  ];
  return words.join("  ").trimEnd();
}

export function recordJson({ record, slots, lane, number, account }: RecordLine): object {
  const { connection, epoch, eventNs } = record;
  const time = timeOfDay(eventNs);
  const kind = kindName(record.kind);
  const who = { account, connection, epoch };
  return { lane, record: number, time, eventNs, kind, ...who, ...recordFields(record, slots) };
}

/** Beneath the line of the record that it answers. */
export const answerText = ({ account, sequence, fields }: Answer): string =>
  `${" ".repeat(NUMBER_WIDTH)}  → ${account} ${sequence}: ${summaryOf(fields)}`;

export const answerJson = ({ account, sequence, fields }: Answer): object => ({
  account,
  sequence,
  ...fields,
});

/** As its client sees it. */
export const streamText = ({ sequence, fields, message }: Answer, isRaw: boolean): string =>
  `${String(sequence).padStart(SEQUENCE_WIDTH)}  ${isRaw ? message.toString("hex") : summaryOf(fields)}`;

export const streamJson = ({ sequence, fields, message }: Answer, isRaw: boolean): object =>
  isRaw ? { sequence, raw: message.toString("hex") } : { sequence, ...fields };

const pairsOf = (fields: Fields): string =>
  Object.entries(fields)
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");
