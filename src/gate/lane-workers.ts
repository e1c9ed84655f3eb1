// The lane threads as the main thread sees them: started, known to be ready, watched. A lane's end ends the process,
// because nothing may be answered by half a gateway (rule 5). Main thread.

import { type MessagePort, Worker } from "node:worker_threads";
import type { Clock } from "../base/clock.ts";
import { exitOn, type Fault } from "../base/fault.ts";
import type { Doorbell } from "../memory/doorbell.ts";
import { type LaneConfig, laneConfigPieces, publishLaneConfig } from "../memory/lane-config.ts";
import { LANE_STATE, type LaneSignal } from "../memory/lane-signal.ts";
import type { LaneWorkerData } from "../memory/lane-worker-data.ts";
import type { RingProducer } from "../memory/ring-producer.ts";

const LANE_ENTRY = new URL("../lane/worker.ts", import.meta.url);
const STARTING_POLL_MS = 1;
const WATCH_INTERVAL_MS = 250;

/** What one lane shares with the gate; made once, at start. */
export interface LaneParts {
  readonly lane: number;
  readonly inbound: SharedArrayBuffer;
  readonly outbound: SharedArrayBuffer;
  readonly signal: SharedArrayBuffer;
  readonly counters: SharedArrayBuffer;
  readonly doorbell: Doorbell;
}

export interface StartedLane {
  readonly lane: number;
  readonly worker: Worker;
  readonly inbound: RingProducer;
  readonly signal: LaneSignal;
}

export function startLane(
  data: LaneWorkerData,
  transferList: readonly MessagePort[],
  { inbound, signal }: Pick<StartedLane, "inbound" | "signal">,
): StartedLane {
  const { lane } = data;
  const worker = new Worker(LANE_ENTRY, {
    name: `lane-${lane}`,
    workerData: data,
    transferList: [...transferList],
  });
  worker.on("error", (error) => {
    laneEnded(lane, `${error.message}`, 0);
  });
  worker.on("exit", (status) => {
    laneEnded(lane, `its thread ended with status ${status}`, status);
  });
  return { lane, worker, inbound, signal };
}

/** A lane that ended on a Fault has said so itself; its status becomes the process's (E19). */
function laneEnded(lane: number, reason: string, status: number): void {
  if (status > 0 && status !== 1) process.exit(status);
  exitOn({ code: "LANE_DIED", lane, reason });
}

/** Hands the lane all that it decides by, and waits until it has taken it. Nothing else may use the ring meanwhile. */
export async function configureLane(
  { inbound, signal }: StartedLane,
  config: LaneConfig,
  eventNs: number,
): Promise<void> {
  const pieces = laneConfigPieces(config);
  let index = 0;
  while (index < pieces.length || signal.state !== LANE_STATE.READY) {
    index = publishLaneConfig(inbound, pieces, index, eventNs);
    signal.wakeLaneIfParked();
    await new Promise((resolve) => setTimeout(resolve, STARTING_POLL_MS));
  }
}

/** Looks at every lane's heartbeat; a silent one is a Fault. Returns what stops the watch. */
export function watchLanes(
  lanes: readonly StartedLane[],
  clock: Clock,
  stallMsMax: number,
): () => void {
  let previousMs = clock.nowNs() / 1e6;
  const timer = setInterval(() => {
    const nowMs = clock.nowNs() / 1e6;
    // A main thread that was held up itself must not blame the lanes for it.
    const isLate = nowMs - previousMs > WATCH_INTERVAL_MS + stallMsMax / 2;
    previousMs = nowMs;
    if (isLate) return;
    for (const { lane, signal } of lanes) {
      const silentMs = signal.silentMs(nowMs);
      if (silentMs <= stallMsMax) continue;
      const fault: Fault = { code: "LANE_STALLED", lane, silentMs };
      exitOn(fault);
    }
  }, WATCH_INTERVAL_MS);
  timer.unref();
  return () => clearInterval(timer);
}
