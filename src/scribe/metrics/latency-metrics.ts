// Latencies on the page: exact histograms straight from the shared counts, quantiles from the scribe's histograms.

import { CounterReader, GATE_COUNTERS } from "../../memory/counters.ts";
import { COARSE, PRECISE } from "../../telemetry/hdr-index.ts";
import {
  ANSWER_SERIES,
  answerSeries,
  EVENT_SERIES,
  EVENT_TYPES,
  STAGE,
  STAGE_CLASSES,
  STAGE_NAMES,
  stageSeries,
} from "../../telemetry/latency-series.ts";
import { CountsReader } from "../../telemetry/shared-counts.ts";
import { type LatencyStats, type LatencyView, WINDOW_SECONDS } from "../histograms/latency-view.ts";
import type { MetricPage } from "./metric-page.ts";
import type { MetricSources } from "./metric-sources.ts";

const QUANTILES = [
  ["0.5", "p50Ns"],
  ["0.99", "p99Ns"],
  ["0.999", "p999Ns"],
  ["0.9999", "p9999Ns"],
] as const satisfies readonly (readonly [string, keyof LatencyStats])[];
const BURN_WINDOWS = [
  ["5m", 300],
  ["1h", 3600],
] as const;
const PEER_LIMITED_SECONDS = 60;

export class LatencyMetrics {
  private readonly sources: MetricSources;
  private readonly answers: CountsReader;
  private readonly stages: CountsReader;
  private readonly counters: CounterReader;

  constructor(sources: MetricSources) {
    const { gate } = sources.memory;
    this.sources = sources;
    this.answers = new CountsReader(gate.answers, PRECISE);
    this.stages = new CountsReader(gate.stages, COARSE);
    this.counters = new CounterReader(sources.process.gateCounters);
  }

  write(page: MetricPage): void {
    this.writeHistograms(page);
    const { config, latencies } = this.sources;
    writeQuantiles(page, latencies);
    page.family("gateway_sla_seconds").sample(config.telemetry.slaMs / 1e3);
    page.family("gateway_headline_total").sample(this.counters.read(GATE_COUNTERS.headline));
    page
      .family("gateway_sla_breaches_total")
      .sample(this.counters.read(GATE_COUNTERS.headlineOverSla));
    page.family("gateway_sla_burn_ratio");
    for (const [window, seconds] of BURN_WINDOWS) {
      if (latencies !== undefined) page.sample(latencies.burn(seconds).ratio, window);
    }
    page.family("gateway_peer_limited_ratio");
    if (latencies !== undefined) page.sample(latencies.peerLimitedShare(PEER_LIMITED_SECONDS));
  }

  /** How many requests of the type had an answer. */
  answered(type: number): number {
    let count = 0;
    for (const isRejected of [false, true]) {
      for (const isPeerLimited of [false, true]) {
        count += this.answers.count(answerSeries(type, isRejected, isPeerLimited));
      }
    }
    return count;
  }

  /** A series without a sample is left out, but for each family's first: most combinations never occur. */
  private writeHistograms(page: MetricPage): void {
    const { answers, stages } = this;
    page.family("gateway_latency_seconds");
    for (const [series, { type, outcome, isPeerLimited }] of ANSWER_SERIES.entries()) {
      write(page, answers, series, series === 0, type, outcome, String(isPeerLimited));
    }
    page.family("gateway_stage_seconds");
    for (const [index, { type, outcome, isPeerLimited }] of STAGE_CLASSES.entries()) {
      for (const [stage, name] of STAGE_NAMES.entries()) {
        if (stage === STAGE.service) continue;
        const series = stageSeries(stage, index);
        write(page, stages, series, index === 0, name, type, outcome, String(isPeerLimited));
      }
    }
    page.family("gateway_service_seconds");
    for (const [index, { type, outcome, isPeerLimited }] of STAGE_CLASSES.entries()) {
      const series = stageSeries(STAGE.service, index);
      write(page, stages, series, index === 0, type, outcome, String(isPeerLimited));
    }
    page.family("gateway_event_seconds");
    for (const [index, type] of EVENT_TYPES.entries()) {
      write(page, stages, EVENT_SERIES[index]!, true, type);
    }
  }
}

function write(
  page: MetricPage,
  counts: CountsReader,
  series: number,
  isAlways: boolean,
  ...labels: readonly (string | number)[]
): void {
  if (!isAlways && counts.count(series) === 0) return;
  page.histogram(counts.edges(series), counts.sumNs(series), ...labels);
}

function writeQuantiles(page: MetricPage, latencies: LatencyView | undefined): void {
  const windows =
    latencies === undefined ? [] : WINDOW_SECONDS.map((each) => latencies.headline(each));
  page.family("gateway_latency_quantile_seconds");
  for (const stats of windows) {
    for (const [q, key] of QUANTILES) {
      if (stats[key] !== undefined) page.sample(stats[key] / 1e9, q, `${stats.seconds}s`);
    }
  }
  page.family("gateway_latency_max_seconds");
  for (const { maxNs, seconds } of windows) page.sample(maxNs / 1e9, `${seconds}s`);
  page.family("gateway_latency_window_samples");
  for (const { count, seconds } of windows) page.sample(count, `${seconds}s`);
  page.family("gateway_latency_p999_now_seconds");
  const now = latencies?.now();
  if (now?.isEnough && now.p999Ns !== undefined) page.sample(now.p999Ns / 1e9, `${now.seconds}s`);
  page.family("gateway_stage_quantile_seconds");
  if (latencies === undefined) return;
  for (const name of STAGE_NAMES) {
    for (const window of WINDOW_SECONDS) {
      const stats = latencies.stage(name, window);
      for (const [q, key] of QUANTILES) {
        if (stats[key] !== undefined) page.sample(stats[key] / 1e9, name, q, `${window}s`);
      }
    }
  }
}
