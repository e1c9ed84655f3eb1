// Debug, either direction: a line for people. Not on the hot path.

import { writeText } from "../wire-fields.ts";
import { PACKET_HEADER_BYTES, writePacketHeader } from "./packet-header.ts";
import { DEBUG } from "./packet-type.ts";

/** Writes a whole packet and returns its bytes on the wire. Longer text is cut; what is not ASCII becomes '?'. */
export function writeDebug(
  bytes: Buffer,
  view: DataView,
  offset: number,
  text: string,
  textBytesMax: number,
): number {
  const textOffset = offset + PACKET_HEADER_BYTES;
  const room = Math.min(textBytesMax, bytes.length - textOffset);
  const textBytes = Math.min(text.length, Math.max(0, room));
  writeText(view, textOffset, textBytes, text);
  return writePacketHeader(view, offset, DEBUG, textBytes);
}
