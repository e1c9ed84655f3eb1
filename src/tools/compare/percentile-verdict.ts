// Regressed, not regressed, or cannot tell: of one percentile with a limit, and of all of them together.

import {
  BLOCKS_MIN,
  type Block,
  estimateRatio,
  logRatios,
  lookDeviate,
  middleMean,
  type RatioEstimate,
} from "./block-ratio.ts";

export const OUTCOMES = ["regressed", "not regressed", "cannot tell"] as const;
export type Outcome = (typeof OUTCOMES)[number];

export interface PercentileVerdict {
  readonly name: string;
  /** B may be so many times slower than A: 1.25. */
  readonly limit: number;
  readonly outcome: Outcome;
  /** In words, for people. */
  readonly reason: string;
  readonly estimate: RatioEstimate | null;
  /** What A against A differed by, block by block, as a ratio ≥ 1; null when it was not measured. */
  readonly noise: number | null;
}

/** A standard normal value is below this in magnitude half of the time. */
const NORMAL_MEDIAN = 0.6745;
/** So many standard errors of A against A lie between the limit and what is called a regression. */
const NOISE_ERRORS = 2;

/** The spread of blocks of A against A in logarithms, made from the typical one so that a single bad block is not all. */
export function noiseSpread(blocks: readonly Block[]): number | null {
  const sizes = blocks
    .map(logRatios)
    .filter((logs) => logs.length > 0)
    .map((logs) => Math.abs(middleMean(logs)))
    .sort((left, right) => left - right);
  const upper = sizes[Math.floor(sizes.length / 2)];
  const lower = sizes[Math.ceil(sizes.length / 2) - 1];
  if (upper === undefined || lower === undefined) return null;
  return (upper + lower) / 2 / NORMAL_MEDIAN;
}

export interface Judging {
  readonly name: string;
  readonly limit: number;
  readonly blocks: readonly Block[];
  /** From noiseSpread(). */
  readonly noiseSpread: number | null;
  readonly blocksMax: number;
}

export function judgePercentile(judging: Judging): PercentileVerdict {
  const { name, limit, blocks, blocksMax } = judging;
  const usable = blocks.filter((block) => logRatios(block).length > 0).length;
  const estimate = estimateRatio(blocks, lookDeviate(Math.max(usable, BLOCKS_MIN), blocksMax));
  return judgeEstimate({
    ...{ name, limit, usable, noiseSpread: judging.noiseSpread },
    estimate: estimate ?? null,
  });
}

export interface JudgingEstimate {
  readonly name: string;
  readonly limit: number;
  /** Blocks that have something to say. */
  readonly usable: number;
  readonly noiseSpread: number | null;
  readonly estimate: RatioEstimate | null;
}

export function judgeEstimate(judging: JudgingEstimate): PercentileVerdict {
  const { name, limit, usable, noiseSpread: spread, estimate } = judging;
  const noise = spread === null ? null : Math.exp(spread);
  const verdict = (outcome: Outcome, reason: string): PercentileVerdict => ({
    ...{ name, limit, outcome, reason, estimate, noise },
  });
  if (estimate === null || usable < BLOCKS_MIN) {
    return verdict("cannot tell", `${usable} of at least ${BLOCKS_MIN} blocks measured`);
  }
  const allowed = percentText(limit);
  if (estimate.high < limit) {
    return verdict("not regressed", `the interval ends below ${allowed}`);
  }
  if (estimate.low <= limit) return verdict("cannot tell", `the interval contains ${allowed}`);
  const floor = Math.exp((NOISE_ERRORS * (spread ?? 0)) / Math.sqrt(estimate.blocks));
  if (estimate.ratio / floor <= limit) {
    return verdict("cannot tell", `beyond ${allowed}, but not beyond what A against A showed`);
  }
  return verdict("regressed", `the interval begins above ${allowed}`);
}

/** One regression is one; all must be clear for "not regressed". */
export function overallOutcome(verdicts: readonly PercentileVerdict[]): Outcome {
  if (verdicts.some(({ outcome }) => outcome === "regressed")) return "regressed";
  if (verdicts.length > 0 && verdicts.every(({ outcome }) => outcome === "not regressed")) {
    return "not regressed";
  }
  return "cannot tell";
}

/** 1.25 → "+25 %", 0.9 → "−10 %". */
export function percentText(ratio: number): string {
  const percent = (ratio - 1) * 100;
  const size = Math.abs(percent);
  const digits = size < 9.95 && size !== Math.round(size) ? 1 : 0;
  return `${percent < 0 ? "−" : "+"}${size.toFixed(digits)} %`;
}
