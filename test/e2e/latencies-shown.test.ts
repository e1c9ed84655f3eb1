// What a running gateway shows of its latencies: over HTTP, and in the histogram log that it leaves behind.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as later } from "node:timers/promises";
import { decodeFromCompressedBase64, HistogramLogReader } from "hdr-histogram-js";
import { STAGE_NAMES } from "../../src/telemetry/latency-series.ts";
import { TestGateway } from "../support/gateway.ts";

const ORDERS = 300;
const ASK_AGAIN_MS = 50;
const WAIT_MS_MAX = 15_000;

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
