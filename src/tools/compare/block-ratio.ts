// How much slower B is than A, from blocks of interleaved runs, with an interval that says how sure that is.
//
// Everything is done in logarithms, since times are compared by their ratio. In a block each run of B is set against
// each run of A: neighbours in time that share the machine's mood, and, for this block, the same two processes. The
// estimate is the mean of the middle half of all of these, so that a run that met a busy neighbour does not decide.
// A whole block is drawn at once when the bootstrap draws: runs of one pair of processes are not independent.

import { studentQuantile } from "./student-t.ts";

/** What the valid runs of a block measured, in any unit; either side may be empty. */
export interface Block {
  readonly a: readonly number[];
  readonly b: readonly number[];
}

export interface RatioEstimate {
  /** B to A: 1.1 is 10 % slower. */
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
  /** With at least one run of each side. */
  readonly blocks: number;
}

/** Below these nothing is said about the spread between blocks. */
export const BLOCKS_MIN = 4;
const RESAMPLES = 400;
const SHARE_CUT = 0.25;

/**
 * The ratio of B to A; undefined with fewer than two blocks to say it from. The half-width of the interval is the
 * bootstrap's standard error times Student's t at the place of the normal deviate `deviate` (see `lookDeviate`):
 * percentiles of the bootstrap alone are far too narrow with four blocks. The same blocks give the same interval.
 */
export function estimateRatio(
  blocks: readonly Block[],
  deviate: number,
): RatioEstimate | undefined {
  const ratios = blocks.map(logRatios).filter((logs) => logs.length > 0);
  if (ratios.length < 2) return undefined;
  const middle = middleMean(ratios.flat());
  const halfWidth = bootstrapError(ratios) * studentQuantile(normalCdf(deviate), ratios.length - 1);
  return {
    ratio: Math.exp(middle),
    low: Math.exp(middle - halfWidth),
    high: Math.exp(middle + halfWidth),
    blocks: ratios.length,
  };
}

/** The mean of the middle half. NaN of nothing. */
export function middleMean(values: readonly number[]): number {
  return meanOfMiddle(Float64Array.from(values).sort());
}

function meanOfMiddle(sorted: Float64Array): number {
  const cut = Math.floor(SHARE_CUT * sorted.length);
  let sum = 0;
  for (let k = cut; k < sorted.length - cut; k++) sum += sorted[k]!;
  return sum / (sorted.length - 2 * cut);
}

/** Of each run of B to each run of A. */
export const logRatios = ({ a, b }: Block): number[] =>
  b.flatMap((ofB) => a.map((ofA) => Math.log(ofB / ofA)));

/** The standard error of the middle mean, from drawing as many blocks as there are, again and again. */
function bootstrapError(ratios: readonly (readonly number[])[]): number {
  const count = ratios.length;
  const drawn = new Float64Array(count * Math.max(...ratios.map((logs) => logs.length)));
  const spread = spreadOfResamples((random) => {
    let length = 0;
    for (let k = 0; k < count; k++) {
      const logs = ratios[random.below(count)] ?? [];
      drawn.set(logs, length);
      length += logs.length;
    }
    return meanOfMiddle(drawn.subarray(0, length).sort());
  });
  // What is drawn from `count` blocks varies less than blocks do, by this factor.
  return spread * Math.sqrt(count / (count - 1));
}

/**
 * The ratio of B, measured now, to A, measured at another time: the runs of each process of either side. Both sides
 * are drawn anew by themselves, and `widening` (a logarithm) is added to the interval at both ends. undefined with
 * fewer than two processes of a side.
 */
export function estimateApart(
  processesOfA: readonly (readonly number[])[],
  processesOfB: readonly (readonly number[])[],
  deviate: number,
  widening: number,
): RatioEstimate | undefined {
  const a = processesOfA.map((runs) => middleMean(runs.map(Math.log)));
  const b = processesOfB.map((runs) => middleMean(runs.map(Math.log)));
  const processes = Math.min(a.length, b.length);
  if (processes < 2) return undefined;
  const middle = middleMean(b) - middleMean(a);
  const drawMean = (values: readonly number[], random: Draws): number =>
    middleMean(values.map(() => values[random.below(values.length)] ?? 0));
  const spread = spreadOfResamples((random) => drawMean(b, random) - drawMean(a, random));
  const error = spread * Math.sqrt(processes / (processes - 1));
  const halfWidth = error * studentQuantile(normalCdf(deviate), processes - 1) + widening;
  return {
    ratio: Math.exp(middle),
    low: Math.exp(middle - halfWidth),
    high: Math.exp(middle + halfWidth),
    blocks: b.length,
  };
}

function spreadOfResamples(draw: (random: Draws) => number): number {
  const random = new Draws();
  const means = Float64Array.from({ length: RESAMPLES }, () => draw(random));
  const mean = means.reduce((sum, value) => sum + value, 0) / RESAMPLES;
  return Math.sqrt(means.reduce((sum, value) => sum + (value - mean) ** 2, 0) / RESAMPLES);
}

/** A source of its own, begun anew for each interval: a verdict must not depend on how often one was asked for. */
class Draws {
  private state = 0x5eed_0005;

  /** Mulberry32. */
  below(limit: number): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = this.state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  }
}

/** Abramowitz and Stegun 26.2.17, to seven digits; z ≥ 0. */
export function normalCdf(z: number): number {
  const [b1, b2, b3, b4, b5] = [
    0.31938153, -0.356563782, 1.781477937, -1.821255978, 1.330274429,
  ] as const;
  const t = 1 / (1 + 0.2316419 * z);
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  return 1 - density * t * (b1 + t * (b2 + t * (b3 + t * (b4 + t * b5))));
}

/** The deviate at the last look; earlier ones must be surer of themselves. */
const LAST_DEVIATE = 1.75;

/**
 * The normal deviate of the interval at a look after `blocks` of at most `blocksMax`. Who looks after each block and
 * stops at the first answer is wrong more often than one interval says; so the early ones are wider (the boundary of
 * Wang and Tsiatis, Δ = 1/4). With it one comparison as a whole, in which B is exactly at the limit, is called
 * regressed about one time in twenty (A against A has its say, too) and not regressed one in ten.
 */
export const lookDeviate = (blocks: number, blocksMax: number): number =>
  LAST_DEVIATE * Math.max(1, blocksMax / blocks) ** 0.25;
