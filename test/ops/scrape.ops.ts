// A real Prometheus with our config and our rules scrapes a real gateway under load: what an operator sees is what the
// gateway measured, and no panel of the dashboard is empty.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { LATENCY_EDGES_NS } from "../../src/telemetry/latency-edges.ts";
import { LoadChild } from "../../src/tools/driver/load-child.ts";
import { LOAD_PLAN_DEFAULTS } from "../../src/tools/driver/load-plan.ts";
import { PASSWORD, TestGateway } from "../support/gateway.ts";
import { expressionsOf, readDashboard, readRuleFiles } from "../support/ops-files.ts";
import { Prometheus, promtool } from "../support/prometheus.ts";

const LOAD_SECONDS = 14;
const RATE = 4000;
const ACCOUNTS = 8;
const SETTLED_MS_MAX = 30_000;
const POLL_MS = 200;
/** So often somebody does what is rejected, and what is ignored. */
const MISTAKES_MS = 500;
/** Grafana's is at least four scrapes. */
const RATE_INTERVAL = "8s";
const HEADLINE = 'type=~"[OUXMC]", outcome="accepted", peer_limited="false"';
/** The gateway's histogram is exact to this. */
const HDR_ERROR = 1e-3;

interface LatencyAnswer {
  readonly headline: Readonly<Record<string, { readonly count: number; readonly p999Ns?: number }>>;
}

const gateway = await TestGateway.start({ after });
const { admin } = gateway.ready;
const instance = `${admin.host}:${admin.port}`;
const prometheus = await Prometheus.start(instance);
const loadEndSeconds = await trade();

const textOf = async (path: string): Promise<string> => {
  const response = await fetch(`http://${instance}${path}`);
  assert.equal(response.status, 200, path);
  return response.text();
};

/** Everything that a panel could show: a load, and beside it what goes wrong. */
async function trade(): Promise<number> {
  const accounts = Array.from({ length: ACCOUNTS }, () => gateway.user());
  const load = new LoadChild(
    {
      ...LOAD_PLAN_DEFAULTS,
      ...gateway.ready.order,
      accounts: accounts.map((user) => ({ user, password: PASSWORD })),
      rate: RATE,
      warmupSeconds: 1,
      seconds: LOAD_SECONDS,
    },
    () => {},
  );
  let isOver = false;
  const ended = load.result.finally(() => {
    isOver = true;
  });
  const other = await gateway.trader();
  while (!isOver) {
    other.order({ quantity: 0 }); // rejected
    const userRefNum = other.order();
    other.cancel({ userRefNum, quantity: 0 });
    other.cancel({ userRefNum, quantity: 0 }); // ignored
    await other.heard();
    await Promise.race([setTimeout(MISTAKES_MS), ended]);
  }
  const { faults } = await ended;
  assert.deepEqual(faults, []);
  return Date.now() / 1000;
}

/** Resolves with what comes when it is right; what it was in the end is the error. */
async function until<T>(what: string, read: () => Promise<T>, isRight: (value: T) => boolean) {
  const endMs = performance.now() + SETTLED_MS_MAX;
  for (;;) {
    const value = await read();
    if (isRight(value)) return value;
    assert.ok(performance.now() < endMs, `${what}: still ${JSON.stringify(value)}`);
    await setTimeout(POLL_MS);
  }
}

/** At some moment of the load: without it the windows of gauges empty, and a scrape may come too late for one moment. */
async function hasData(query: string): Promise<boolean> {
  for (const beforeSeconds of [1, 3, 5]) {
    const samples = await prometheus.query(query, loadEndSeconds - beforeSeconds);
    if (samples.some(({ value }) => Number.isFinite(value))) return true;
  }
  return false;
}

test("promtool finds nothing to say about the page", async () => {
  const { status, text } = await promtool(["check", "metrics"], await textOf("/metrics"));
  assert.equal(text, "");
  assert.equal(status, 0);
});

test("P999 as Prometheus computes it lies in the bucket that the gateway's own P999 lies in", async () => {
  // The last minute is all there was; both have seen the last answer when they count the same.
  const { p999Ns, seconds } = await until(
    "the same count twice",
    async () => {
      const { headline } = JSON.parse(await textOf("/latency.json")) as LatencyAnswer;
      const atSeconds = Date.now() / 1000;
      const [scraped] = await prometheus.query(
        `sum(gateway_latency_seconds_count{${HEADLINE}})`,
        atSeconds,
      );
      const [p999] = await prometheus.query(
        `histogram_quantile(0.999, sum by (le) (gateway_latency_seconds_bucket{${HEADLINE}}))`,
        atSeconds,
      );
      return { ...headline["60"], scraped: scraped?.value ?? 0, seconds: p999?.value ?? 0 };
    },
    ({ count, scraped }) => count === scraped && scraped > 0.5 * RATE * LOAD_SECONDS,
  );
  assert.ok(p999Ns !== undefined, "there are answers enough for a P999");
  const edges = [0, ...LATENCY_EDGES_NS];
  const upper = edges.findIndex((edgeNs) => p999Ns * (1 - HDR_ERROR) <= edgeNs);
  const lower = edges.findLastIndex((edgeNs) => edgeNs <= p999Ns * (1 + HDR_ERROR));
  const fromNs = edges[Math.min(lower, upper - 1)] ?? 0;
  const toNs = edges[Math.max(lower + 1, upper)] ?? Number.POSITIVE_INFINITY;
  assert.ok(
    seconds * 1e9 >= fromNs && seconds * 1e9 <= toNs,
    `${seconds * 1e9} ns is not within ${fromNs} … ${toNs}, where ${p999Ns} ns is`,
  );
});

test("every query of the dashboard has data", async () => {
  const empty: string[] = [];
  for (const expression of expressionsOf({ ...readDashboard(), annotations: { list: [] } })) {
    const query = expression
      .replaceAll("$__rate_interval", RATE_INTERVAL)
      .replaceAll("$instance", instance);
    assert.ok(!query.includes("$"), `a variable that is not known here: ${query}`);
    if (!(await hasData(query))) empty.push(query);
  }
  assert.deepEqual(empty, []);
});

test("every series that a rule asks for is there, by the values of its labels too", async () => {
  const text = readRuleFiles()
    .map((file) => file.text.replaceAll(/#.*$/gm, ""))
    .join("\n");
  const selectors = new Set(
    text.match(/(?<![\w:])(?:gateway|process)_\w+(?:\{[^}]*\})?(?![\w:])/g),
  );
  assert.ok(selectors.size > 0);
  for (const selector of selectors) {
    assert.ok(await hasData(selector), `nothing is ${selector}`);
  }
});

test("rules are evaluated, recorded ones have data, and nothing is wrong with a gateway that trades", async () => {
  const rules = await prometheus.rules();
  assert.ok(rules.length > 0);
  for (const { name, health, lastError } of rules)
    assert.equal(health, "ok", `${name} ${lastError}`);
  for (const { name } of rules.filter(({ type }) => type === "recording")) {
    assert.ok(await hasData(name), `${name} has no data`);
  }
  // What other programs of the machine do to its listen queues is not ours.
  const firing = rules.filter(({ name, state }) => state === "firing" && !name.includes("Listen"));
  assert.deepEqual(
    firing.map(({ name }) => name),
    [],
  );
});
