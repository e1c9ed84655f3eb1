// One run of the load or replay tool, as far as a comparison needs it.

import type { MeasuredRun } from "../measured-command.ts";

export const PERCENTILE_NAMES = ["p50", "p90", "p99", "p999", "p9999", "max"] as const;
export type PercentileName = (typeof PERCENTILE_NAMES)[number];

/** Below these the load tool tells no such percentile of a run. */
export const SAMPLES_MIN: Readonly<Partial<Record<PercentileName, number>>> = {
  p90: 10,
  p99: 100,
  p999: 10_000,
  p9999: 100_000,
};

/** With --count and a low rate a run can last; a chart of more points shows no more of it. */
const RUN_SECONDS_MAX = 24 * 60 * 60;
const SERIES_POINTS_MAX = 10_000;

export interface SeriesPoint {
  readonly second: number;
  readonly sent: number;
  readonly p50: number | null;
  readonly p99: number | null;
  readonly p999: number | null;
  readonly max: number | null;
}

/** How the requests of a run were answered, what is not measured included. */
export interface AnswerCounts {
  readonly accepted: number;
  readonly rejected: number;
}

/** Its numbers are nanoseconds of response time. */
export interface RunSample {
  /** 0 … of its phase. */
  readonly block: number;
  readonly side: "A" | "B";
  /** Noise: A against A. */
  readonly phase: "noise" | "blocks";
  /** Since 1970. */
  readonly startedMs: number;
  /** Why it does not count, in words; null when it does. */
  readonly problem: string | null;
  /** What the target did wrong: such a run never counts. */
  readonly faults: readonly string[];
  readonly count: number;
  /** undefined where the tool does not count them. */
  readonly answers?: AnswerCounts | undefined;
  readonly percentiles: Readonly<Record<PercentileName, number | null>>;
  readonly series: readonly SeriesPoint[];
  /** HDR V2, compressed, base64; null when the tool gave none. */
  readonly histogram: string | null;
  readonly loadAverage: number | null;
}

export const isValid = (run: RunSample): boolean => run.problem === null;

/** For a report, where the pool of all runs stands for them: one is some ten thousand letters. */
export const withoutHistogram = (run: RunSample): RunSample => ({ ...run, histogram: null });

export type RunPlace = Pick<RunSample, "block" | "side" | "phase" | "startedMs">;

/** `death`: how the target ended by itself, if it did. */
export function sampleOf(place: RunPlace, run: MeasuredRun, death: string | undefined): RunSample {
  const result = objectIn(run.result);
  const latency = objectIn(objectIn(result?.latency)?.response);
  const faults = textsIn(result?.faults);
  if (death !== undefined) faults.unshift(death);
  const percentiles = Object.fromEntries(
    PERCENTILE_NAMES.map((name) => [name, positiveIn(latency?.[name])]),
  ) as Record<PercentileName, number | null>;
  return {
    ...place,
    problem: problemOf(run, result, faults),
    faults,
    count: positiveIn(latency?.count) ?? 0,
    answers: answersIn(objectIn(result?.counts)),
    percentiles,
    series: Array.isArray(result?.series) ? seriesIn(result.series) : [],
    histogram: typeof result?.histogram === "string" ? result.histogram : null,
    loadAverage: numberIn(objectIn(result?.environment)?.loadBefore),
  };
}

function problemOf(
  run: MeasuredRun,
  result: Record<string, unknown> | undefined,
  faults: readonly string[],
): string | null {
  if (faults.length > 0) return `fault: ${faults[0]}`;
  if (result === undefined) {
    const lastWords = run.stderr.trimEnd().split("\n").at(-1) ?? "";
    return `no result, status ${run.status} ${lastWords}`.trimEnd();
  }
  if (result.isValid !== true)
    return `invalid: ${textsIn(result.invalid)[0] ?? "it does not say why"}`;
  // A status that says otherwise than the line does is not to be trusted.
  if (run.status !== 0) return `ended with status ${run.status}`;
  return null;
}

function answersIn(counts: Record<string, unknown> | undefined): AnswerCounts | undefined {
  const accepted = numberIn(counts?.accepted);
  const rejected = numberIn(counts?.rejected);
  if (accepted === null || rejected === null || accepted < 0 || rejected < 0) return undefined;
  return { accepted, rejected };
}

/** A tool of the user's own may count seconds since 1970: they are no part of a run, and nothing to plot. */
const seriesIn = (values: readonly unknown[]): SeriesPoint[] =>
  values.slice(0, SERIES_POINTS_MAX).flatMap(seriesPoint);

function seriesPoint(value: unknown): SeriesPoint[] {
  const point = objectIn(value);
  const second = numberIn(point?.second);
  if (point === undefined || second === null || second < 0 || second > RUN_SECONDS_MAX) return [];
  return [
    {
      second,
      sent: numberIn(point.sent) ?? 0,
      p50: positiveIn(point.p50),
      p99: positiveIn(point.p99),
      p999: positiveIn(point.p999),
      max: positiveIn(point.max),
    },
  ];
}

function objectIn(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null
    ? (value as Record<string, unknown>)
    : undefined;
}

const textsIn = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((text) => typeof text === "string") : [];

const numberIn = (value: unknown): number | null =>
  typeof value === "number" && Number.isFinite(value) ? value : null;

/** Ratios are of these: a zero or less is no time. */
const positiveIn = (value: unknown): number | null => {
  const number = numberIn(value);
  return number !== null && number > 0 ? number : null;
};
