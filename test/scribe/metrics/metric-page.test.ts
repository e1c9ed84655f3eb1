import assert from "node:assert/strict";
import { test } from "node:test";
import { MetricPage } from "../../../src/scribe/metrics/metric-page.ts";
import { EDGE_COUNT, edgeIndex, LATENCY_EDGES_NS } from "../../../src/telemetry/latency-edges.ts";
import { metricValue, readMetrics } from "../../support/metric-text.ts";

test("a family has its words, its type and its samples, each with the build", () => {
  const page = new MetricPage("b1");
  page.family("gateway_sla_seconds").sample(0.008);
  page.family("gateway_connections_total").sample(3, "accepted").sample(0, "refused");
  assert.equal(
    page.take().toString(),
    [
      "# HELP gateway_sla_seconds Answers of the headline that take longer break the SLA",
      "# TYPE gateway_sla_seconds gauge",
      'gateway_sla_seconds{build="b1"} 0.008',
      "# HELP gateway_connections_total Connections: accepted, refused at a cap",
      "# TYPE gateway_connections_total counter",
      'gateway_connections_total{build="b1",result="accepted"} 3',
      'gateway_connections_total{build="b1",result="refused"} 0',
      "",
    ].join("\n"),
  );
});

test("a histogram's buckets are cumulative, its edges are seconds, and +Inf is its count", () => {
  const edges = new Float64Array(EDGE_COUNT);
  edges[edgeIndex(8e6)]! += 2;
  edges[edgeIndex(8e6 + 1)]! += 1;
  edges[edgeIndex(2e9)]! += 1;
  const page = new MetricPage("b1");
  page.family("gateway_event_seconds").histogram(edges, 2.024e9, "E");
  const families = readMetrics(page.take().toString());
  const bucket = (le: string) => metricValue(families, "gateway_event_seconds_bucket", { le });
  assert.equal(bucket("0.006"), 0);
  assert.equal(bucket("0.008"), 2);
  assert.equal(bucket("0.01"), 3);
  assert.equal(bucket("1"), 3);
  assert.equal(bucket("+Inf"), 4);
  assert.equal(bucket("0.00001"), 0, "no exponent that a rule would have to repeat");
  assert.equal(metricValue(families, "gateway_event_seconds_count", { type: "E" }), 4);
  assert.equal(metricValue(families, "gateway_event_seconds_sum", { type: "E" }), 2.024);
  const buckets = families.get("gateway_event_seconds")?.samples.length ?? 0;
  assert.equal(buckets, LATENCY_EDGES_NS.length + 3);
});

test("values that are no number, and letters that would end a label, are written as the format has them", () => {
  const page = new MetricPage("b1");
  page.family("gateway_rejects_total").sample(1, 'a"b\\c\nd');
  page.family("gateway_sla_seconds").sample(Number.POSITIVE_INFINITY);
  page.family("gateway_up").sample(Number.NaN);
  const text = page.take().toString();
  assert.match(text, /reason="a\\"b\\\\c\\nd"\} 1\n/);
  assert.match(text, /gateway_sla_seconds\{build="b1"\} \+Inf\n/);
  assert.match(text, /gateway_up\{build="b1"\} NaN\n/);
});

test("a page grows as it must, and what was taken stays as it was", () => {
  const page = new MetricPage("b1");
  page.family("gateway_rejects_total");
  for (let index = 0; index < 3000; index++) page.sample(index, `reason ${index}`);
  const taken = page.take();
  const text = taken.toString();
  page.family("gateway_rejects_total").sample(7, "x".repeat(100_000));
  assert.equal(taken.toString(), text);
  const families = readMetrics(text);
  assert.equal(families.get("gateway_rejects_total")?.samples.length, 3000);
  assert.equal(metricValue(families, "gateway_rejects_total", { reason: "reason 2999" }), 2999);
  const next = readMetrics(page.take().toString());
  assert.equal(metricValue(next, "gateway_rejects_total"), 7);
});

test("a family twice, a sample without one, and labels that are not the table's are bugs that show", () => {
  const page = new MetricPage("b1");
  assert.throws(() => page.sample(1), /without a family/);
  page.family("gateway_up");
  assert.throws(() => page.family("gateway_up"), /twice/);
  assert.throws(() => page.sample(1, "too many"), /labels of its family/);
});
