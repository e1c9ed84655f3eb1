// Copies of a message's length: a loop over words takes a third of the time of Buffer.copy, which leaves JavaScript for
// each (native-free-bench/micro/memory/short-copy.ts). Any thread.

/**
 * From one place to another, both on a whole 4. Up to three bytes behind the last go along: what stands there is
 * nobody's.
 */
export function copyWords(
  source: Int32Array,
  fromOffset: number,
  target: Int32Array,
  toOffset: number,
  bytes: number,
): void {
  const from = fromOffset >> 2;
  const to = toOffset >> 2;
  const words = (bytes + 3) >> 2;
  for (let word = 0; word < words; word++) target[to + word] = source[from + word]!;
}

/** From anywhere, to a place on a whole 4, of which the last word is filled with zeros. */
export function copyIntoWords(
  source: DataView,
  fromOffset: number,
  target: Int32Array,
  toOffset: number,
  bytes: number,
): void {
  const to = toOffset >> 2;
  const whole = bytes >> 2;
  for (let word = 0; word < whole; word++) {
    target[to + word] = source.getInt32(fromOffset + word * 4, true);
  }
  let at = fromOffset + whole * 4;
  const end = fromOffset + bytes;
  if (at === end) return;
  let rest = 0;
  for (let shift = 0; at < end; at++, shift += 8) rest |= source.getUint8(at) << shift;
  target[to + whole] = rest;
}
