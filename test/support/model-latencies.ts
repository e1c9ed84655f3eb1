// What the gate of a history recorded, and what must hold of it when nothing is on its way: each request that was taken
// is answered, undelivered or ignored, once, and each answer has its total and one sample in each stage.

import assert from "node:assert/strict";
import { type CounterReader, GATE_COUNTERS } from "../../src/memory/counters.ts";
import { GateTelemetry } from "../../src/telemetry/gate-telemetry.ts";
import { COARSE, PRECISE } from "../../src/telemetry/hdr-index.ts";
import {
  ANSWER_SERIES,
  REQUEST_TYPES,
  STAGE_CLASSES,
  STAGE_NAMES,
  stageSeries,
} from "../../src/telemetry/latency-series.ts";
import { CountsReader } from "../../src/telemetry/shared-counts.ts";
import { createTelemetryMemory } from "../../src/telemetry/telemetry-memory.ts";
import type { ModelLane } from "./model-lane.ts";

const LANES_MAX = 8;
const SLA_NS = 8e6;
const TAIL_NS = 5e6;

/** One for all histories, which come one after the other: it is large, and counts only grow. */
const memory = createTelemetryMemory(LANES_MAX, 64);
const answers = new CountsReader(memory.gate.answers, PRECISE);
const stages = new CountsReader(memory.gate.stages, COARSE);

const countsOf = (reader: CountsReader): number[] =>
  Array.from({ length: reader.seriesCount }, (_, series) => reader.count(series));

export class ModelLatencies {
  readonly telemetry = new GateTelemetry(memory, { slaNs: SLA_NS, tailNs: TAIL_NS });
  private readonly counters: CounterReader;
  private readonly answersBefore = countsOf(answers);
  private readonly stagesBefore = countsOf(stages);

  constructor(counters: CounterReader) {
    this.counters = counters;
  }

  /** Returns the answers that the gate recorded. `isWhole`: neither gate nor lanes were ever rebuilt. */
  check(lanes: readonly ModelLane[], isWhole: boolean): number {
    const answered = countsOf(answers).map((count, place) => count - this.answersBefore[place]!);
    const staged = countsOf(stages).map((count, place) => count - this.stagesBefore[place]!);
    const total = sum(answered);
    STAGE_NAMES.forEach((name, stage) => {
      const samples = STAGE_CLASSES.map((_, index) => staged[stageSeries(stage, index)] ?? 0);
      assert.equal(sum(samples), total, `samples of stage ${name}`);
    });
    assert.equal(this.counters.read(GATE_COUNTERS.answersUnderwayFull), 0);
    const headline = answered.filter((_, series) => ANSWER_SERIES[series]?.isHeadline === true);
    assert.equal(sum(headline), this.counters.read(GATE_COUNTERS.headline), "the headline");
    if (isWhole) this.checkOutcomes(lanes, answered);
    return total;
  }

  private checkOutcomes(lanes: readonly ModelLane[], answered: readonly number[]): void {
    for (const type of REQUEST_TYPES) {
      const ofLanes = (name: "requests" | "ignored" | "undelivered"): number =>
        sum(lanes.map((lane) => lane.count(`${name}${type}`)));
      const ofType = answered.filter((_, series) => ANSWER_SERIES[series]?.type === type);
      const undelivered = this.counters.read(GATE_COUNTERS[`undelivered${type}`]);
      const outcomes = sum(ofType) + undelivered + ofLanes("undelivered") + ofLanes("ignored");
      assert.equal(outcomes, ofLanes("requests"), `outcomes of ${type}`);
    }
  }
}

const sum = (counts: readonly number[]): number => counts.reduce((all, count) => all + count, 0);
