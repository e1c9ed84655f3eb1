// Debug, either direction: a line for people. Not on the hot path.

import { writeText } from "../wire-fields.ts";
import { PACKET_HEADER_BYTES, writePacketHeader } from "./packet-header.ts";
import { DEBUG } from "./packet-type.ts";

/** Bytes on the wire of a Debug packet with a text of that size. */
export const debugPacketBytes = (textBytes: number): number => PACKET_HEADER_BYTES + textBytes;

/** Writes a whole packet and returns its bytes on the wire. Longer text is cut; what is not ASCII becomes '?'. */
export function writeDebug(
  bytes: Buffer,
  view: DataView,
  offset: number,
  text: string,
  textBytesMax: number,
): number {
  const room = Math.min(textBytesMax, bytes.length - debugPacketBytes(offset));
  const textBytes = Math.min(text.length, Math.max(0, room));
  writeText(view, offset + PACKET_HEADER_BYTES, textBytes, text);
  return writePacketHeader(view, offset, DEBUG, textBytes);
}
