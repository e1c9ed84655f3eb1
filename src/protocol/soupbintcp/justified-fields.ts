// Login fields that the specification pads on one side and clients pad on either, some of them
// with NUL. Logins are rare: strings are fine here.

import { readText, writeTextRight } from "../wire-fields.ts";

export const SESSION_BYTES = 10;
export const SEQUENCE_BYTES = 20;

/** What reading a number gives for blanks, letters or signs. */
export const NOT_A_NUMBER = -1;

const PADDING = /^[ \0]+|[ \0]+$/g;
const DIGITS = /^[0-9]+$/;

/** Without spaces and NULs on either side. */
export const readTrimmed = (view: DataView, offset: number, fieldBytes: number): string =>
  readText(view, offset, fieldBytes).replace(PADDING, "");

/** Decimal digits, or NOT_A_NUMBER; above 2^53 - 1 it is 2^53 - 1, which is beyond the end of any stream. */
export function readDecimal(view: DataView, offset: number, fieldBytes: number): number {
  const text = readTrimmed(view, offset, fieldBytes);
  return DIGITS.test(text) ? Math.min(Number(text), Number.MAX_SAFE_INTEGER) : NOT_A_NUMBER;
}

/** As the specification has it: spaces on the left. */
export const writeDecimal = (
  view: DataView,
  offset: number,
  fieldBytes: number,
  value: number,
): void => writeTextRight(view, offset, fieldBytes, String(value));
