// What one lane records by. Nothing of it is lane state: a replay records nothing.

import { EventLog } from "./event-log.ts";
import { THREAD } from "./event-record.ts";
import { COARSE } from "./hdr-index.ts";
import { LaneLog } from "./lane-log.ts";
import { CountsWriter } from "./shared-counts.ts";
import { TelemetryControl } from "./telemetry-control.ts";
import type { LaneTelemetryMemory } from "./telemetry-memory.ts";

export class LaneTelemetry {
  readonly lane: number;
  /** Series of LANE_TIME. */
  readonly times: CountsWriter;
  readonly events: EventLog;
  readonly log: LaneLog;
  readonly control: TelemetryControl;

  constructor(memory: LaneTelemetryMemory, lane: number) {
    this.lane = lane;
    this.times = new CountsWriter(memory.times, COARSE);
    this.events = new EventLog(memory.events, THREAD.LANE + lane);
    this.log = new LaneLog(memory.log, lane);
    this.control = new TelemetryControl(memory.control);
  }
}
