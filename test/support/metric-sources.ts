// What /metrics is made of, in one thread and without a gateway.

import { createCounters, GATE_COUNTERS, LANE_COUNTERS } from "../../src/memory/counters.ts";
import { createGateState } from "../../src/memory/gate-state.ts";
import { createJournalBlock } from "../../src/memory/journal-block.ts";
import { createLaneSignal } from "../../src/memory/lane-signal.ts";
import { createProgress } from "../../src/memory/progress.ts";
import { createRing } from "../../src/memory/ring-layout.ts";
import type { ScribeSample, ScribeSession } from "../../src/memory/scribe-worker-data.ts";
import { createThreadBlock } from "../../src/memory/thread-block.ts";
import type { MetricSources, ShownConfig } from "../../src/scribe/metrics/metric-sources.ts";
import { createTelemetryMemory } from "../../src/telemetry/telemetry-memory.ts";
import { ManualClock } from "./manual-clock.ts";

export const RING_SLOTS = 64;
export const BUILD = "0123456789abcdef";

export interface SourcesRig extends MetricSources {
  readonly clock: ManualClock;
  /** What the operator was told. */
  readonly said: string[];
}

export function metricSources(
  laneCount = 1,
  more: Partial<Pick<MetricSources, "latencies" | "events">> = {},
): SourcesRig {
  const lanes = Array.from({ length: laneCount }, (_, lane) => lane);
  const said: string[] = [];
  const config = {
    listen: { connectionsMax: 2000 },
    session: { windowBytes: 65_536 },
    lanes: { count: laneCount, inboundSlots: RING_SLOTS },
    venue: { kind: "book" },
    journal: { dir: "/", durability: "power-loss", diskUsedPercentMax: 100 },
    telemetry: { slaMs: 8 },
  };
  return {
    data: {
      baseNs: 0n,
      host: "",
      port: 0,
      thread: createThreadBlock(),
      gate: createGateState(),
      laneSignals: lanes.map(createLaneSignal),
      isLaneOnGate: false,
      stallMsMax: 5000,
    },
    process: {
      build: BUILD,
      version: "0.1.0",
      configHash: "0123",
      startedMs: 1.5e12,
      config,
      accountCount: 4,
      gateCounters: createCounters(GATE_COUNTERS),
      laneCounters: lanes.map(() => createCounters(LANE_COUNTERS)),
      gateThread: createThreadBlock(),
      laneThreads: lanes.map(createThreadBlock),
    },
    memory: createTelemetryMemory(laneCount, 16),
    config: config as unknown as ShownConfig,
    clock: new ManualClock(),
    said,
    say: (level, line, fields) => said.push(`${level} ${line} ${JSON.stringify(fields)}`),
    isReady: () => true,
    ...more,
  };
}

export const scribeSession = (session: string, laneCount = 1): ScribeSession => ({
  command: "session",
  session,
  lanes: Array.from({ length: laneCount }, () => ({
    inbound: createRing(RING_SLOTS),
    outbound: createRing(RING_SLOTS),
    journal: createJournalBlock(),
  })),
  progress: createProgress(4),
});

export const scribeSample = (more: Partial<ScribeSample> = {}): ScribeSample => {
  const pool = { inUse: 1, highWater: 2, made: 64, max: 100, takes: 3 };
  return {
    command: "sample",
    nowNs: 0,
    idleMs: 0,
    heapBytes: 1e7,
    connections: 6,
    pending: 2,
    live: 3,
    socketsWaiting: 0,
    inboundHighWater: [0],
    pools: { send: pool, stash: pool },
    scribeRestarts: 0,
    keeperRestarts: 0,
    keeper: undefined,
    ...more,
  };
};
