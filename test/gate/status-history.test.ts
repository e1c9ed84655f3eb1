import assert from "node:assert/strict";
import { test } from "node:test";
import {
  burnOf,
  type HistoryRow,
  SAMPLE_SECONDS,
  StatusHistory,
} from "../../src/gate/status-history.ts";
import { PRECISE } from "../../src/telemetry/hdr-index.ts";
import {
  ANSWER_SERIES,
  answerSeries,
  requestTypeIndex,
} from "../../src/telemetry/latency-series.ts";
import { CountsWriter, createSharedCounts } from "../../src/telemetry/shared-counts.ts";

const ENTER = answerSeries(requestTypeIndex("O".charCodeAt(0)), false, false);
const REJECTED = answerSeries(requestTypeIndex("O".charCodeAt(0)), true, false);
const CANCEL = answerSeries(requestTypeIndex("X".charCodeAt(0)), false, false);

class Rig {
  readonly memory = createSharedCounts(ANSWER_SERIES.length, PRECISE);
  readonly writer = new CountsWriter(this.memory, PRECISE);
  row: HistoryRow = { headline: 0, headlineOverSla: 0, takeovers: 0, writtenBytes: 0 };
  nowNs = 5e9;
  readonly history = new StatusHistory(() => this.row, this.memory, this.nowNs);

  record(series: number, count: number, valueNs: number): void {
    for (let left = count; left > 0; left--) this.writer.record(series, valueNs);
  }
  pass(seconds: number): void {
    for (let left = seconds; left > 0; left--) {
      this.nowNs += 1e9;
      this.writer.moveTo(this.nowNs);
      if (((this.nowNs / 1e9) | 0) % SAMPLE_SECONDS === 0) this.history.sample(this.nowNs);
    }
  }
}

test("the last minute has the headline's percentiles and its longest, rejects left out", () => {
  const rig = new Rig();
  rig.writer.moveTo(rig.nowNs);
  rig.record(ENTER, 9_000, 100_000);
  rig.record(CANCEL, 1_000, 200_000);
  rig.record(REJECTED, 5_000, 900_000_000);
  rig.writer.record(ENTER, 7_000_000);
  rig.pass(3);
  const minute = rig.history.minute(rig.nowNs);
  assert.equal(minute?.count, 10_001);
  assert.equal(minute?.seconds, 3);
  assert.equal(minute?.maxNs, 7_000_000);
  assert.ok(Math.abs((minute?.p50Ns ?? 0) - 100_000) < 100);
  assert.ok(Math.abs((minute?.p999Ns ?? 0) - 200_000) < 200);
});

test("what is over a minute old is not in the last minute, but in what is since the start", () => {
  const rig = new Rig();
  rig.writer.moveTo(rig.nowNs);
  rig.record(ENTER, 20_000, 5_000_000);
  rig.pass(200);
  rig.record(ENTER, 12_000, 50_000);
  rig.pass(5);
  const minute = rig.history.minute(rig.nowNs);
  assert.equal(minute?.count, 12_000);
  assert.ok(minute.seconds >= 60 && minute.seconds <= 80, `${minute.seconds}`);
  assert.ok((minute.p999Ns ?? 0) < 51_000);
  assert.equal(minute.maxNs, 50_000);
  assert.equal(rig.history.sinceStart(rig.nowNs)?.count, 32_000);
  assert.equal(rig.history.sinceStart(rig.nowNs)?.seconds, 205);
  assert.equal(rig.history.sinceStart(rig.nowNs)?.maxNs, 5_000_000);
});

test("an answer of this very second is the longest as soon as it counts", () => {
  const rig = new Rig();
  rig.pass(5);
  rig.record(ENTER, 1, 2_000_000);
  for (const summary of [rig.history.minute(rig.nowNs), rig.history.sinceStart(rig.nowNs)]) {
    assert.ok((summary?.p99Ns ?? 0) >= 2_000_000);
    assert.equal(summary?.maxNs, 2_000_000);
  }
});

test("no percentile is longer than the longest, which is not forgotten before what it is of", () => {
  const rig = new Rig();
  rig.writer.moveTo(rig.nowNs);
  rig.record(ENTER, 20_000, 286_600_000);
  for (const seconds of [3, 65]) {
    rig.pass(seconds);
    const minute = rig.history.minute(rig.nowNs);
    assert.equal(minute?.count, 20_000);
    assert.ok(Math.abs(minute.maxNs - 286_600_000) < 300_000, `${minute.maxNs} after ${seconds} s`);
    assert.ok((minute.p999Ns ?? 0) <= minute.maxNs && minute.p50Ns <= minute.maxNs);
  }
});

test("fewer than ten thousand values have no P999", () => {
  const rig = new Rig();
  rig.record(ENTER, 9_999, 50_000);
  assert.equal(rig.history.minute(rig.nowNs)?.p999Ns, null);
  rig.record(ENTER, 1, 50_000);
  assert.notEqual(rig.history.minute(rig.nowNs)?.p999Ns, null);
});

test("counters are told as their change, over an hour at most", () => {
  const rig = new Rig();
  rig.pass(30);
  rig.row = { headline: 1000, headlineOverSla: 2, takeovers: 1, writtenBytes: 4096 };
  const change = rig.history.since(3600, rig.nowNs);
  assert.equal(change.seconds, 30);
  assert.deepEqual({ ...change, seconds: 0 }, { ...rig.row, seconds: 0 });
  assert.equal(burnOf(change), 2);
  rig.pass(4000);
  const later = rig.history.since(3600, rig.nowNs);
  assert.equal(later.headline, 0);
  assert.ok(later.seconds > 3580 && later.seconds <= 3600);
  assert.equal(burnOf(later), 0);
});

test("without recording there are counters and no percentiles", () => {
  const row = { headline: 0, headlineOverSla: 0, takeovers: 3, writtenBytes: 0 };
  const history = new StatusHistory(() => row, undefined, 0);
  history.sample(1e9);
  assert.equal(history.minute(2e9), undefined);
  assert.equal(history.sinceStart(2e9), undefined);
});
