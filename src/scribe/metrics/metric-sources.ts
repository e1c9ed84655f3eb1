// What metrics are read from. Parts of the scribe that know something give it as one of the interfaces here.

import type { Clock } from "../../base/clock.ts";
import type { GatewayConfig } from "../../config/gateway-config.ts";
import type { ScribeProcessData, ScribeWorkerData } from "../../memory/scribe-worker-data.ts";
import type { TelemetryMemory } from "../../telemetry/telemetry-memory.ts";
import type { LatencyView } from "../histograms/latency-view.ts";
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
  readonly events?: EventTotals | undefined;
  readonly log?: LogTotals | undefined;
  readonly descriptors?: DescriptorTotals | undefined;
  readonly spans?: SpanTotals | undefined;
  /** Writes of telemetry files that failed. */
  readonly writeFailures?: (() => number) | undefined;
}

export interface EventTotals {
  /** Collections so far, by thread and kind. */
  collections(): Iterable<CollectionTotal>;
  /** Longest turn of the gate in the last so many seconds that was over a millisecond; 0 = there was none. */
  longestTurnNs(seconds: number): number;
  /** Longest collection of a thread of THREAD in the last so many seconds. */
  longestCollectionNs(thread: number, seconds: number): number;
}

export interface CollectionTotal {
  readonly thread: string;
  readonly kind: string;
  readonly count: number;
  readonly durationNs: number;
}

export interface LogTotals {
  /** Records that were written to files. */
  readonly writtenCount: number;
}

export interface DescriptorTotals {
  readonly byKind: ReadonlyMap<string, number>;
  /** More than the gateway knows of; negative: fewer. */
  readonly unexplained: number;
}

export interface SpanTotals {
  readonly exportedCount: number;
  readonly droppedCount: number;
}
