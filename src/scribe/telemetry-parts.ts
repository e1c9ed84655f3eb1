// What the scribe is made of while something is recorded: one line for each part. Loaded only then.

import { join } from "node:path";
import { env } from "node:process";
import { systemWallClock, type ThreadClock } from "../base/clock.ts";
import { EpochOffset } from "../base/epoch-offset.ts";
import type { ScribeProcessData, ScribeWorkerData } from "../memory/scribe-worker-data.ts";
import { EventLog } from "../telemetry/event-log.ts";
import { THREAD } from "../telemetry/event-record.ts";
import type { TelemetryMemory } from "../telemetry/telemetry-memory.ts";
import type { CapturePart } from "./capture/capture-part.ts";
import { eventParts } from "./events/event-parts.ts";
import { latencyParts } from "./histograms/latency-parts.ts";
import { LeakWatch } from "./leak-watch.ts";
import { openLogDrain } from "./log/log-drain.ts";
import type { ShownConfig } from "./metrics/metric-sources.ts";
import { Metrics } from "./metrics/metrics.ts";
import type { Say, ScribePart } from "./scribe-part.ts";
import { OrderTraces } from "./traces/order-traces.ts";

export async function telemetryParts(
  data: ScribeWorkerData,
  process: ScribeProcessData,
  clock: ThreadClock,
  say: Say,
  isReady: () => boolean,
  capture: CapturePart,
): Promise<readonly ScribePart[]> {
  const memory = data.telemetry as TelemetryMemory;
  const config = process.config as ShownConfig;
  const epoch = new EpochOffset(clock, systemWallClock);
  const events = new EventLog(memory.scribeEvents, THREAD.SCRIBE);
  const { baseNs, isLaneOnGate } = data;
  const tailNs = config.telemetry.tailMs * 1e6;
  const { store, parts } = eventParts({
    memory,
    events,
    clock,
    epoch,
    baseNs,
    isLaneOnGate,
    tailNs,
    onEvent: (event) => capture.onEvent(event),
  });
  const { fileBytesMax, filesMax, log } = config.telemetry;
  const directory = config.telemetry.dir ?? join(config.journal.dir, "telemetry");
  const latencies = latencyParts({
    memory,
    process,
    config: config.telemetry,
    directory,
    clock,
    wallClock: systemWallClock,
    say,
  });
  const logDrain = await openLogDrain({
    memory,
    directory,
    bytesMax: fileBytesMax,
    filesMax,
    json: log.json,
    binary: log.binary,
    timeOf: (ns) => epoch.timeOf(ns),
    events,
    onTrouble: (line) => say("error", "telemetry-file", { reason: line }),
  });
  const traces = new OrderTraces({
    env,
    clock,
    epoch,
    memory,
    tailNs,
    latencies: latencies.histograms,
    say,
  });
  // Nobody waits for it: what it loads takes longer than all the rest, and only some ask for it.
  void traces.start();
  const leaks = new LeakWatch({ say });
  const metrics = new Metrics({
    data,
    process,
    memory,
    config,
    clock,
    say,
    isReady,
    events: store,
    latencies: latencies.histograms,
    writeFailures: latencies.writeFailures,
    log: logDrain,
    descriptors: leaks,
    spans: traces,
    capture,
  });
  return [
    { tick: () => epoch.look() },
    ...parts,
    latencies.histograms,
    latencies.routes,
    leaks,
    metrics,
    logDrain,
    traces,
  ];
}
