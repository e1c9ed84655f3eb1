// ClOrdID: 14 characters of the client's own, which the gateway never compares, only carries.

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

/** Whether both are the same, letter by letter. */
export const isSameClOrdId = (
  a: DataView,
  aOffset: number,
  b: DataView,
  bOffset: number,
): boolean =>
  a.getInt32(aOffset) === b.getInt32(bOffset) &&
  a.getInt32(aOffset + 4) === b.getInt32(bOffset + 4) &&
  a.getInt32(aOffset + 8) === b.getInt32(bOffset + 8) &&
  a.getInt16(aOffset + 12) === b.getInt16(bOffset + 12);

/** The ClOrdID of an answer to a request that has none. */
export function blankClOrdId(target: DataView, targetOffset: number): void {
  for (let index = 0; index < CL_ORD_ID_BYTES; index++) {
    target.setUint8(targetOffset + index, SPACE);
  }
}
