// Percentiles of counts in the HDR layout, for who has no histogram library at hand: the main thread answers `status`
// also when the scribe is dead.

import type { HdrPrecision } from "./hdr-index.ts";

/** The largest value that counts at this index. */
export function highestNsAt(index: number, halfBits: number): number {
  const bucket = Math.max(0, (index >> halfBits) - 1);
  const subBucket = index - bucket * 2 ** halfBits;
  return (subBucket + 1) * 2 ** bucket - 1;
}

/**
 * By quantile, as 0.999: the value that this share of all values does not exceed, up to the precision of the counts. All
 * zero when nothing was counted.
 */
export function percentilesNs(
  counts: ArrayLike<number>,
  { halfBits }: HdrPrecision,
  quantiles: readonly number[],
): number[] {
  let total = 0;
  for (let index = 0; index < counts.length; index++) total += counts[index] ?? 0;
  const found = quantiles.map(() => 0);
  if (total === 0) return found;
  const ranks = quantiles.map((quantile) => Math.max(1, Math.ceil(quantile * total)));
  let below = 0;
  for (let index = 0; index < counts.length; index++) {
    const count = counts[index] ?? 0;
    if (count === 0) continue;
    for (const [place, rank] of ranks.entries()) {
      if (rank > below && rank <= below + count) found[place] = highestNsAt(index, halfBits);
    }
    below += count;
  }
  return found;
}
