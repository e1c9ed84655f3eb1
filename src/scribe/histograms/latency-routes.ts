// Latencies for scripts and for HdrHistogram's own tools: /latency.json, /latency.hgrm and /latency.hdr. Scribe thread.

import { encodeIntoCompressedBase64, type JsHistogram } from "hdr-histogram-js";
import type { ScribeSession } from "../../memory/scribe-worker-data.ts";
import { EVENT_TYPES, LANE_TIME_NAMES, STAGE_NAMES } from "../../telemetry/latency-series.ts";
import { type AdminReply, type AdminRoute, jsonReply, type ScribePart } from "../scribe-part.ts";
import type { LatencyHistograms } from "./latency-histograms.ts";
import { WINDOW_SECONDS, type WindowSeconds, type WindowStats } from "./latency-view.ts";

const BAD_QUERY = 400;
const NS_PER_US = 1000;
const TICKS_PER_HALF_DISTANCE = 5;
/** Over how long the SLA's burn is shown, and the share of those who waited for their peers. */
const BURN_SECONDS = [300, 3600];
const PEER_LIMITED_SECONDS = [60, 3600];
const CUMULATIVE = "cumulative";

export interface LatencyRoutesOptions {
  readonly slaMs: number;
  /** The process, since 1970. */
  readonly startedMs: number;
  readonly build: string;
  readonly lanes: number;
}

export class LatencyRoutes implements ScribePart {
  readonly routes: Readonly<Record<string, AdminRoute>>;
  private readonly histograms: LatencyHistograms;
  private readonly options: LatencyRoutesOptions;
  private session = "";
  /** Made once a second at the most, however many ask. */
  private reply: AdminReply | undefined;
  private replySecond = -1;

  constructor(histograms: LatencyHistograms, options: LatencyRoutesOptions) {
    this.histograms = histograms;
    this.options = options;
    this.routes = {
      "/latency.json": () => this.json(),
      "/latency.hgrm": (query) =>
        this.ofSeries(query, (histogram) =>
          histogram.outputPercentileDistribution(TICKS_PER_HALF_DISTANCE, NS_PER_US),
        ),
      "/latency.hdr": (query) =>
        this.ofSeries(query, (histogram) => `${encodeIntoCompressedBase64(histogram)}\n`),
    };
  }

  onSession({ session }: ScribeSession): void {
    this.session = session;
    this.reply = undefined;
  }

  private json(): AdminReply {
    const second = this.histograms.latestSecond;
    if (this.reply === undefined || this.replySecond !== second) {
      this.reply = jsonReply(this.content());
      this.replySecond = second;
    }
    return this.reply;
  }

  private content(): object {
    const { histograms, options } = this;
    const { slaMs, startedMs, build, lanes } = options;
    const { headline, overSla, peerLimited } = histograms.slaTotals;
    const since = (millis: number): string => new Date(Math.round(millis)).toISOString();
    return {
      build,
      session: this.session,
      since: since(startedMs),
      unit: "ns",
      slaMs,
      now: histograms.now(),
      headline: windows((window) => histograms.headline(window)),
      service: windows((window) => histograms.service(window)),
      stages: byName(STAGE_NAMES, (name) => windows((window) => histograms.stage(name, window))),
      events: byName(EVENT_TYPES, (type) => windows((window) => histograms.event(type, window))),
      laneTimes: byName(LANE_TIME_NAMES, (name) =>
        windows((window) => histograms.laneTime(name, window)),
      ),
      lanes: Array.from({ length: lanes }, (_, lane) =>
        byName(LANE_TIME_NAMES, (name) =>
          windows((window) => histograms.laneTime(name, window, lane)),
        ),
      ),
      sla: {
        headline,
        overSla,
        peerLimited,
        burn: BURN_SECONDS.map((seconds) => ({ over: seconds, ...histograms.burn(seconds) })),
        peerLimitedShare: byName(PEER_LIMITED_SECONDS, (seconds) =>
          histograms.peerLimitedShare(seconds),
        ),
      },
      answers: histograms.answers().map(({ type, outcome, isPeerLimited, isHeadline, stats }) => ({
        type,
        outcome,
        peerLimited: isPeerLimited,
        headline: isHeadline,
        ...stats,
      })),
    };
  }

  private ofSeries(query: URLSearchParams, show: (histogram: JsHistogram) => string): AdminReply {
    const { histograms } = this;
    const series = query.get("series") ?? "total";
    const window = query.get("window") ?? CUMULATIVE;
    const seconds = WINDOW_SECONDS.find((each) => `${each}` === window);
    if (!histograms.seriesNames.includes(series)) {
      return refuse("series", series, histograms.seriesNames);
    }
    if (seconds === undefined && window !== CUMULATIVE) {
      return refuse("window", window, [CUMULATIVE, ...WINDOW_SECONDS]);
    }
    const histogram =
      seconds === undefined ? histograms.cumulative(series) : histograms.window(series, seconds);
    return { status: 200, contentType: "text/plain; charset=utf-8", body: show(histogram) };
  }
}

const refuse = (what: string, value: string, known: readonly (string | number)[]): AdminReply =>
  jsonReply({ error: `no ${what} ${value}; known here: ${known.join(", ")}` }, BAD_QUERY);

const byName = <Name extends string | number, Value>(
  names: readonly Name[],
  show: (name: Name) => Value,
): Record<Name, Value> =>
  Object.fromEntries(names.map((name) => [name, show(name)])) as Record<Name, Value>;

const windows = (statsOf: (window: WindowSeconds) => WindowStats): Record<string, WindowStats> =>
  byName(WINDOW_SECONDS, statsOf);
