// What metrics are read from: memory that the threads share, and the scribe's other parts as far as they are there.

import type { Clock } from "../../base/clock.ts";
import type { GatewayConfig } from "../../config/gateway-config.ts";
import type { ScribeProcessData, ScribeWorkerData } from "../../memory/scribe-worker-data.ts";
import type { TelemetryMemory } from "../../telemetry/telemetry-memory.ts";
import type { CapturePart } from "../capture/capture-part.ts";
import type { EventStore } from "../events/event-store.ts";
import type { LatencyView } from "../histograms/latency-view.ts";
import type { LeakWatch } from "../leak-watch.ts";
import type { LogDrain } from "../log/log-drain.ts";
import type { Say } from "../scribe-part.ts";

/** What main hands over of its configuration: nothing in it is secret. */
export type ShownConfig = Omit<GatewayConfig, "accounts" | "admin">;

export interface MetricSources {
  readonly data: ScribeWorkerData;
  readonly process: ScribeProcessData;
  readonly memory: TelemetryMemory;
  readonly config: ShownConfig;
  readonly clock: Clock;
  readonly say: Say;
  /** As /readyz has it. */
  readonly isReady: () => boolean;
  readonly latencies?: LatencyView | undefined;
  readonly events?: Pick<EventStore, "totals" | "longestNs"> | undefined;
  readonly log?: Pick<LogDrain, "stats"> | undefined;
  readonly descriptors?: Pick<LeakWatch, "stats"> | undefined;
  readonly spans?: SpanTotals | undefined;
  readonly capture?: Pick<CapturePart, "stats"> | undefined;
  /** Writes of histogram files that failed. */
  readonly writeFailures?: (() => number) | undefined;
}

/** Of OrderTraces, which not everybody has. */
export interface SpanTotals {
  readonly handedOverCount: number;
  readonly droppedCount: number;
}
