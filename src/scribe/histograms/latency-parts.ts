// The parts of the scribe that know latencies, put together: what keeps them, and what shows them.

import type { Clock, WallClock } from "../../base/clock.ts";
import { CounterReader, GATE_COUNTERS } from "../../memory/counters.ts";
import type { ScribeProcessData } from "../../memory/scribe-worker-data.ts";
import type { TelemetryMemory } from "../../telemetry/telemetry-memory.ts";
import { RotatingFile } from "../rotating-file.ts";
import type { Say } from "../scribe-part.ts";
import { HistogramLog, LOG_PREFIX, LOG_SUFFIX, logHeader } from "./histogram-log.ts";
import { LatencyHistograms } from "./latency-histograms.ts";
import { LatencyRoutes } from "./latency-routes.ts";

export interface LatencyPartsOptions {
  readonly memory: TelemetryMemory;
  readonly process: Pick<ScribeProcessData, "build" | "startedMs" | "gateCounters">;
  readonly config: {
    readonly slaMs: number;
    readonly hlog: boolean;
    readonly fileBytesMax: number;
    readonly filesMax: number;
  };
  /** Where histograms are logged. */
  readonly directory: string;
  readonly clock: Clock;
  readonly wallClock: WallClock;
  readonly say: Say;
}

export interface LatencyParts {
  readonly histograms: LatencyHistograms;
  readonly routes: LatencyRoutes;
  /** Of their log. */
  readonly writeFailures: () => number;
}

export function latencyParts(options: LatencyPartsOptions): LatencyParts {
  const { memory, process, config, clock } = options;
  const counters = new CounterReader(process.gateCounters);
  const file = config.hlog ? openFile(options) : undefined;
  const histograms = new LatencyHistograms({
    memory,
    slaCounts: () => ({
      headline: counters.read(GATE_COUNTERS.headline),
      overSla: counters.read(GATE_COUNTERS.headlineOverSla),
    }),
    nowNs: clock.nowNs(),
    ...(file && { openLog: (stages, second) => new HistogramLog(file, stages, second) }),
  });
  const { build, startedMs } = process;
  const { slaMs } = config;
  const lanes = memory.lanes.length;
  return {
    histograms,
    routes: new LatencyRoutes(histograms, { slaMs, startedMs, build, lanes }),
    writeFailures: () => file?.failureCount ?? 0,
  };
}

function openFile({ config, directory, clock, wallClock, say }: LatencyPartsOptions): RotatingFile {
  return new RotatingFile({
    directory,
    prefix: LOG_PREFIX,
    suffix: LOG_SUFFIX,
    bytesMax: config.fileBytesMax,
    filesMax: config.filesMax,
    // Of each file anew: the wall clock may have been set since the one before.
    header: () => logHeader(wallClock.epochMs() - clock.nowNs() / 1e6),
    onTrouble: (line) => say("error", "telemetry-file", { reason: line }),
  });
}
