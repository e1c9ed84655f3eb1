// Arrays that are mostly untouched: only what lies before the zeros at their end is kept. What was made with other
// sizes takes it in as long as that part fits.

import { assert } from "../base/assert.ts";
import type { Elements, StateReader, StateWriter } from "./state-stream.ts";

export function saveUsedPart(out: StateWriter, values: Elements): void {
  let count = values.length;
  while (count > 0 && values[count - 1] === 0) count--;
  out.number(count);
  out.array(values, 0, count);
}

/** Into a fresh array: what is behind stays zero. */
export function restoreUsedPart(from: StateReader, values: Elements): void {
  const count = from.number();
  assert(count <= values.length, "state has no room in its array");
  from.array(values, 0, count);
}
