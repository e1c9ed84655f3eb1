// What a load run comes to: its counts, its latencies, and whether they can be trusted.

import type { LatencySummary, SeriesSecond } from "./latency-book.ts";
import type { LoadPlan } from "./load-plan.ts";
import type { Percentiles } from "./percentiles.ts";
import type { RunEnvironment } from "./run-environment.ts";

export type LoadPhase = "ramp" | "warm-up" | "measured" | "cool-down";

/** One second of a run, or less at its end. */
export interface LoadProgress {
  readonly second: number;
  /** In which it began. */
  readonly phase: LoadPhase;
  /** Per second. */
  readonly sentRate: number;
  readonly answeredRate: number;
  readonly executionRate: number;
  /** Requests that want an answer now. */
  readonly waiting: number;
  readonly rejected: number;
  readonly response: Percentiles;
  readonly lateness: Percentiles;
}

/** Of the whole run, what is not measured included. */
export interface LoadCounts {
  readonly sent: number;
  readonly accepted: number;
  readonly rejected: number;
  /** Needed no answer: their order was gone before they arrived. */
  readonly explained: number;
  /** Should have had an answer and have none. */
  readonly unanswered: number;
  /** Messages that answer nothing, or say what cannot be. */
  readonly unmatched: number;
  /** Sent later than the plan allows. */
  readonly late: number;
  readonly executions: number;
  readonly sharesBought: number;
  readonly sharesSold: number;
}

export interface LoadResult {
  /** False: do not compare the latencies with anything. */
  readonly isValid: boolean;
  /** Why not. */
  readonly invalid: readonly string[];
  /** What the gateway did wrong, as far as a client can tell; each also makes the run invalid. */
  readonly faults: readonly string[];
  readonly rate: { readonly asked: number; readonly sent: number };
  /** Of the measured part. */
  readonly seconds: number;
  /** When it began, in milliseconds since 1970. */
  readonly measuredFromMs: number;
  readonly counts: LoadCounts;
  /** First few, in words. */
  readonly unmatched: readonly string[];
  readonly rejectCodes: Record<string, number>;
  /** Nanoseconds; null where there were too few samples to say. */
  readonly latency: LatencySummary;
  readonly lateness: Percentiles;
  /** Response time of the headline, that of latency.response: HDR V2, compressed, base64, nanoseconds. */
  readonly histogram: string;
  /** Likewise from the actual send. */
  readonly serviceHistogram: string;
  /** The measured part second by second. */
  readonly series: readonly SeriesSecond[];
  readonly environment: RunEnvironment;
  readonly plan: Omit<LoadPlan, "accounts"> & { readonly accounts: number };
}

/** What can be said about the gateway whatever the machine's pace was. */
export function faultsOf(counts: LoadCounts, unmatched: readonly string[]): string[] {
  const faults: string[] = [];
  if (counts.unanswered > 0) faults.push(`${counts.unanswered} requests were never answered`);
  if (counts.unmatched > 0) {
    const first = unmatched[0] ?? "";
    faults.push(`${counts.unmatched} messages cannot be explained, the first: ${first}`);
  }
  return faults;
}

/** The same with what was found out beside the run, about the gateway above all. */
export function withFaults(result: LoadResult, faults: readonly string[]): LoadResult {
  if (faults.length === 0) return result;
  return {
    ...result,
    isValid: false,
    faults: [...result.faults, ...faults],
    invalid: [...result.invalid, ...faults],
  };
}

/** What makes the latencies worthless: the load was not the one that was asked for. */
export function paceProblems(
  plan: LoadPlan,
  measured: { readonly sent: number; readonly late: number; readonly seconds: number },
): string[] {
  if (measured.seconds === 0 || measured.sent === 0) return ["nothing was measured"];
  const problems: string[] = [];
  const intended = plan.rate * measured.seconds;
  const percent = (100 * measured.sent) / intended;
  if (percent < 99 - scatterPercent(plan, intended)) {
    problems.push(`the rate was missed: ${percent.toFixed(1)} % of ${plan.rate}/s`);
  }
  if (measured.late / measured.sent > plan.lateShareMax) {
    const latePercent = ((100 * measured.late) / measured.sent).toFixed(1);
    const lateMs = plan.lateNsMax / 1e6;
    problems.push(`${latePercent} % of the requests were sent more than ${lateMs} ms late`);
  }
  return problems;
}

/** Without the digits that say nothing; some of a small one do. */
export const readableRate = (rate: number): number => Number(rate.toPrecision(6));

/** By how much a run of so many messages may differ from its rate by its arrivals alone. */
function scatterPercent({ arrivals, burstSize }: LoadPlan, intended: number): number {
  // Poisson arrivals scatter by the root of their number; four times that is not scatter any more.
  if (arrivals === "poisson") return 400 / Math.sqrt(intended);
  return arrivals === "bursts" ? (100 * burstSize) / intended : 0;
}
