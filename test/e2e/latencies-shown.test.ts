// What a running gateway shows of its latencies: over HTTP, and in the histogram log that it leaves behind.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as later } from "node:timers/promises";
import { decodeFromCompressedBase64, HistogramLogReader } from "hdr-histogram-js";
import type { SlowOrders } from "../../src/scribe/events/slow-order.ts";
import { STAGE_NAMES } from "../../src/telemetry/latency-series.ts";
import { TestGateway } from "../support/gateway.ts";

const ORDERS = 300;
const ASK_AGAIN_MS = 50;
const QUIET_ORDERS = 40;
const QUIET_ROUNDS_MAX = 10;
/** Longer than a tick of the gate, and no multiple of it. */
const QUIET_MS = 7;
const TOLERANCE_NS = 1e6;
const WAIT_MS_MAX = 60_000;

interface LatencyJson {
  readonly session: string;
  readonly headline: Readonly<Record<string, { count: number }>>;
  readonly stages: Readonly<Record<string, Readonly<Record<string, { count: number }>>>>;
  readonly answers: readonly { type: string; outcome: string; count: number }[];
}

test("every answered order is in the scribe's windows, its histograms and its log", async (t) => {
  const gateway = await TestGateway.start(t);
  const { host, port } = gateway.ready.admin;
  const get = async (path: string): Promise<string> => {
    const response = await fetch(`http://${host}:${port}${path}`);
    assert.equal(response.status, 200, path);
    return response.text();
  };

  const trader = await gateway.trader();
  for (let order = 0; order < ORDERS; order++) trader.order();
  trader.order({ quantity: 0 });
  await trader.heard();

  // Windows are made anew each second, and nobody tells when.
  const signal = AbortSignal.timeout(WAIT_MS_MAX);
  let json: LatencyJson;
  do {
    await later(ASK_AGAIN_MS, undefined, { signal });
    json = JSON.parse(await get("/latency.json"));
  } while (json.headline["60"]?.count !== ORDERS);
  assert.equal(json.session, gateway.session);
  for (const name of STAGE_NAMES) assert.equal(json.stages[name]?.["60"]?.count, ORDERS, name);
  assert.deepEqual(
    json.answers.map(({ type, outcome, count }) => `${type} ${outcome} ${count}`).slice(0, 2),
    [`O accepted ${ORDERS}`, "O rejected 1"],
  );
  assert.match(await get("/latency.hgrm?series=ring"), new RegExp(`Total count +=  +${ORDERS}\\]`));
  assert.equal(decodeFromCompressedBase64(await get("/latency.hdr")).totalCount, ORDERS);

  assert.equal((await gateway.stop()).status, 0);
  const directory = join(gateway.directory, "telemetry");
  const sums = new Map<string, number>();
  for (const name of readdirSync(directory).filter((each) => each.endsWith(".hlog"))) {
    const reader = new HistogramLogReader(readFileSync(join(directory, name), "utf8"));
    for (;;) {
      const interval = reader.nextIntervalHistogram();
      if (interval === null) break;
      sums.set(interval.tag, (sums.get(interval.tag) ?? 0) + interval.totalCount);
    }
  }
  const names = ["NO TAG", ...STAGE_NAMES];
  assert.deepEqual(sums, new Map(names.map((name) => [name, ORDERS])));
});

test("an order that comes to a quiet gateway has not waited before it was sent", async (t) => {
  const gateway = await TestGateway.start(t);
  const { host, port } = gateway.ready.admin;
  const trader = await gateway.trader();
  /** How many of so many orders have begun to wait before they were sent. */
  const earlyOnes = async (): Promise<number> => {
    const sentNs = new Map<number, number>();
    for (let order = 0; order < QUIET_ORDERS; order++) {
      await later(QUIET_MS);
      const nowNs = Number(process.hrtime.bigint());
      sentNs.set(trader.order(), nowNs);
      await trader.nextText();
    }
    const signal = AbortSignal.timeout(WAIT_MS_MAX);
    let orders: SlowOrders["orders"];
    do {
      await later(ASK_AGAIN_MS, undefined, { signal });
      const response = await fetch(`http://${host}:${port}/slow.json?over=0us&last=1000`);
      const all = ((await response.json()) as SlowOrders).orders;
      orders = all.filter(({ type, userRefNum }) => type === "O" && sentNs.has(userRefNum));
    } while (orders.length < QUIET_ORDERS);
    return orders.filter(
      ({ userRefNum, monotonicNs }) => monotonicNs < sentNs.get(userRefNum)! - TOLERANCE_NS,
    ).length;
  };
  // Some meet a gate that had no core, or a long turn; on a crowded machine most of them may: then once more.
  const early: number[] = [];
  do early.push(await earlyOnes());
  while (early.at(-1)! >= QUIET_ORDERS / 2 && early.length < QUIET_ROUNDS_MAX);
  assert.ok(early.at(-1)! < QUIET_ORDERS / 2, `${early.join(", ")} of ${QUIET_ORDERS}`);
});
