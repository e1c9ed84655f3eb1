// What the scribe's parts may ask about latencies: metrics, traces and routes read it, LatencyHistograms answers. Types
// alone, so that who asks does not load what counts.

import type { EVENT_TYPES, LANE_TIME_NAMES, STAGE_NAMES } from "../../telemetry/latency-series.ts";

/** Whole seconds before the last one that is over. */
export const WINDOW_SECONDS = [1, 10, 60] as const;
export type WindowSeconds = (typeof WINDOW_SECONDS)[number];

/** Fewer samples have no such quantile: a tenth of them at the least must lie beyond it. */
export const P999_SAMPLES_MIN = 10_000;
export const P9999_SAMPLES_MIN = 100_000;

export type StageName = (typeof STAGE_NAMES)[number];
export type EventType = (typeof EVENT_TYPES)[number];
export type LaneTimeName = (typeof LANE_TIME_NAMES)[number];

/** Undefined: too few samples to say. */
export interface LatencyStats {
  readonly count: number;
  readonly p50Ns: number | undefined;
  readonly p99Ns: number | undefined;
  readonly p999Ns: number | undefined;
  readonly p9999Ns: number | undefined;
  /** Exact; 0 without samples. */
  readonly maxNs: number;
}

export interface WindowStats extends LatencyStats {
  readonly seconds: WindowSeconds;
}

/** "P999 now" (semantics §6.5). */
export interface NowStats extends WindowStats {
  /** False: not even the longest window has samples enough for a P999. */
  readonly isEnough: boolean;
}

/** How fast the allowance of late answers is used up: 1 = just as fast as it may be. */
export interface Burn {
  /** That were looked at; fewer than were asked for soon after the start. */
  readonly seconds: number;
  readonly count: number;
  readonly overSla: number;
  readonly ratio: number;
}

export interface LatencyView {
  /** Totals of what makes the headline (semantics §6.1). */
  headline(window: WindowSeconds): WindowStats;
  /** The shortest window with enough samples for a P999. */
  now(): NowStats;
  /** Of the headline's answers; "service" among them. */
  stage(name: StageName, window: WindowSeconds): WindowStats;
  service(window: WindowSeconds): WindowStats;
  event(type: EventType, window: WindowSeconds): WindowStats;
  /** Of one lane, or of all of them together. */
  laneTime(name: LaneTimeName, window: WindowSeconds, lane?: number): WindowStats;
  /** Over the last so many seconds, 3600 at the most. */
  burn(seconds: number): Burn;
  /** Share of answers that waited for their peer and else would make the headline; 0 without any. */
  peerLimitedShare(seconds: number): number;
}
