// Field encodings that OUCH and SoupBinTCP share: wide integers as numbers, text padded with spaces.
// Any thread. The integer functions run on the hot path, the text functions in logins, tools and tests.

const WORD_VALUES = 2 ** 32;

/** What a flyweight looks at before its first wrap(). */
export const UNWRAPPED: DataView = new DataView(new ArrayBuffer(0));

/** Exact up to 2^53 - 1; a larger value stays larger than any limit, which is all its readers ask. */
export function readU64(view: DataView, offset: number): number {
  return view.getUint32(offset) * WORD_VALUES + view.getUint32(offset + 4);
}

/** `value` is a whole number, at most 2^53 - 1. */
export function writeU64(view: DataView, offset: number, value: number): void {
  view.setUint32(offset, Math.floor(value / WORD_VALUES));
  view.setUint32(offset + 4, value >>> 0);
}

/**
 * Eight bytes as they are. A number beyond 2^31 that is handed to a function V8 did not inline becomes an object
 * of 16 bytes; the halves here are signed, and never do.
 */
export function copyU64(
  source: DataView,
  sourceOffset: number,
  target: DataView,
  targetOffset: number,
): void {
  target.setInt32(targetOffset, source.getInt32(sourceOffset));
  target.setInt32(targetOffset + 4, source.getInt32(sourceOffset + 4));
}

/** Text without the padding that follows it. */
export function readText(view: DataView, offset: number, fieldBytes: number): string {
  let text = "";
  for (let index = 0; index < fieldBytes; index++) {
    text += String.fromCharCode(view.getUint8(offset + index));
  }
  return text.trimEnd();
}

/** Left-justified, padded right with spaces; what does not fit is cut, what is not ASCII becomes '?'. */
export function writeText(view: DataView, offset: number, fieldBytes: number, text: string): void {
  for (let index = 0; index < fieldBytes; index++) {
    view.setUint8(offset + index, index < text.length ? asciiAt(text, index) : SPACE);
  }
}

/** Right-justified, padded left with spaces; as writeText() otherwise. */
export function writeTextRight(
  view: DataView,
  offset: number,
  fieldBytes: number,
  text: string,
): void {
  const padding = Math.max(0, fieldBytes - text.length);
  for (let index = 0; index < padding; index++) view.setUint8(offset + index, SPACE);
  for (let index = padding; index < fieldBytes; index++) {
    view.setUint8(offset + index, asciiAt(text, index - padding));
  }
}

export const SPACE = 0x20;
const LAST_PRINTABLE = 0x7e;
const QUESTION_MARK = 0x3f;

function asciiAt(text: string, index: number): number {
  const code = text.charCodeAt(index);
  return code < SPACE || code > LAST_PRINTABLE ? QUESTION_MARK : code;
}
