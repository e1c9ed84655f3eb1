// What main gives a lane without a journal or telemetry.

import { createCounters, LANE_COUNTERS } from "../../src/memory/counters.ts";
import type { DoorbellTransfer } from "../../src/memory/doorbell.ts";
import { createLaneSignal } from "../../src/memory/lane-signal.ts";
import type { LaneWorkerData } from "../../src/memory/lane-worker-data.ts";
import { createProgress } from "../../src/memory/progress.ts";
import { createRing } from "../../src/memory/ring-layout.ts";

export interface LaneWorkerOptions {
  readonly doorbell: DoorbellTransfer;
  readonly baseNs: bigint;
  readonly batchMax?: number;
  /** Of each ring. */
  readonly slots?: number;
}

export const laneWorkerData = ({
  doorbell,
  baseNs,
  batchMax = 16,
  slots = 64,
}: LaneWorkerOptions): LaneWorkerData => ({
  lane: 0,
  inbound: createRing(slots),
  outbound: createRing(slots),
  signal: createLaneSignal(),
  progress: createProgress(4),
  counters: createCounters(LANE_COUNTERS),
  doorbell,
  baseNs,
  windowBytes: 65_536,
  batchMax,
  outboxBytesMax: 2 ** 20,
  spinNs: 0,
  parkMsMax: 5,
  journal: undefined,
});
