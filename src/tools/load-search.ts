// npm run load -- --find-max: the search for the highest rate at which a percentile holds, told as a table.

import type { LoadResult } from "./driver/load-result.ts";
import type { PercentileName } from "./driver/percentiles.ts";
import { RateSearch } from "./driver/rate-search.ts";
import type { LoadOutcome } from "./load-once.ts";
import type { RateLimit } from "./load-options.ts";
import { type Column, countText, tableLine, timeText } from "./terminal-text.ts";

/** One run of the search. */
export interface SearchStep {
  readonly rate: number;
  readonly isKept: boolean;
  readonly isValid: boolean;
  /** The percentile in nanoseconds; null where it cannot be told. */
  readonly ns: number | null;
  /** Why it does not hold; "" when it does. */
  readonly why: string;
}

export interface SearchOutcome {
  /** null = the percentile holds at none of the rates that were tried. */
  readonly rate: number | null;
  /** False: the search was ended before all confirmations. */
  readonly isConfirmed: boolean;
  readonly percentile: PercentileName;
  readonly limitNs: number;
  readonly steps: readonly SearchStep[];
  /** The last run that held at that rate. */
  readonly best: LoadOutcome | undefined;
}

/** Rates that are closer together are not told apart. */
const PRECISION = 1.05;
/** When it does not hold at the start, it is tried down to this part of it. */
const START_PART_MIN = 1 / 100;

/** `measure` makes one run; undefined = the search is to end with what it has. */
export async function findMaxRate(
  limit: RateLimit,
  startRate: number,
  measure: (rate: number) => Promise<LoadOutcome | undefined>,
  tell: (step: SearchStep) => void,
): Promise<SearchOutcome> {
  const steps: SearchStep[] = [];
  const kept = new Map<number, LoadOutcome>();
  const { rateMax, confirmations, percentile, ns: limitNs } = limit;
  const search = new RateSearch({
    startRate,
    rateMin: Math.max(1, startRate * START_PART_MIN),
    rateMax,
    precision: PRECISION,
    confirmations,
  });
  for (let { rate } = search; rate !== undefined; rate = search.rate) {
    const outcome = await measure(rate);
    if (outcome === undefined) break;
    const step = judge(rate, outcome.result, limit);
    steps.push(step);
    tell(step);
    if (step.isKept) kept.set(rate, outcome);
    search.onRun(step.isKept);
  }
  // A search that was ended may have been about to try a lower rate, which nobody has seen to hold.
  const held = [...kept.keys()].filter((rate) => rate <= search.found);
  const rate = held.length === 0 ? null : Math.max(...held);
  const best = rate === null ? undefined : kept.get(rate);
  return { rate, isConfirmed: search.isConfirmed, percentile, limitNs, steps, best };
}

/** An INVALID run keeps no limit: what it measured is not what was asked for. */
export function judge(rate: number, result: LoadResult, limit: RateLimit): SearchStep {
  const { isValid } = result;
  const ns = isValid ? result.latency.response[limit.percentile] : null;
  const isKept = ns !== null && ns <= limit.ns;
  let why = "";
  if (!isValid) why = `INVALID: ${result.invalid[0] ?? ""}`;
  else if (ns === null) why = `${countText(result.latency.response.count)} answers are too few`;
  else if (!isKept) why = `above ${timeText(limit.ns)}`;
  return { rate, isKept, isValid, ns, why };
}

const columns = (percentile: string): readonly Column[] => [
  { title: "rate", width: 9 },
  { title: percentile.toUpperCase(), width: 8 },
  { title: "holds", width: 5 },
];

export const searchTitles = (percentile: string): string => tableLine(columns(percentile));

export function searchLine(percentile: string, step: SearchStep): string {
  const cells = [`${countText(step.rate)}/s`, timeText(step.ns), step.isKept ? "yes" : "no"];
  return `${tableLine(columns(percentile), cells)}  ${step.why}`.trimEnd();
}

/** The answer in a sentence. */
export function searchSummary({ rate, isConfirmed, percentile, limitNs }: SearchOutcome): string {
  const limit = `${percentile.toUpperCase()} ≤ ${timeText(limitNs)}`;
  if (rate === null) return `no rate that was tried keeps ${limit}`;
  const doubt = isConfirmed ? "" : ", not confirmed";
  return `${countText(rate)}/s is the highest rate found that keeps ${limit}${doubt}`;
}
