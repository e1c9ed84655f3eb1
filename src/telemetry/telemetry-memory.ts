// All that telemetry shares between threads, made once by main: it outlasts sessions, lanes and scribes.

import { createAccountNames } from "./account-names.ts";
import { createEventRing } from "./event-log.ts";
import { COARSE, PRECISE } from "./hdr-index.ts";
import { ANSWER_SERIES, LANE_TIME_NAMES, STAGE_SERIES_COUNT } from "./latency-series.ts";
import { createLogRing } from "./log-record.ts";
import { ORDER_RECORD_BYTES } from "./order-record.ts";
import { createRecordRing } from "./record-ring.ts";
import { createSampleCounts } from "./sample-counts.ts";
import { createSharedCounts } from "./shared-counts.ts";
import { createSlowBoard } from "./slow-board.ts";
import { createTelemetryControl } from "./telemetry-control.ts";

export interface TelemetryMemory {
  /** TelemetryControl. */
  readonly control: SharedArrayBuffer;
  /** AccountNames. */
  readonly accountNames: SharedArrayBuffer;
  readonly gate: GateTelemetryMemory;
  readonly lanes: readonly LaneTelemetryMemory[];
  /** Event rings of the threads that nobody waits for. */
  readonly scribeEvents: SharedArrayBuffer;
  readonly keeperEvents: SharedArrayBuffer;
}

export interface GateTelemetryMemory {
  /** Shared counts, PRECISE, ANSWER_SERIES. */
  readonly answers: SharedArrayBuffer;
  /** Shared counts, COARSE: stages and events. */
  readonly stages: SharedArrayBuffer;
  /** SlowBoard. */
  readonly slow: SharedArrayBuffer;
  /** Record ring of order records that become traces. */
  readonly traces: SharedArrayBuffer;
  readonly log: SharedArrayBuffer;
  /** SampleCounts. */
  readonly sampled: SharedArrayBuffer;
  readonly events: SharedArrayBuffer;
}

export interface LaneTelemetryMemory {
  /** TelemetryControl: the one of all. */
  readonly control: SharedArrayBuffer;
  /** Shared counts, COARSE, LANE_TIME. */
  readonly times: SharedArrayBuffer;
  readonly log: SharedArrayBuffer;
  readonly events: SharedArrayBuffer;
}

const TRACE_RING_RECORDS = 16_384;

export function createTelemetryMemory(lanes: number, accountsPerLane: number): TelemetryMemory {
  const control = createTelemetryControl();
  return {
    control,
    accountNames: createAccountNames(lanes, accountsPerLane),
    gate: {
      answers: createSharedCounts(ANSWER_SERIES.length, PRECISE),
      stages: createSharedCounts(STAGE_SERIES_COUNT, COARSE),
      slow: createSlowBoard(),
      traces: createRecordRing(TRACE_RING_RECORDS, ORDER_RECORD_BYTES),
      log: createLogRing(),
      sampled: createSampleCounts(),
      events: createEventRing(),
    },
    lanes: Array.from({ length: lanes }, () => createLaneTelemetryMemory(control)),
    scribeEvents: createEventRing(),
    keeperEvents: createEventRing(),
  };
}

/** Without `control`, of a lane that nobody looks at. */
export function createLaneTelemetryMemory(
  control: SharedArrayBuffer = createTelemetryControl(),
): LaneTelemetryMemory {
  return {
    control,
    times: createSharedCounts(LANE_TIME_NAMES.length, COARSE),
    log: createLogRing(),
    events: createEventRing(),
  };
}
