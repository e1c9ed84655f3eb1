import assert from "node:assert/strict";
import { test } from "node:test";
import {
  METRICS,
  type MetricFamily,
  metricFamily,
} from "../../../src/scribe/metrics/metric-table.ts";

const FAMILIES: readonly MetricFamily[] = METRICS;

test("every family has a name of its own, words, and a type that its name tells", () => {
  assert.equal(new Set(FAMILIES.map(({ name }) => name)).size, FAMILIES.length);
  for (const { name, type, help, labels } of FAMILIES) {
    assert.match(name, /^(gateway|process)_[a-z0-9_]+$/);
    assert.equal(type === "counter", name.endsWith("_total"), name);
    assert.doesNotMatch(name, /_(count|sum|bucket|ms|us|ns|hours|minutes)$/);
    assert.ok(help.length > 3 && !/[\n\\]/.test(help), name);
    assert.equal(new Set(labels).size, labels.length, name);
    for (const label of labels) assert.doesNotMatch(label, /^(build|le|quantile|__.*)$/, name);
  }
});

test("a family is found by its name", () => {
  assert.equal(metricFamily("gateway_up").type, "gauge");
  assert.equal(metricFamily("gateway_latency_seconds").type, "histogram");
});
