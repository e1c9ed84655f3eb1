// /metrics of a running gateway, as Prometheus gets it.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { METRICS, type MetricFamily } from "../../src/scribe/metrics/metric-table.ts";
import { TestGateway } from "../support/gateway.ts";
import { metricValue, type ReadFamily, readMetrics } from "../support/metric-text.ts";
import { dollars } from "../support/trader.ts";

type Page = ReadonlyMap<string, ReadFamily>;

/** Families that a short and healthy run has nothing to say about. */
const MAY_BE_EMPTY: readonly string[] = [
  "gateway_flight_events_total",
  "gateway_flight_event_seconds_total",
  "gateway_gc_total",
  "gateway_gc_seconds_total",
  // They need 10,000 samples.
  "gateway_latency_p999_now_seconds",
  // Counted within the first minute.
  "gateway_descriptors_unexplained",
];
const ORDERS = 20;
const WAIT_MS = 50;

const gateway = await TestGateway.start(
  { after },
  { config: { lanes: { count: 2 }, venue: { kind: "ack" } } },
);

async function scrape(): Promise<Page> {
  const { host, port } = gateway.ready.admin;
  const answer = await fetch(`http://${host}:${port}/metrics`);
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  return readMetrics(await answer.text());
}

/** Pages are a second old at most, and main's sample another one. */
async function scrapeUntil(isThere: (page: Page) => boolean): Promise<Page> {
  const signal = AbortSignal.timeout(20_000);
  for (;;) {
    const page = await scrape();
    if (isThere(page)) return page;
    await wait(WAIT_MS, undefined, { signal });
  }
}

test("a running gateway has every family of the table and no other, and counts what it did", async () => {
  const [alice, bob] = [await gateway.trader(), await gateway.trader()];
  for (let each = 0; each < ORDERS; each++) alice.order({ price: dollars(9) });
  alice.order({ price: -1 });
  await alice.heard();
  await bob.heard();

  const page = await scrapeUntil(
    (now) =>
      metricValue(now, "gateway_active_sessions") === 2 &&
      metricValue(now, "gateway_latency_window_samples", { window: "60s" }) === ORDERS,
  );
  assert.deepEqual([...page.keys()].sort(), METRICS.map(({ name }) => name).sort());
  const families: readonly MetricFamily[] = METRICS;
  for (const { name } of families.filter(({ name: each }) => !MAY_BE_EMPTY.includes(each))) {
    assert.notEqual(page.get(name)?.samples.length, 0, `${name} says nothing`);
  }
  for (const { samples } of page.values()) {
    for (const { labels } of samples) assert.match(labels.build ?? "", /^[0-9a-f]{16}$/);
  }

  const value = (name: string, labels = {}) => metricValue(page, name, labels);
  assert.equal(value("gateway_orders_total"), ORDERS);
  assert.equal(value("gateway_requests_total", { type: "O" }), ORDERS + 1);
  assert.equal(value("gateway_outcomes_total", { type: "O", outcome: "answered" }), ORDERS + 1);
  assert.equal(value("gateway_headline_total"), ORDERS);
  const accepted = { type: "O", outcome: "accepted", peer_limited: "false" };
  assert.equal(value("gateway_latency_seconds_count", accepted), ORDERS);
  for (const stage of ["loopWait", "frame", "ring", "decide", "journal", "release", "write"]) {
    assert.equal(value("gateway_stage_seconds_count", { ...accepted, stage }), ORDERS, stage);
  }
  const rejects = page.get("gateway_rejects_total")?.samples.map((sample) => sample.value);
  assert.deepEqual(rejects, [1]);
  assert.equal(value("gateway_logins_total", { result: "accepted" }), 2);
  assert.equal(value("gateway_up"), 1);
  assert.equal(value("gateway_build_info", { session: gateway.session, venue: "ack" }), 1);
  for (const thread of ["gate", "lane 0", "lane 1", "scribe", "keeper"]) {
    assert.ok((value("gateway_cpu_seconds_total", { thread }) ?? 0) > 0, thread);
    assert.ok((value("gateway_heap_bytes", { thread }) ?? 0) > 0, thread);
  }
  for (const lane of ["0", "1"]) {
    assert.ok((value("gateway_lane_parked_seconds_total", { lane }) ?? 0) > 0);
    assert.ok((value("gateway_journal_syncs_total", { lane }) ?? 0) > 0);
  }
});
