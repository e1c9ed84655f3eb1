import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { OrderIds, REQUEST_NAMES, traceIdOf } from "../../../src/scribe/traces/order-ids.ts";
import { REQUEST_TYPES } from "../../../src/telemetry/latency-series.ts";

test("an operator finds an order's trace id with printf and sha256sum", () => {
  const script = "printf '%s' 20261120A/ALICE/42 | sha256sum | head -c 32";
  assert.equal(
    traceIdOf("20261120A", "ALICE", 42),
    execFileSync("sh", ["-c", script], { encoding: "utf8" }),
  );
});

test("each order of each account and session has a trace of its own", () => {
  const ids = new Set<string>();
  for (const session of ["A", "B"]) {
    for (const account of ["ALICE", "BOB"]) {
      for (let order = 1; order <= 1000; order++) ids.add(traceIdOf(session, account, order));
    }
  }
  assert.equal(ids.size, 4000);
  for (const id of ids) assert.match(id, /^[0-9a-f]{32}$/);
});

test("the spans of a request have different ids, the same whenever they are made", () => {
  const make = (type: string, writtenNs: number): readonly string[] => {
    const ids = new OrderIds();
    ids.begin("ab".repeat(16), type, writtenNs);
    assert.equal(ids.generateTraceId(), "ab".repeat(16));
    return Array.from({ length: 8 }, ids.generateSpanId);
  };
  const spans = ["O", "X"].flatMap((type) => [1, 2].flatMap((ns) => make(type, ns)));
  assert.equal(new Set(spans).size, 32);
  for (const id of spans) assert.match(id, /^[0-9a-f]{16}$/);
  assert.deepEqual(make("O", 1), spans.slice(0, 8));
});

test("every request has a name", () => {
  assert.deepEqual(Object.keys(REQUEST_NAMES).sort(), [...REQUEST_TYPES].sort());
  assert.equal(new Set(Object.values(REQUEST_NAMES)).size, REQUEST_TYPES.length);
});
