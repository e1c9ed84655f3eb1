// OUCH messages as people read them, and as JSON. For tools: makes objects and strings, never throws for what
// a peer sent.

import { printable } from "../../base/printable.ts";
import { APPENDAGE_MALFORMED, APPENDAGE_REFUSED, AppendageReader } from "./appendage-reader.ts";
import { type Fields, letter, meaningOf } from "./code-meanings.ts";
import { describeAppendage } from "./describe-appendage.ts";
import { INBOUND_MESSAGES } from "./inbound-messages.ts";
import type { MessageDescription } from "./message-description.ts";
import { TYPE_OFFSET } from "./message-header.ts";
import { OUTBOUND_MESSAGES } from "./outbound-messages.ts";

export type { Fields } from "./code-meanings.ts";

/**
 * Every field of a message from a client: `message` is its name, `type` its letter. Prices are dollars with four
 * decimals, 64-bit numbers are decimal text. `malformed` or `refused` says why a host would not take it.
 */
export const describeInbound = (view: DataView, offset: number, messageBytes: number): Fields =>
  describe(INBOUND_MESSAGES, view, offset, messageBytes);

/** Every field of a message to a client; as describeInbound(). */
export const describeOutbound = (view: DataView, offset: number, messageBytes: number): Fields =>
  describe(OUTBOUND_MESSAGES, view, offset, messageBytes);

/** One line: the message's name, its number and every field, codes with their meaning. */
export function summaryOf(fields: Fields): string {
  const { message, type, timestamp, ...rest } = fields;
  const words = [String(message)];
  if (typeof timestamp === "number") words.unshift(timeOfDay(timestamp));
  for (const [field, value] of Object.entries(rest)) {
    const meaning = meaningOf(String(type), field, String(value));
    words.push(meaning === undefined ? `${field}=${value}` : `${field}=${value} (${meaning})`);
  }
  return words.join(" ");
}

function describe(
  messages: readonly MessageDescription[],
  view: DataView,
  offset: number,
  messageBytes: number,
): Fields {
  if (messageBytes === 0) return { message: "Nothing", type: "", malformed: "no type" };
  const type = view.getUint8(offset + TYPE_OFFSET);
  const message = messages.find((candidate) => candidate.type === type);
  if (!message) return { message: "Unknown", type: letter(type), malformed: "unknown type" };

  const fields: Fields = { message: message.name, type: letter(type) };
  if (messageBytes < message.fixedBytes) {
    fields.malformed = `${messageBytes} bytes, not ${message.fixedBytes}`;
    return fields;
  }
  message.describe(view, offset, fields);
  describeEnd(message, view, offset, messageBytes, fields);
  for (const [field, value] of Object.entries(fields)) {
    if (typeof value === "string") fields[field] = printable(value);
  }
  return fields;
}

function describeEnd(
  { appendage, fixedBytes }: MessageDescription,
  view: DataView,
  offset: number,
  messageBytes: number,
  fields: Fields,
): void {
  if (!appendage) {
    if (messageBytes > fixedBytes) fields.malformed = `${messageBytes} bytes, not ${fixedBytes}`;
    return;
  }
  const reader = new AppendageReader();
  const { isOptional, tags } = appendage;
  const result = reader.read(view, offset, messageBytes, fixedBytes, isOptional, tags);
  describeAppendage(reader, fields);
  if (result === APPENDAGE_MALFORMED) fields.malformed = "appendage does not fit its length";
  if (result === APPENDAGE_REFUSED) fields.refused = "a tag is unknown, repeated or not for here";
}

const NS_PER_SECOND = 1_000_000_000;
const SECONDS_PER_MINUTE = 60;
const MINUTES_PER_HOUR = 60;

/** Nanoseconds since midnight as hh:mm:ss.nnnnnnnnn. */
export function timeOfDay(ns: number): string {
  const seconds = Math.floor(ns / NS_PER_SECOND);
  const minutes = Math.floor(seconds / SECONDS_PER_MINUTE);
  const hours = Math.floor(minutes / MINUTES_PER_HOUR);
  const digits = (value: number, count: number): string => String(value).padStart(count, "0");
  return [
    `${digits(hours, 2)}:${digits(minutes % MINUTES_PER_HOUR, 2)}`,
    `${digits(seconds % SECONDS_PER_MINUTE, 2)}.${digits(ns % NS_PER_SECOND, 9)}`,
  ].join(":");
}
