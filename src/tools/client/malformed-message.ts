// What is wrong about a message of a gateway whatever it answers. Hot path of the tools that measure; allocates nothing,
// unless something is wrong.

import {
  APPENDAGE_LENGTH_BYTES,
  ELEMENT_TAG_OFFSET,
  ELEMENT_VALUE_OFFSET,
} from "../../protocol/ouch/appendage.ts";
import { OUTBOUND_MESSAGES } from "../../protocol/ouch/outbound-messages.ts";

/** Without the appendage; 0 = there is no such type. */
const fixedBytes = new Uint8Array(256);
const hasAppendage = new Uint8Array(256);
for (const { type, fixedBytes: bytes, appendage } of OUTBOUND_MESSAGES) {
  fixedBytes[type] = bytes;
  hasAppendage[type] = appendage === undefined ? 0 : 1;
}

/** In words, or "". A message may end before its appendage, whatever its type. */
export function malformed(view: DataView, offset: number, messageBytes: number): string {
  if (messageBytes === 0) return "a message of no bytes";
  const type = view.getUint8(offset);
  const least = fixedBytes[type]!;
  if (least > 0 && messageBytes === least) return "";
  const name = `0x${type.toString(16).padStart(2, "0")}`;
  if (least === 0) return `a message of unknown type ${name}`;
  if (messageBytes < least) {
    return `a message of type ${name} has ${messageBytes} bytes, ${least} at least are needed`;
  }
  if (hasAppendage[type] === 1 && isAppendage(view, offset + least, offset + messageBytes)) {
    return "";
  }
  return `a message of type ${name} has ${messageBytes} bytes, and behind the ${least} of its fields no tags that end with it`;
}

function isAppendage(view: DataView, start: number, end: number): boolean {
  let offset = start + APPENDAGE_LENGTH_BYTES;
  if (offset > end || view.getUint16(start) !== end - offset) return false;
  while (offset < end) {
    const next = offset + ELEMENT_TAG_OFFSET + view.getUint8(offset);
    // An element has at least its tag.
    if (next < offset + ELEMENT_VALUE_OFFSET) return false;
    offset = next;
  }
  return offset === end;
}
