// What OpenTelemetry reads of the gateway's latencies when it sends metrics: counters that rates are made of, and
// quantiles that were counted here. The names are those of /metrics as OpenTelemetry writes them. Scribe thread.

import type { Attributes, Meter, ObservableResult } from "@opentelemetry/api";
import { ANSWER_SERIES, STAGE_NAMES } from "../../telemetry/latency-series.ts";
import type { CountsReader } from "../../telemetry/shared-counts.ts";
import { type LatencyStats, type LatencyView, WINDOW_SECONDS } from "../histograms/latency-view.ts";
import type { TraceCounts } from "./order-traces.ts";

const NS_PER_SECOND = 1e9;
const BURN_WINDOWS = { "5m": 300, "1h": 3600 } as const;
const QUANTILES = {
  "0.5": "p50Ns",
  "0.99": "p99Ns",
  "0.999": "p999Ns",
  "0.9999": "p9999Ns",
} as const satisfies Record<string, keyof LatencyStats>;

export interface Observed {
  readonly latencies: LatencyView;
  /** By ANSWER_SERIES. */
  readonly answers: CountsReader;
  readonly traces: () => TraceCounts;
}

/** Each is asked for its values when a reader collects: every OTEL_METRIC_EXPORT_INTERVAL, or when it is scraped. */
export function observeLatencies(meter: Meter, { latencies, answers, traces }: Observed): void {
  meter
    .createObservableCounter("gateway.answers", { description: "Requests that were answered" })
    .addCallback((result) => {
      for (const [series, { type, outcome, isPeerLimited }] of ANSWER_SERIES.entries()) {
        const count = answers.count(series);
        if (count > 0) result.observe(count, { type, outcome, peer_limited: isPeerLimited });
      }
    });
  meter
    .createObservableGauge("gateway.latency.window.rate", {
      description: "Answers of the headline per second, over the window",
      unit: "1/s",
    })
    .addCallback((result) => {
      for (const seconds of WINDOW_SECONDS) {
        const { count } = latencies.headline(seconds);
        result.observe(count / seconds, { window: `${seconds}s` });
      }
    });
  meter
    .createObservableGauge("gateway.latency.quantile", {
      description: "From when a request can have been there until the kernel had its answer",
      unit: "s",
    })
    .addCallback((result) => {
      for (const seconds of WINDOW_SECONDS) {
        observeQuantiles(result, latencies.headline(seconds), { window: `${seconds}s` });
      }
    });
  meter
    .createObservableGauge("gateway.latency.max", {
      description: "The slowest answer of the headline, over the window",
      unit: "s",
    })
    .addCallback((result) => {
      for (const seconds of WINDOW_SECONDS) {
        const { maxNs } = latencies.headline(seconds);
        result.observe(maxNs / NS_PER_SECOND, { window: `${seconds}s` });
      }
    });
  meter
    .createObservableGauge("gateway.stage.quantile", {
      description: "Where the headline's answers spent their time",
      unit: "s",
    })
    .addCallback((result) => {
      for (const stage of STAGE_NAMES) {
        for (const seconds of WINDOW_SECONDS) {
          const stats = latencies.stage(stage, seconds);
          observeQuantiles(result, stats, { stage, window: `${seconds}s` });
        }
      }
    });
  meter
    .createObservableGauge("gateway.sla.burn", {
      description:
        "How fast the allowance of late answers is used up: 1 = just as fast as it may be",
      unit: "1",
    })
    .addCallback((result) => {
      for (const [window, seconds] of Object.entries(BURN_WINDOWS)) {
        result.observe(latencies.burn(seconds).ratio, { window });
      }
    });
  meter
    .createObservableCounter("gateway.traces", { description: "Orders that were to be traces" })
    .addCallback((result) => {
      const { traced, overBudget, dropped } = traces();
      result.observe(traced, { result: "traced" });
      result.observe(overBudget, { result: "over_budget" });
      result.observe(dropped, { result: "dropped" });
    });
}

/** A window with too few samples has no value, rather than one that means nothing. */
function observeQuantiles(
  result: ObservableResult,
  stats: LatencyStats,
  attributes: Attributes,
): void {
  for (const [quantile, name] of Object.entries(QUANTILES)) {
    const ns = stats[name];
    if (ns !== undefined) result.observe(ns / NS_PER_SECOND, { ...attributes, quantile });
  }
}
