// The scribe's latencies on memory that a test writes as gate and lanes do: each value is also kept for a naive twin.

import { CounterWriter, createCounters, GATE_COUNTERS } from "../../src/memory/counters.ts";
import { type LatencyParts, latencyParts } from "../../src/scribe/histograms/latency-parts.ts";
import type { AdminReply, ScribePart } from "../../src/scribe/scribe-part.ts";
import { COARSE, PRECISE } from "../../src/telemetry/hdr-index.ts";
import {
  answerSeries,
  requestTypeIndex,
  STAGE_NAMES,
  stageClass,
  stageSeries,
} from "../../src/telemetry/latency-series.ts";
import { CountsWriter } from "../../src/telemetry/shared-counts.ts";
import { createTelemetryMemory } from "../../src/telemetry/telemetry-memory.ts";
import { testDirectory } from "./gateway.ts";
import { ManualClock } from "./manual-clock.ts";

export interface RigAnswer {
  readonly type?: string;
  readonly isRejected?: boolean;
  readonly isPeerLimited?: boolean;
}

const TICK_MS = 10;
const SLA_NS = 8e6;

export class HistogramRig {
  readonly directory: string;
  /** In the middle of a second: what is recorded between two calls of endSecond() is recorded within one. */
  readonly clock = new ManualClock(100.5e9);
  readonly memory;
  readonly answers: CountsWriter;
  readonly stages: CountsWriter;
  readonly lanes: readonly CountsWriter[];
  readonly said: string[] = [];
  private readonly counterMemory = createCounters(GATE_COUNTERS);
  private readonly counters = new CounterWriter(this.counterMemory);
  private parts: LatencyParts;
  private readonly hlog: boolean;

  constructor({ lanes = 1, hlog = false, directory = testDirectory() } = {}) {
    this.directory = directory;
    this.hlog = hlog;
    this.memory = createTelemetryMemory(lanes, 16);
    this.answers = new CountsWriter(this.memory.gate.answers, PRECISE);
    this.stages = new CountsWriter(this.memory.gate.stages, COARSE);
    this.lanes = this.memory.lanes.map(({ times }) => new CountsWriter(times, COARSE));
    this.moveWriters();
    this.parts = this.start();
  }

  get histograms(): LatencyParts["histograms"] {
    return this.parts.histograms;
  }

  get writeFailures(): number {
    return this.parts.writeFailures();
  }

  /** Another scribe on the same memory. */
  restart(): void {
    this.parts = this.start();
  }

  /** As the gate records it; every stage takes `stageNs`. */
  answer(totalNs: number, labels: RigAnswer = {}, stageNs = totalNs / 8): void {
    const { type = "O", isRejected = false, isPeerLimited = false } = labels;
    const index = requestTypeIndex(type.charCodeAt(0));
    this.answers.record(answerSeries(index, isRejected, isPeerLimited), totalNs);
    for (const stage of STAGE_NAMES.keys()) {
      const series = stageSeries(stage, stageClass(index, isRejected, isPeerLimited));
      this.stages.record(series, stageNs);
    }
    if (isRejected || isPeerLimited || !"OUXMC".includes(type)) return;
    this.counters.add(GATE_COUNTERS.headline, 1);
    if (totalNs > SLA_NS) this.counters.add(GATE_COUNTERS.headlineOverSla, 1);
  }

  /** Time goes on: the writers move, and the scribe has its ticks. */
  run(ms: number): void {
    for (let passed = 0; passed < ms; passed += TICK_MS) {
      this.clock.advanceMs(TICK_MS);
      this.moveWriters();
      this.histograms.tick(this.clock.nowNs());
    }
  }

  /** To the middle of the next one. */
  endSecond(): void {
    this.run(1000);
  }

  /** Time in which neither counts nor ticks come. */
  sleep(ms: number): void {
    this.clock.advanceMs(ms);
  }

  enterSession(session: string): void {
    const progress = new SharedArrayBuffer(0);
    this.parts.routes.onSession({ command: "session", session, lanes: [], progress });
  }

  get(path: string): AdminReply {
    const [name = "", query = ""] = path.split("?");
    const routes: ScribePart["routes"] = this.parts.routes.routes;
    const reply = routes?.[name]?.(new URLSearchParams(query));
    if (reply === undefined || reply instanceof Promise) throw new Error(`no route ${name}`);
    return reply;
  }

  private start(): LatencyParts {
    const parts = latencyParts({
      memory: this.memory,
      process: { build: "test", startedMs: 0, gateCounters: this.counterMemory },
      config: { slaMs: SLA_NS / 1e6, hlog: this.hlog, fileBytesMax: 2 ** 18, filesMax: 4 },
      directory: this.directory,
      clock: this.clock,
      wallClock: this.clock,
      say: (_level, _line, fields) => this.said.push(JSON.stringify(fields)),
    });
    return parts;
  }

  private moveWriters(): void {
    const nowNs = this.clock.nowNs();
    this.answers.moveTo(nowNs);
    this.stages.moveTo(nowNs);
    for (const lane of this.lanes) lane.moveTo(nowNs);
  }
}
