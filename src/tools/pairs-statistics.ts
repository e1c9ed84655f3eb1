// What interleaved runs of A and B say: ratios within a round, because only neighbours in time share the machine's
// mood, and beside them what A says against itself.

/** One round: A, then B, then A again. null = not measured. */
export interface Round {
  readonly first: number | null;
  readonly other: number | null;
  readonly again: number | null;
}

export interface RatioRange {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly count: number;
}

export interface Comparison {
  readonly medianA: number;
  readonly medianB: number;
  /** B to the mean of the As around it; null with no usable round. */
  readonly ratio: RatioRange | null;
  /** The second A to the first: the noise that a difference must rise above. */
  readonly noise: RatioRange | null;
  /** Every round says the same direction, and the median lies outside of what A against itself showed. */
  readonly isBeyondNoise: boolean;
}

export function compare(rounds: readonly Round[]): Comparison {
  const ratios: number[] = [];
  const noises: number[] = [];
  const allA: number[] = [];
  const allB: number[] = [];
  for (const { first, other, again } of rounds) {
    const sides = [first, again].filter((value) => value !== null);
    allA.push(...sides);
    if (other !== null) allB.push(other);
    const mean = sides.reduce((sum, value) => sum + value, 0) / sides.length;
    if (other !== null && mean > 0) ratios.push(other / mean);
    if (first !== null && again !== null && first > 0) noises.push(again / first);
  }
  const ratio = rangeOf(ratios);
  const noise = rangeOf(noises);
  return {
    medianA: median(allA),
    medianB: median(allB),
    ratio,
    noise,
    isBeyondNoise: ratio !== null && noise !== null && isOutside(ratio, noise),
  };
}

function isOutside(ratio: RatioRange, noise: RatioRange): boolean {
  // A drift of the machine may show as A′/A or as A/A′: take the wider side for both.
  const spread = Math.max(noise.max, 1 / noise.min, 1);
  const isHigher = ratio.min > 1 && ratio.median > spread;
  const isLower = ratio.max < 1 && ratio.median < 1 / spread;
  return isHigher || isLower;
}

function rangeOf(values: readonly number[]): RatioRange | null {
  if (values.length === 0) return null;
  return {
    median: median(values),
    min: Math.min(...values),
    max: Math.max(...values),
    count: values.length,
  };
}

/** NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  return upper === undefined || lower === undefined ? Number.NaN : (lower + upper) / 2;
}
