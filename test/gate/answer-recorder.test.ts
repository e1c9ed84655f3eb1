import assert from "node:assert/strict";
import { test } from "node:test";
import { AnswerRecorder } from "../../src/gate/answer-recorder.ts";
import { NO_ANSWER } from "../../src/gate/answers-underway.ts";
import { Connection } from "../../src/gate/connection.ts";
import {
  CounterReader,
  CounterWriter,
  createCounters,
  GATE_COUNTERS,
} from "../../src/memory/counters.ts";
import {
  OUTBOUND_FLAG,
  OUTBOUND_KIND,
  OUTCOME,
  OutboundRecord,
} from "../../src/memory/outbound-record.ts";
import { SLOT_BYTES, SlotMemory } from "../../src/memory/slot-memory.ts";
import { GateTelemetry } from "../../src/telemetry/gate-telemetry.ts";
import { COARSE, PRECISE } from "../../src/telemetry/hdr-index.ts";
import {
  answerSeries,
  eventSeries,
  requestTypeIndex,
  STAGE,
  stageClass,
  stageSeries,
} from "../../src/telemetry/latency-series.ts";
import { LOG_RECORD_BYTES } from "../../src/telemetry/log-record.ts";
import { RecordRingReader } from "../../src/telemetry/record-ring.ts";
import { CountsReader } from "../../src/telemetry/shared-counts.ts";
import { createTelemetryMemory } from "../../src/telemetry/telemetry-memory.ts";
import { FakeSocket } from "../support/fake-socket.ts";

const ENTER = "O".charCodeAt(0);
const ACCEPTED = "A".charCodeAt(0);
const EXECUTED = "E".charCodeAt(0);
const SECOND_NS = 1e9;

class Rig {
  readonly memory = createTelemetryMemory(1, 16);
  readonly answers = new CountsReader(this.memory.gate.answers, PRECISE);
  readonly stages = new CountsReader(this.memory.gate.stages, COARSE);
  readonly recorder: AnswerRecorder;
  readonly connection: Connection;
  private readonly counters = createCounters(GATE_COUNTERS);
  private readonly slots = new SlotMemory(new ArrayBuffer(SLOT_BYTES));

  constructor(answersMax?: number) {
    const telemetry = new GateTelemetry(this.memory, { slaNs: 8e6, tailNs: 5e6 });
    this.recorder = new AnswerRecorder(telemetry, new CounterWriter(this.counters), answersMax);
    const ignore = (): void => undefined;
    const events = {
      onRead: ignore,
      onWritten: ignore,
      onEnd: ignore,
      onClosing: ignore,
      onClosed: ignore,
    };
    this.connection = new Connection(0, 1, new FakeSocket(), events);
  }

  /** An answer to an Enter with these stamps, from sinceNs to durableNs; 0 = the stamp is not known. */
  append(
    stamps: readonly number[],
    outboundNs: number,
    fields: Partial<OutboundRecord> = {},
  ): void {
    const record = new OutboundRecord().wrap(this.slots, 0).start(OUTBOUND_KIND.SEQUENCED, 0, 1);
    const [sinceNs = 0, readNs = 0, inboundNs = 0, laneNs = 0, doneNs = 0, durableNs = 0] = stamps;
    Object.assign(record, { sinceNs, readNs, inboundNs, laneNs, doneNs, durableNs });
    record.requestType = ENTER;
    record.answerType = ACCEPTED;
    record.outcome = OUTCOME.ACCEPTED;
    Object.assign(record, fields);
    this.recorder.onAppended(this.connection, record, outboundNs);
  }
  settle(writtenNs: number, isPeerLimited = false): void {
    this.recorder.settle(this.connection.filling, writtenNs, isPeerLimited);
    this.recorder.recordWritten(writtenNs);
  }
  count(name: keyof typeof GATE_COUNTERS): number {
    return new CounterReader(this.counters).read(GATE_COUNTERS[name]);
  }
  /** Sum of one stage, of accepted Enters unless another class is given. */
  stageNs(stage: number, ofClass = stageClass(TYPE, false, false)): number {
    return this.stages.sumNs(stageSeries(stage, ofClass));
  }
}

const TYPE = requestTypeIndex(ENTER);
const { loopWait, frame, ring, decide, journal, release, write, service } = STAGE;

test("an answer has its total and one sample in each stage, when the kernel has it", () => {
  const rig = new Rig();
  const startNs = 7 * SECOND_NS;
  const stamps = [0, 10, 30, 60, 100, 150].map((us) => startNs + us * 1000);
  rig.append(stamps, startNs + 210_000);
  const series = answerSeries(TYPE, false, false);
  assert.equal(rig.answers.count(series), 0);
  rig.settle(startNs + 280_000);
  assert.equal(rig.answers.count(series), 1);
  assert.equal(rig.answers.sumNs(series), 280_000);
  assert.deepEqual(
    [loopWait, frame, ring, decide, journal, release, write, service].map((each) =>
      rig.stageNs(each),
    ),
    [10_000, 20_000, 30_000, 40_000, 50_000, 60_000, 70_000, 270_000],
  );
  assert.deepEqual([rig.count("headline"), rig.count("headlineOverSla")], [1, 0]);
  assert.equal(rig.connection.filling.firstAnswer, NO_ANSWER);
});

test("an answer without stamps of its batch waited for its release, a held one in the ring", () => {
  const rig = new Rig();
  const startNs = 3 * SECOND_NS;
  rig.append([startNs], startNs + 90_000, { outcome: OUTCOME.DELAYED_ACCEPTED });
  rig.settle(startNs + 100_000);
  assert.deepEqual([rig.stageNs(release), rig.stageNs(write)], [90_000, 10_000]);
  for (const stage of [loopWait, frame, ring, decide, journal]) {
    assert.equal(rig.stages.count(stageSeries(stage, stageClass(TYPE, false, false))), 1);
    assert.equal(rig.stageNs(stage), 0);
  }
  const lane = [50, 51, 52].map((us) => startNs + us * 1000);
  rig.append([startNs, 0, 0, ...lane], startNs + 60_000, { outcome: OUTCOME.DELAYED_ACCEPTED });
  rig.settle(startNs + 61_000);
  assert.equal(rig.stageNs(ring), 50_000);
});

test("an answer that came while the drain was under way took no time to be released", () => {
  const rig = new Rig();
  const startNs = 7 * SECOND_NS;
  const stamps = [0, 10, 30, 60, 100, 150].map((us) => startNs + us * 1000);
  rig.append(stamps, startNs + 40_000);
  rig.settle(startNs + 280_000);
  assert.deepEqual([rig.stageNs(release), rig.stageNs(write)], [0, 130_000]);
  // No place is left: it is over when it came.
  const full = new Rig(0);
  full.append(stamps, startNs + 40_000);
  const waits = stageClass(TYPE, false, true);
  assert.equal(full.answers.sumNs(answerSeries(TYPE, false, true)), 150_000);
  assert.deepEqual([full.stageNs(release, waits), full.stageNs(write, waits)], [0, 0]);
});

test("8 ms are within the SLA, and a nanosecond more is not; rejects and slow peers do not count to it", () => {
  const rig = new Rig();
  const startNs = SECOND_NS;
  for (const totalNs of [8e6, 8e6 + 1]) {
    rig.append([startNs], startNs);
    rig.settle(startNs + totalNs);
  }
  rig.append([startNs], startNs, { outcome: OUTCOME.REJECTED });
  rig.settle(startNs + 20e6);
  rig.append([startNs], startNs);
  rig.settle(startNs + 20e6, true);
  rig.append([startNs], startNs, { flags: OUTBOUND_FLAG.PEER_LIMITED });
  rig.settle(startNs + 20e6);
  assert.deepEqual([rig.count("headline"), rig.count("headlineOverSla")], [2, 1]);
  assert.equal(rig.answers.count(answerSeries(TYPE, true, false)), 1);
  assert.equal(rig.answers.count(answerSeries(TYPE, false, true)), 2);
  assert.equal(rig.stageNs(write, stageClass(TYPE, true, false)), 20e6);
  assert.equal(rig.stages.count(stageSeries(write, stageClass(TYPE, false, true))), 2);
});

test("what nobody asked for is an event of its cause, and what nothing caused is nothing", () => {
  const rig = new Rig();
  const fill = { requestType: 0, answerType: EXECUTED, outcome: OUTCOME.UNSOLICITED };
  rig.append([SECOND_NS], SECOND_NS, fill);
  rig.append([0], SECOND_NS, fill);
  rig.settle(SECOND_NS + 40_000);
  assert.equal(rig.stages.count(eventSeries(EXECUTED)), 1);
  assert.equal(rig.stages.sumNs(eventSeries(EXECUTED)), 40_000);
});

test("an answer that left later than its batch has its total, and is counted as delayed", () => {
  const rig = new Rig();
  rig.append([SECOND_NS], SECOND_NS, { outcome: OUTCOME.DELAYED_ACCEPTED });
  rig.append([SECOND_NS], SECOND_NS, { outcome: OUTCOME.DELAYED_REJECTED });
  rig.append([SECOND_NS], SECOND_NS);
  assert.equal(rig.count("delayedO"), 0, "not before the kernel has it");
  rig.settle(SECOND_NS + 1000);
  assert.equal(rig.count("delayedO"), 2);
  assert.equal(rig.answers.count(answerSeries(TYPE, false, false)), 2);
  assert.equal(rig.answers.count(answerSeries(TYPE, true, false)), 1);
});

test("what a socket takes with it is undelivered, and its places are used again", () => {
  const rig = new Rig(4);
  for (let round = 0; round < 3; round++) {
    for (let answer = 0; answer < 4; answer++) rig.append([SECOND_NS], SECOND_NS);
    rig.recorder.drop(rig.connection.filling);
  }
  assert.equal(rig.count("undeliveredO"), 12);
  assert.equal(rig.count("answersUnderwayFull"), 0);
  assert.equal(rig.answers.count(answerSeries(TYPE, false, false)), 0);
});

test("more answers on their way than there are places are timed early, and none is lost", () => {
  const rig = new Rig(4);
  for (let answer = 0; answer < 10; answer++) rig.append([SECOND_NS], SECOND_NS + 1000);
  rig.settle(SECOND_NS + 5000);
  assert.ok(rig.count("answersUnderwayFull") > 0);
  const early = rig.answers.count(answerSeries(TYPE, false, true));
  assert.equal(early + rig.answers.count(answerSeries(TYPE, false, false)), 10);
});

test("the scribe has the log record of an answer once it is recorded, early or not", () => {
  const tailNs = 5e6;
  const rig = new Rig(1);
  const log = new RecordRingReader(rig.memory.gate.log, LOG_RECORD_BYTES);
  rig.append([SECOND_NS], SECOND_NS + tailNs + 1);
  assert.equal(log.waitingCount, 0);
  rig.append([SECOND_NS], SECOND_NS + tailNs + 1);
  assert.equal(log.waitingCount, 1, "there is no place for it, so it is recorded at once");
  rig.settle(SECOND_NS + tailNs + 2);
  assert.equal(log.waitingCount, 2);
});
