// ClOrdID: 14 characters of the client's own, never compared here, only carried.

import { SPACE } from "../wire-fields.ts";

export const CL_ORD_ID_BYTES = 14;

/** Three words and a half: a copy that makes no object. */
export function copyClOrdId(
  source: DataView,
  sourceOffset: number,
  target: DataView,
  targetOffset: number,
): void {
  target.setInt32(targetOffset, source.getInt32(sourceOffset));
  target.setInt32(targetOffset + 4, source.getInt32(sourceOffset + 4));
  target.setInt32(targetOffset + 8, source.getInt32(sourceOffset + 8));
  target.setInt16(targetOffset + 12, source.getInt16(sourceOffset + 12));
}

/** The ClOrdID of an answer to a request that has none. */
export function blankClOrdId(target: DataView, targetOffset: number): void {
  for (let index = 0; index < CL_ORD_ID_BYTES; index++) {
    target.setUint8(targetOffset + index, SPACE);
  }
}
