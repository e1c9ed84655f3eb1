import assert from "node:assert/strict";
import { after, test } from "node:test";
import { OUTBOUND_FLAG, OUTCOME } from "../../../src/memory/outbound-record.ts";
import { traceIdOf } from "../../../src/scribe/traces/order-ids.ts";
import { answerSeries, STAGE, STAGE_NAMES } from "../../../src/telemetry/latency-series.ts";
import { ORDER_STAMPS } from "../../../src/telemetry/order-record.ts";
import { OtlpSink, type SinkSpan } from "../../support/otlp-sink.ts";
import { TracesRig } from "../../support/traces-rig.ts";

const SESSION = "20261120A";
const EXPORT_MS = "50";
/** So long may an export of metrics take, too: one that takes longer is told. */
const METRICS_MS = "1000";
const STAGES = STAGE_NAMES.slice(0, STAGE.service);

// One SDK for the process: OpenTelemetry has its providers for all of it, and reads the process's own variables.
const sink = await OtlpSink.start({ after });
Object.assign(process.env, sink.env, {
  OTEL_BSP_SCHEDULE_DELAY: EXPORT_MS,
  OTEL_METRIC_EXPORT_INTERVAL: METRICS_MS,
});
const rig = new TracesRig(process.env);
after(() => rig.traces.close());

/** The root of a request, when all of it has come. */
async function rootOf(traceId: string, name: string): Promise<SinkSpan> {
  const find = (): SinkSpan | undefined =>
    sink.roots().find((root) => root.traceId === traceId && root.name === name);
  await sink.until(() => {
    const root = find();
    return root !== undefined && sink.childrenOf(root).length === STAGES.length;
  });
  const root = find();
  assert.ok(root !== undefined);
  return root;
}

test("the gate is told that traces are wanted once they can be made", async () => {
  assert.equal(rig.control.wantsTraces, false);
  await rig.traces.start();
  assert.equal(rig.control.wantsTraces, true);
  const line = { level: "info", line: "open-telemetry", traces: true, metrics: true };
  assert.deepEqual(rig.lines, [JSON.stringify(line)]);
});

test("an order waits in the ring until it is known of which session it is", async () => {
  rig.records.write({ userRefNum: 41 });
  rig.tick();
  assert.equal(rig.traces.counts.traced, 0);
  const progress = new SharedArrayBuffer(0);
  rig.traces.onSession({ command: "session", session: SESSION, lanes: [], progress });
  rig.tick();
  const root = await rootOf(traceIdOf(SESSION, "ALICE", 41), "enter order");
  assert.equal(root.attributes["gateway.session"], SESSION);
});

test("an order is a root and a child for each stage, with the exact times of its stamps", async () => {
  const facts = rig.records.write({ userRefNum: 42 });
  assert.ok(facts !== undefined);
  rig.tick();
  const root = await rootOf(traceIdOf(SESSION, "ALICE", 42), "enter order");
  const stamps = facts.stampsNs.map(BigInt);
  const total = (stamps.at(-1) ?? 0n) - (stamps[0] ?? 0n);
  assert.equal(root.endNs - root.startNs, total);
  // The rig's clocks count alike: the offset between them is exact.
  const wallNs = BigInt(rig.clock.wallMs) * 1_000_000n - BigInt(rig.clock.ns);
  assert.equal(root.startNs - wallNs, stamps[0]);

  const children = STAGES.map((stage) => sink.childrenOf(root).find(({ name }) => name === stage));
  for (const [index, child] of children.entries()) {
    assert.ok(child !== undefined, `no span for ${STAGES[index]}`);
    assert.equal(child.startNs - wallNs, stamps[index]);
    assert.equal(child.endNs - wallNs, stamps[index + 1]);
  }
  assert.equal(ORDER_STAMPS.length, STAGES.length + 1);
});

test("a root says whose order it was, and what became of it", async () => {
  rig.records.write({
    userRefNum: 43,
    outcome: OUTCOME.DELAYED_REJECTED,
    answerType: "J",
    flags: OUTBOUND_FLAG.PEER_LIMITED,
    account: 5,
  });
  rig.records.write({ userRefNum: 44, stampsNs: ORDER_STAMPS.map((_, index) => index * 1e6) });
  rig.tick();
  const rejected = await rootOf(traceIdOf(SESSION, "lane 0 account 5", 43), "enter order");
  assert.deepEqual(rejected.attributes, {
    "order.account": "lane 0 account 5",
    "order.type": "O",
    "order.user_ref_num": 43,
    "order.outcome": "rejected",
    "order.answer": "J",
    "order.total_us": 490,
    "order.is_slow": false,
    "order.is_delayed": true,
    "order.is_peer_limited": true,
    "gateway.session": SESSION,
    "gateway.lane": 0,
    "gateway.connection": 3,
    "gateway.ring.depth": 2,
    "gateway.batch.count": 5,
    "gateway.batch.index": 4,
  });
  assert.equal(rejected.resource["service.name"], "tailgate");
  assert.equal(rejected.resource["process.command_args"], undefined);

  const slow = await rootOf(traceIdOf(SESSION, "ALICE", 44), "enter order");
  assert.equal(slow.attributes["order.account"], "ALICE");
  assert.equal(slow.attributes["order.symbol"], "AAPL");
  assert.equal(slow.attributes["order.outcome"], "accepted");
  assert.equal(slow.attributes["order.is_slow"], true);
});

test("a later request about an order is another root in the order's trace", async () => {
  rig.records.write({ userRefNum: 45 });
  rig.records.write({ userRefNum: 45, requestType: "X", answerType: "C" });
  rig.tick();
  const traceId = traceIdOf(SESSION, "ALICE", 45);
  const entered = await rootOf(traceId, "enter order");
  const canceled = await rootOf(traceId, "cancel order");
  assert.notEqual(entered.spanId, canceled.spanId);
  assert.equal(sink.childrenOf(entered).length, STAGES.length);
  assert.equal(sink.childrenOf(canceled).length, STAGES.length);
});

test("account queries, which have no number, are not taken for one order", async () => {
  const before = sink.roots().length;
  for (const since of [7_000, 8_000]) {
    const stampsNs = ORDER_STAMPS.map((_, index) => since + index);
    rig.records.write({ userRefNum: 0, requestType: "Q", answerType: "Q", stampsNs });
  }
  rig.tick();
  await sink.until(() => sink.roots().length === before + 2);
  const [first, second] = sink.roots().slice(before);
  assert.notEqual(first?.traceId, second?.traceId);
});

test("a flood of sampled orders is cut and counted, and leaves room for slow ones", async () => {
  const { traced, overBudget } = rig.traces.counts;
  const before = sink.roots().length;
  const FLOOD = 200;
  for (let order = 0; order < FLOOD; order++) rig.records.write({ userRefNum: 1000 + order });
  rig.records.write({ userRefNum: 999, stampsNs: ORDER_STAMPS.map((_, index) => index * 1e6) });
  rig.tick();
  const counts = rig.traces.counts;
  const made = counts.traced - traced;
  assert.equal(made + counts.overBudget - overBudget, FLOOD + 1);
  assert.ok(made < FLOOD / 2, `${made} traces at once`);
  await rootOf(traceIdOf(SESSION, "ALICE", 999), "enter order");
  await sink.until(() => sink.roots().length === before + made);
  assert.equal(counts.dropped, 0);
});

test("rates and quantiles are sent, and no quantile that nobody knows", async () => {
  rig.answers.record(answerSeries(0, false, false), 1000);
  rig.answers.record(answerSeries(0, true, false), 1000);
  const find = (metric: string, attributes: object): number | undefined =>
    sink.points.find(
      (point) =>
        point.metric === metric &&
        Object.entries(attributes).every(([name, value]) => point.attributes[name] === value),
    )?.value;
  await sink.until(() => find("gateway.answers", { type: "O", outcome: "rejected" }) === 1);
  assert.equal(find("gateway.answers", { type: "O", outcome: "accepted", peer_limited: false }), 1);
  assert.equal(find("gateway.latency.quantile", { quantile: "0.999", window: "10s" }), 0.003);
  assert.equal(find("gateway.latency.quantile", { quantile: "0.9999", window: "10s" }), undefined);
  assert.equal(find("gateway.latency.window.rate", { window: "10s" }), 2000);
  assert.equal(find("gateway.latency.max", { window: "60s" }), 0.012345678);
  const stage = { stage: "journal", quantile: "0.5", window: "1s" };
  assert.equal(find("gateway.stage.quantile", stage), 0.00005);
  assert.equal(find("gateway.sla.burn", { window: "5m" }), 0.5);
  assert.equal(find("gateway.traces", { result: "traced" }), rig.traces.counts.traced);
  assert.equal(rig.lines.length, 1, rig.lines.join("\n"));
});

test("what lies in the ring at the end is still sent", async () => {
  rig.clock.advanceMs(1000);
  rig.tick();
  rig.records.write({ userRefNum: 46 });
  const sent = rootOf(traceIdOf(SESSION, "ALICE", 46), "enter order");
  await rig.traces.close();
  await sent;
  assert.equal(rig.control.wantsTraces, false);
  assert.ok(!sink.paths.includes("/v1/logs"));
});
