// What the gate records by: one object for each block that only it writes.

import { AccountNames } from "./account-names.ts";
import { EventLog } from "./event-log.ts";
import { THREAD } from "./event-record.ts";
import { GateLog } from "./gate-log.ts";
import { COARSE, PRECISE } from "./hdr-index.ts";
import { ORDER_RECORD_BYTES, ORDER_RECORD_WORDS } from "./order-record.ts";
import { RECORD_DROPPED, RecordRingWriter } from "./record-ring.ts";
import { Sampler } from "./sampler.ts";
import { CountsWriter } from "./shared-counts.ts";
import { SlowBoardWriter } from "./slow-board.ts";
import { TelemetryControl } from "./telemetry-control.ts";
import type { TelemetryMemory } from "./telemetry-memory.ts";

export interface GateTelemetryOptions {
  readonly slaNs: number;
  /** An answer that took longer is logged, and kept with its stamps. */
  readonly tailNs: number;
}

export class GateTelemetry {
  readonly slaNs: number;
  readonly tailNs: number;
  readonly answers: CountsWriter;
  readonly stages: CountsWriter;
  readonly slow: SlowBoardWriter;
  readonly events: EventLog;
  readonly names: AccountNames;
  readonly control: TelemetryControl;
  readonly log: GateLog;
  private readonly traces: RecordRingWriter;

  constructor(memory: TelemetryMemory, options: GateTelemetryOptions) {
    const { gate } = memory;
    this.slaNs = options.slaNs;
    this.tailNs = options.tailNs;
    this.answers = new CountsWriter(gate.answers, PRECISE);
    this.stages = new CountsWriter(gate.stages, COARSE);
    this.slow = new SlowBoardWriter(gate.slow, options.tailNs);
    this.events = new EventLog(gate.events, THREAD.GATE);
    this.names = new AccountNames(memory.accountNames, memory.lanes.length);
    this.control = new TelemetryControl(memory.control);
    this.traces = new RecordRingWriter(gate.traces, ORDER_RECORD_BYTES);
    this.log = new GateLog(gate.log, new Sampler(this.control, gate.sampled), options);
  }

  /** An order record, `source` at word `sourceWord`, becomes a trace. */
  trace(source: Int32Array, sourceWord: number): void {
    const { traces } = this;
    const target = traces.claim();
    if (target === RECORD_DROPPED) return;
    const { words } = traces;
    for (let word = 0; word < ORDER_RECORD_WORDS; word++) {
      words[(target >> 2) + word] = source[sourceWord + word]!;
    }
    traces.publish();
  }

  /** Every few milliseconds, and before answers are recorded: seconds begin and end whether anything comes or not. */
  moveTo(nowNs: number): void {
    this.answers.moveTo(nowNs);
    this.stages.moveTo(nowNs);
    this.slow.moveTo(nowNs);
    this.log.sampler.moveTo(nowNs);
  }
}
