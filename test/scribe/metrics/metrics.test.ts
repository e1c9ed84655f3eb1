import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CounterWriter,
  detachCounter,
  GATE_COUNTERS,
  LANE_COUNTERS,
  rejectCounter,
} from "../../../src/memory/counters.ts";
import { DETACH_REASON } from "../../../src/memory/inbound-record.ts";
import { JOURNAL_COUNT, JournalBlock } from "../../../src/memory/journal-block.ts";
import { ThreadBlock } from "../../../src/memory/thread-block.ts";
import { METRICS } from "../../../src/scribe/metrics/metric-table.ts";
import { Metrics } from "../../../src/scribe/metrics/metrics.ts";
import { COARSE, PRECISE } from "../../../src/telemetry/hdr-index.ts";
import { answerSeries, LANE_TIME } from "../../../src/telemetry/latency-series.ts";
import { LOG_RECORD_BYTES } from "../../../src/telemetry/log-record.ts";
import { RecordRingReader } from "../../../src/telemetry/record-ring.ts";
import { CountsWriter } from "../../../src/telemetry/shared-counts.ts";
import {
  BUILD,
  metricSources,
  type SourcesRig,
  scribeSample,
  scribeSession,
} from "../../support/metric-sources.ts";
import { metricValue, readMetrics } from "../../support/metric-text.ts";

async function scrape(metrics: Metrics): Promise<string> {
  const reply = await metrics.routes["/metrics"]?.(new URLSearchParams());
  assert.equal(reply?.status, 200);
  assert.equal(reply.contentType, "text/plain; version=0.0.4; charset=utf-8");
  return reply.body.toString();
}

/** A page that is made anew, and what it says. */
async function read(sources: SourcesRig, metrics: Metrics) {
  sources.clock.advanceMs(1000);
  const families = readMetrics(await scrape(metrics));
  return (name: string, labels: Record<string, string> = {}) => metricValue(families, name, labels);
}

test("the page has the families of the table, with their words and labels, and no other", async () => {
  const metrics = new Metrics(metricSources(2));
  metrics.onSession(scribeSession("20261121A", 2));
  metrics.onSample(scribeSample());
  const families = readMetrics(await scrape(metrics));
  assert.deepEqual([...families.keys()].sort(), METRICS.map(({ name }) => name).sort());
  for (const { name, help, type, labels } of METRICS) {
    const family = families.get(name);
    assert.equal(family?.help, help);
    assert.equal(family.type, type);
    const wanted = ["build", ...labels];
    for (const sample of family.samples) {
      const known = Object.keys(sample.labels).filter((label) => label !== "le");
      assert.deepEqual(known, wanted, name);
      assert.equal(sample.labels.build, BUILD);
    }
  }
});

test("a page is there before main has said anything", async () => {
  const families = readMetrics(await scrape(new Metrics(metricSources())));
  assert.equal(metricValue(families, "gateway_up"), 1);
  assert.equal(metricValue(families, "gateway_build_info", { session: "" }), 1);
});

test("whoever asks within a second gets the same page", async () => {
  const sources = metricSources();
  const metrics = new Metrics(sources);
  const first = await scrape(metrics);
  new CounterWriter(sources.process.gateCounters).add(GATE_COUNTERS.framesIn, 1);
  sources.clock.advanceMs(999);
  assert.equal(await scrape(metrics), first);
  sources.clock.advanceMs(1);
  assert.notEqual(await scrape(metrics), first);
});

test("latencies are counted exactly, and a series without any is left out", async () => {
  const sources = metricSources();
  const metrics = new Metrics(sources);
  const answers = new CountsWriter(sources.memory.gate.answers, PRECISE);
  const cancel = 2;
  answers.record(answerSeries(cancel, false, false), 8e6);
  answers.record(answerSeries(cancel, false, false), 8e6 + 1);
  answers.record(answerSeries(cancel, true, false), 1e3);
  answers.record(answerSeries(cancel, false, true), 1e3);
  const value = await read(sources, metrics);
  const labels = { type: "X", outcome: "accepted", peer_limited: "false" };
  const latency = (suffix: string, more = {}) =>
    value(`gateway_latency_seconds_${suffix}`, { ...labels, ...more });
  assert.equal(latency("bucket", { le: "0.008" }), 1);
  assert.equal(latency("count"), 2);
  assert.equal(latency("sum"), 0.016000001);
  assert.equal(latency("count", { outcome: "rejected" }), 1);
  assert.equal(latency("count", { type: "M" }), undefined);
  assert.equal(latency("count", { type: "O" }), 0, "one is always there");
});

test("answers are counted apart by whether they were delayed, and neither count goes back", async () => {
  const sources = metricSources();
  const metrics = new Metrics(sources);
  const gate = new CounterWriter(sources.process.gateCounters);
  const answers = new CountsWriter(sources.memory.gate.answers, PRECISE);
  const cancel = 2;
  const outcomes = async () => {
    const value = await read(sources, metrics);
    const outcome = (name: string) => value("gateway_outcomes_total", { type: "X", outcome: name });
    return [outcome("answered"), outcome("delayed")];
  };
  for (let each = 0; each < 3; each++) answers.record(answerSeries(cancel, false, false), 1e6);
  assert.deepEqual(await outcomes(), [3, 0]);
  // The gate is in the midst of recording it.
  gate.add(GATE_COUNTERS.delayedO + cancel, 1);
  assert.deepEqual(await outcomes(), [3, 1]);
  answers.record(answerSeries(cancel, false, false), 1e6);
  assert.deepEqual(await outcomes(), [3, 1]);
  answers.record(answerSeries(cancel, true, false), 1e6);
  assert.deepEqual(await outcomes(), [4, 1]);
});

test("counters of gate and lanes are what the page says, lanes together", async () => {
  const sources = metricSources(2);
  const metrics = new Metrics(sources);
  const gate = new CounterWriter(sources.process.gateCounters);
  const lanes = sources.process.laneCounters.map((memory) => new CounterWriter(memory));
  gate.add(GATE_COUNTERS.connectionsAccepted, 4);
  gate.add(detachCounter(DETACH_REASON.STALLED), 2);
  gate.add(GATE_COUNTERS.undeliveredU, 1);
  gate.add(GATE_COUNTERS.backPressureNs, 2.5e9);
  for (const lane of lanes) {
    lane.add(LANE_COUNTERS.ordersEntered, 10);
    lane.add(LANE_COUNTERS.requestsU, 5);
    lane.add(LANE_COUNTERS.undeliveredU, 1);
    lane.add(LANE_COUNTERS.ignoredDeadTarget, 3);
    lane.set(LANE_COUNTERS.instruments, 7);
    lane.set(LANE_COUNTERS.instrumentsMax, 8);
    lane.add(rejectCounter(0x1d), 1);
    lane.add(rejectCounter(0x1000), 1);
  }
  const value = await read(sources, metrics);
  assert.equal(value("gateway_orders_total"), 20);
  assert.equal(value("gateway_orders_per_connection"), 5);
  assert.equal(value("gateway_table_used", { table: "instruments", lane: "1" }), 7);
  assert.equal(value("gateway_table_max", { table: "instruments", lane: "1" }), 8);
  assert.equal(value("gateway_requests_total", { type: "U" }), 10);
  assert.equal(value("gateway_outcomes_total", { type: "U", outcome: "undelivered" }), 3);
  assert.equal(value("gateway_ignored_total", { reason: "dead_target" }), 6);
  assert.equal(value("gateway_rejects_total", { reason: "001D" }), 2);
  assert.equal(value("gateway_rejects_total", { reason: "003F" }), 2, "codes that nobody knows");
  assert.equal(value("gateway_disconnects_total", { reason: "stalled" }), 2);
  assert.equal(value("gateway_back_pressure_seconds_total"), 2.5);
});

test("the journal's counts go on from session to session, whatever the scribe is told twice", async () => {
  const sources = metricSources();
  const metrics = new Metrics(sources);
  const sessions = ["20261120A", "20261121A"].map((id) => scribeSession(id));
  for (const session of sessions) {
    metrics.onSession(session);
    metrics.onSession(session);
    const { counts } = new JournalBlock(session.lanes[0]!.journal!);
    counts[JOURNAL_COUNT.SYNCS] = 7;
    counts[JOURNAL_COUNT.SYNC_NS_MAX] = 3e6;
  }
  const times = new CountsWriter(sources.memory.lanes[0]!.times, COARSE);
  times.record(LANE_TIME.journalSync, 250e3);
  const value = await read(sources, metrics);
  assert.equal(value("gateway_journal_syncs_total", { lane: "0" }), 14);
  assert.equal(value("gateway_journal_sync_max_seconds"), 0.003);
  assert.equal(value("gateway_journal_sync_seconds_bucket", { le: "0.0002" }), 0);
  assert.equal(value("gateway_journal_sync_seconds_bucket", { le: "0.0003" }), 1);
});

/** Its session takes clients from now on. */
function openWith(metrics: Metrics, id: string): JournalBlock {
  const session = scribeSession(id);
  metrics.onSession(session);
  return new JournalBlock(session.lanes[0]!.journal!);
}

test("the disk lasts as long as the journal's rate lets it, and for ever without one", async () => {
  const sources = metricSources();
  const metrics = new Metrics(sources);
  const session = scribeSession("20261121A");
  metrics.onSession(session);
  const { counts } = new JournalBlock(session.lanes[0]!.journal!);
  metrics.tick(sources.clock.nowNs());
  const idle = await read(sources, metrics);
  assert.equal(idle("gateway_journal_disk_left_seconds"), Number.POSITIVE_INFINITY);
  counts[JOURNAL_COUNT.BYTES] = 1e6;
  const busy = await read(sources, metrics);
  const left = busy("gateway_journal_disk_left_seconds") ?? 0;
  assert.ok(left > 0 && left < Number.POSITIVE_INFINITY, `${left} s`);
  const used = busy("gateway_journal_disk_used_ratio") ?? 0;
  assert.ok(used > 0 && used <= 1, `${used}`);
});

test("a disk lasts for what is written beside the journal as well", async () => {
  const sources = metricSources();
  const metrics = new Metrics(sources);
  const lane = new CounterWriter(sources.process.laneCounters[0]!);
  const { counts } = openWith(metrics, "20261121A");
  // What a start has found there was not written now.
  lane.set(LANE_COUNTERS.outboxSpilledBytes, 7e12);
  metrics.tick(sources.clock.nowNs());
  counts[JOURNAL_COUNT.BYTES] = 1e9;
  const journalOnly = (await read(sources, metrics))("gateway_journal_disk_left_seconds") ?? 0;
  // Each answer is in the store, and what memory had no room for once more in the lane's own file.
  lane.set(LANE_COUNTERS.outboxBytes, 1e9);
  lane.set(LANE_COUNTERS.outboxSpilledBytes, 7e12 + 1e9);
  const all = (await read(sources, metrics))("gateway_journal_disk_left_seconds") ?? 0;
  const times = journalOnly / all;
  assert.ok(times > 1.9 && times < 2.1, `${times}: four times as much in twice the time`);
});

test("the end of a session does not count as if its bytes had been written again", async () => {
  const sources = metricSources();
  const metrics = new Metrics(sources);
  const lane = new CounterWriter(sources.process.laneCounters[0]!);
  const first = openWith(metrics, "20261121A");
  metrics.tick(sources.clock.nowNs());
  sources.clock.advanceMs(9000);
  first.counts[JOURNAL_COUNT.BYTES] = 1e9;
  lane.set(LANE_COUNTERS.outboxBytes, 1e9);
  metrics.tick(sources.clock.nowNs());
  const before = (await read(sources, metrics))("gateway_journal_disk_left_seconds") ?? 0;
  openWith(metrics, "20261121B");
  metrics.tick(sources.clock.nowNs());
  lane.set(LANE_COUNTERS.outboxBytes, 0);
  metrics.tick(sources.clock.nowNs());
  const behind = (await read(sources, metrics))("gateway_journal_disk_left_seconds") ?? 0;
  const times = behind / before;
  assert.ok(times > 1.05 && times < 1.15, `${times}: the same in eleven tenths of the time`);
});

test("a disk that is over its limit has no time left, though nothing is written", async () => {
  const { config, ...others } = metricSources();
  const journal = { ...config.journal, diskUsedPercentMax: 0 };
  const sources = { ...others, config: { ...config, journal } };
  const metrics = new Metrics(sources);
  metrics.onSession(scribeSession("20261121A"));
  metrics.tick(sources.clock.nowNs());
  const value = await read(sources, metrics);
  assert.equal(value("gateway_journal_disk_left_seconds"), 0);
});

test("a session without a journal has no series of one", async () => {
  const sources = metricSources();
  const metrics = new Metrics(sources);
  const { lanes, ...session } = scribeSession("20261121A");
  metrics.onSession({ ...session, lanes: lanes.map((lane) => ({ ...lane, journal: undefined })) });
  const value = await read(sources, metrics);
  assert.equal(value("gateway_journal_syncs_total"), undefined);
  assert.equal(value("gateway_ring_slots", { ring: "inbound" }), 64);
});

test("main's sample is on the page: sessions, pools, the loop's use, restarts", async () => {
  const sources = metricSources();
  const metrics = new Metrics(sources);
  metrics.onSample(scribeSample({ nowNs: 1e9, idleMs: 500 }));
  metrics.onSample(
    scribeSample({ nowNs: 2e9, idleMs: 1250, scribeRestarts: 2, inboundHighWater: [33] }),
  );
  const value = await read(sources, metrics);
  assert.equal(value("gateway_event_loop_utilization_ratio"), 0.25);
  assert.equal(value("gateway_active_sessions"), 3);
  assert.equal(value("gateway_ring_high_water", { ring: "inbound" }), 33);
  assert.equal(value("gateway_pool_buffers", { pool: "send", state: "made" }), 64);
  assert.equal(value("gateway_pool_hits_total", { pool: "stash" }), 3);
  assert.equal(value("gateway_scribe_restarts_total"), 2);
});

test("threads are called by what they do, and others by the kernel's names", async () => {
  const sources = metricSources();
  new ThreadBlock(sources.process.gateThread).tid = process.pid;
  const lane = new ThreadBlock(sources.process.laneThreads[0]!);
  lane.addParkedNs(1.5e9);
  lane.heapBytes = 4e6;
  const before = await read(sources, new Metrics(sources));
  assert.equal(before("gateway_heap_bytes", { thread: "lane 0" }), undefined, "it has no thread");
  assert.equal(before("gateway_lane_parked_seconds_total", { lane: "0" }), undefined);
  lane.tid = 1;
  const value = await read(sources, new Metrics(sources));
  assert.ok((value("gateway_cpu_seconds_total", { thread: "gate" }) ?? 0) > 0);
  assert.equal(value("gateway_lane_parked_seconds_total", { lane: "0" }), 1.5);
  assert.equal(value("gateway_heap_bytes", { thread: "lane 0" }), 4e6);
  assert.ok((value("process_resident_memory_bytes") ?? 0) > 1e7);
});

test("log records that no file took are dropped ones", async () => {
  const sources = metricSources();
  const metrics = new Metrics(sources);
  new RecordRingReader(sources.memory.gate.log, LOG_RECORD_BYTES).lostCount = 7;
  const value = await read(sources, metrics);
  assert.equal(value("gateway_log_records_total", { result: "dropped" }), 7);
});

test("logins of the last hour are shared among the accounts", async () => {
  const sources = metricSources();
  const metrics = new Metrics(sources);
  const gate = new CounterWriter(sources.process.gateCounters);
  metrics.tick(sources.clock.nowNs());
  gate.add(GATE_COUNTERS.loginsAccepted, 8);
  const value = await read(sources, metrics);
  assert.equal(value("gateway_logins_per_account_hour"), 2);
});
