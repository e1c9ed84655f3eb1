// The three pictures of the report: percentiles on a nines axis, the ratios with their intervals, and the runs in time.

import { timeText } from "../terminal-text.ts";
import { logRatios, middleMean } from "./block-ratio.ts";
import type { ComparisonRecord } from "./comparison-record.ts";
import { estimateText } from "./comparison-text.ts";
import { blocksOf } from "./decision.ts";
import { percentText } from "./percentile-verdict.ts";
import { decodeHistogram } from "./pooled-histogram.ts";
import { isValid, type PercentileName } from "./run-sample.ts";
import { type Axis, CHART, Chart } from "./svg-chart.ts";

const NINES = [
  { at: 0, text: "0" },
  { at: Math.log10(2), text: "P50" },
  { at: 1, text: "P90" },
  { at: 2, text: "P99" },
  { at: 3, text: "P99.9" },
  { at: 4, text: "P99.99" },
  { at: 5, text: "P99.999" },
];
const NINES_STEP = 0.04;
/** A percentile with fewer samples behind it is one sample's luck. */
const SAMPLES_BEHIND = 10;

/** Latency against the number of nines, both sides; "" without histograms. */
export function percentileChart({ histograms }: ComparisonRecord): string {
  const lines = (["a", "b"] as const).flatMap((side) => {
    const text = histograms[side];
    const histogram = text === null ? undefined : decodeHistogram(text);
    if (histogram === undefined) return [];
    const ninesMax = Math.max(1, Math.log10(histogram.totalCount / SAMPLES_BEHIND));
    const points: [number, number][] = [];
    for (let nines = 0; nines <= ninesMax; nines += NINES_STEP) {
      const percentile = 100 * (1 - 10 ** -nines);
      points.push([nines, Math.max(1, histogram.getValueAtPercentile(percentile))]);
    }
    return [{ side, points }];
  });
  const all = lines.flatMap(({ points }) => points);
  if (all.length === 0) return "";
  const ninesMax = Math.max(...all.map(([nines]) => nines));
  const ticks = NINES.filter(({ at }) => at <= ninesMax);
  const x: Axis = { min: 0, max: ninesMax, isLog: false, ticks, title: "percentile" };
  const chart = new Chart(x, timeAxis(all.map(([, ns]) => ns)));
  for (const { side, points } of lines) chart.path(points, `line ${side}`);
  return chart.svg("response time by percentile");
}

const ROW_PIXELS = 56;
const RATIO_TICKS = [0.1, 0.2, 0.5, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 2, 3, 5, 10, 20, 50, 100];

/** One row for each percentile: its ratio, interval, limit, blocks, and what A against A showed. */
export function ratioChart({ verdicts, runs, kind }: ComparisonRecord): string {
  if (verdicts.length === 0) return "";
  const rows = verdicts.map((verdict, index) => {
    const blocks =
      kind === "side by side" ? blocksOf(runs, verdict.name as PercentileName, "blocks") : [];
    const ratios = blocks
      .map(logRatios)
      .filter((logs) => logs.length > 0)
      .map((logs) => Math.exp(middleMean(logs)));
    return { verdict, ratios, y: verdicts.length - index };
  });
  const shown = rows.flatMap(({ verdict: { estimate, limit, noise }, ratios }) => [
    ...[limit, noise ?? 1, 1 / (noise ?? 1)],
    ...(estimate ? [estimate.low, estimate.high] : []),
    ...ratios,
  ]);
  const min = Math.max(0.05, Math.min(0.85, ...shown) / 1.05);
  const max = Math.min(200, Math.max(1.2, ...shown) * 1.05);
  const apart = Math.log(max / min) / 14;
  const ticks: number[] = [];
  for (const at of RATIO_TICKS) {
    const isApart = Math.log(at / (ticks.at(-1) ?? Number.EPSILON)) >= apart;
    if (at >= min && at <= max && isApart) ticks.push(at);
  }
  const x: Axis = {
    ...{ min, max, isLog: true },
    ticks: ticks.map((at) => ({ at, text: at === 1 ? "equal" : percentText(at) })),
    title: "B to A: slower to the right",
  };
  const y: Axis = {
    ...{ min: 0.3, max: verdicts.length + 0.7, isLog: false, title: "" },
    ticks: rows.map(({ y: at, verdict }) => ({ at, text: verdict.name.toUpperCase() })),
  };
  const chart = new Chart(x, y, CHART.top + CHART.bottom + ROW_PIXELS * verdicts.length);
  for (const { verdict, ratios, y: at } of rows) {
    const { estimate, limit, noise, outcome } = verdict;
    if (noise !== null) chart.band(1 / noise, noise, at, 30, "noise");
    chart.path(
      [
        [limit, at - 0.4],
        [limit, at + 0.4],
      ],
      "limit",
    );
    for (const ratio of ratios) chart.dot(ratio, at - 0.3, "block", percentText(ratio), 2);
    if (estimate === null) continue;
    chart.band(estimate.low, estimate.high, at, 6, `interval ${outcome.replaceAll(" ", "-")}`);
    chart.dot(estimate.ratio, at, "estimate", estimateText(verdict), 5);
  }
  return chart.svg("ratio of B to A with its interval");
}

/** P99 of each second (a line for each run) and the slowest answer (a dot), over the time of the comparison. */
export function timeChart({ runs, startedAt }: ComparisonRecord): string {
  const beganMs = Date.parse(startedAt);
  const shown = runs.filter((run) => isValid(run) && run.series.length > 0);
  const lines = shown.map((run) => {
    const offset = (run.startedMs - beganMs) / 1000;
    const points = run.series.map(({ second, p99, max }) => ({ at: offset + second, p99, max }));
    // In the noise phase all runs are of A.
    return { className: run.phase === "noise" ? "a" : run.side.toLowerCase(), points };
  });
  const all = lines.flatMap(({ points }) => points);
  const times = all.flatMap(({ p99, max }) => [p99 ?? [], max ?? []].flat());
  if (times.length === 0) return "";
  const end = Math.max(...all.map(({ at }) => at), 1);
  const step =
    [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800].find((each) => end / each <= 10) ??
    3600 * Math.ceil(end / 36_000);
  const ticks = Array.from({ length: Math.floor(end / step) + 1 }, (_, k) => ({
    ...{ at: k * step, text: `${k * step} s` },
  }));
  const x: Axis = { min: 0, max: end, isLog: false, ticks, title: "since the start" };
  const chart = new Chart(x, timeAxis(times));
  for (const { className, points } of lines) {
    const line = points.flatMap(({ at, p99 }): [number, number][] =>
      p99 === null ? [] : [[at, p99]],
    );
    chart.path(line, `line ${className}`);
    for (const { at, max } of points) {
      if (max !== null) chart.dot(at, max, `max ${className}`, timeText(max), 1.5);
    }
  }
  return chart.svg("P99 and maximum of each second");
}

function timeAxis(values: readonly number[]): Axis {
  const low = Math.min(...values);
  const high = Math.max(...values);
  const first = Math.floor(Math.log10(low));
  const last = Math.max(first + 1, Math.ceil(Math.log10(high)));
  const ticks = Array.from({ length: last - first + 1 }, (_, k) => 10 ** (first + k)).map((at) => ({
    ...{ at, text: at < 1000 ? `${at} ns` : timeText(at).replace(".00", "").replace(".0", "") },
  }));
  return { min: 10 ** first, max: 10 ** last, isLog: true, ticks, title: "response time" };
}
