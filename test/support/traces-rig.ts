// The part of the scribe that makes traces, with memory, clocks and latencies that a test decides about.

import { EpochOffset } from "../../src/base/epoch-offset.ts";
import type {
  LatencyStats,
  LatencyView,
  WindowStats,
} from "../../src/scribe/histograms/latency-view.ts";
import { OrderTraces } from "../../src/scribe/traces/order-traces.ts";
import { AccountNames } from "../../src/telemetry/account-names.ts";
import { PRECISE } from "../../src/telemetry/hdr-index.ts";
import { CountsWriter } from "../../src/telemetry/shared-counts.ts";
import { TelemetryControl } from "../../src/telemetry/telemetry-control.ts";
import { createTelemetryMemory } from "../../src/telemetry/telemetry-memory.ts";
import { ManualClock } from "./manual-clock.ts";
import { OrderRecords } from "./order-records.ts";

const TICK_MS = 10;
export const TAIL_NS = 5_000_000;

export class TracesRig {
  readonly clock = new ManualClock();
  readonly control: TelemetryControl;
  readonly records: OrderRecords;
  readonly answers: CountsWriter;
  readonly traces: OrderTraces;
  /** What was said to the operator. */
  readonly lines: string[] = [];
  readonly stats: LatencyStats = {
    count: 20_000,
    p50Ns: 50_000,
    p99Ns: 400_000,
    p999Ns: 3_000_000,
    p9999Ns: undefined,
    maxNs: 12_345_678,
  };

  constructor(env: NodeJS.ProcessEnv) {
    const memory = createTelemetryMemory(1, 8);
    new AccountNames(memory.accountNames, 1).set(0, 0, "ALICE");
    this.control = new TelemetryControl(memory.control);
    this.records = new OrderRecords(memory.gate.traces);
    this.answers = new CountsWriter(memory.gate.answers, PRECISE);
    this.traces = new OrderTraces({
      env,
      clock: this.clock,
      epoch: new EpochOffset(this.clock, this.clock),
      memory,
      tailNs: TAIL_NS,
      latencies: this.latencies(),
      say: (level, line, fields) => this.lines.push(JSON.stringify({ level, line, ...fields })),
    });
  }

  tick(): void {
    this.clock.advanceMs(TICK_MS);
    this.traces.tick(this.clock.nowNs());
  }

  private latencies(): LatencyView {
    const window = (seconds: WindowStats["seconds"]): WindowStats => ({ ...this.stats, seconds });
    return {
      headline: window,
      now: () => ({ ...window(1), isEnough: true }),
      stage: (_, seconds) => window(seconds),
      service: window,
      event: (_, seconds) => window(seconds),
      laneTime: (_, seconds) => window(seconds),
      burn: (seconds) => ({ seconds, count: 20_000, overSla: 10, ratio: 0.5 }),
      peerLimitedShare: () => 0,
    };
  }
}
