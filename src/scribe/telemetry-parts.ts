// What the scribe is made of while something is recorded: one line for each part. Loaded only then.

import type { Clock } from "../base/clock.ts";
import type { ScribeProcessData, ScribeWorkerData } from "../memory/scribe-worker-data.ts";
import type { TelemetryMemory } from "../telemetry/telemetry-memory.ts";
import type { ShownConfig } from "./metrics/metric-sources.ts";
import { Metrics } from "./metrics/metrics.ts";
import type { Say, ScribePart } from "./scribe-part.ts";

export function telemetryParts(
  data: ScribeWorkerData,
  process: ScribeProcessData,
  clock: Clock,
  say: Say,
  isReady: () => boolean,
): readonly ScribePart[] {
  const memory = data.telemetry as TelemetryMemory;
  const config = process.config as ShownConfig;
  const metrics = new Metrics({ data, process, memory, config, clock, say, isReady });
  return [metrics];
}
