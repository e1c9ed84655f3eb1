// Orders of a real gateway as traces: at a collector whose ids, parents and times are held against what the gateway
// itself keeps of its slow orders, and at one that never answers.

import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { after, test } from "node:test";
import type { SlowOrder, SlowOrders } from "../../src/scribe/events/slow-order.ts";
import { traceIdOf } from "../../src/scribe/traces/order-ids.ts";
import { STAGE_NAMES } from "../../src/telemetry/latency-series.ts";
import { TestGateway, within } from "../support/gateway.ts";
import { OtlpSink, type SinkSpan } from "../support/otlp-sink.ts";

const STAGES = STAGE_NAMES.filter((name) => name !== "service");
const ALL = { percent: 100, halveAbove: 0 };
/** Every answer is sampled. */
const config = {
  telemetry: {
    log: { sample: { market: ALL, limit: ALL, replace: ALL, cancel: ALL, other: ALL } },
  },
};
const EXPORT_MS = "50";
const SECOND_OVER_MS_MAX = 60_000;

test("orders come to a collector with the ids, times and stages that the gateway has of them", async () => {
  const sink = await OtlpSink.start({ after });
  const env = {
    ...sink.env,
    OTEL_BSP_SCHEDULE_DELAY: EXPORT_MS,
    OTEL_METRIC_EXPORT_INTERVAL: EXPORT_MS,
  };
  const gateway = await TestGateway.start({ after }, { config, env });
  await gateway.untilLogged("open-telemetry", '"traces":true');
  const alice = await gateway.trader();
  const beforeMs = Date.now();
  const number = alice.order({ symbol: "TRACED" });
  await alice.heard();
  alice.cancel({ userRefNum: number });
  await alice.heard();

  const traceId = traceIdOf(gateway.session, alice.user, number);
  const find = (name: string): SinkSpan | undefined =>
    sink.roots().find((root) => root.traceId === traceId && root.name === name);
  const isWhole = (root: SinkSpan | undefined): root is SinkSpan =>
    root !== undefined && sink.childrenOf(root).length === STAGES.length;
  await sink.until(() => isWhole(find("enter order")) && isWhole(find("cancel order")));
  const afterMs = Date.now();
  const orders = await within(
    SECOND_OVER_MS_MAX,
    "the end of a second",
    slowOrders(gateway, number),
  );

  for (const [name, type, symbol] of [
    ["enter order", "O", "TRACED"],
    ["cancel order", "X", undefined],
  ] as const) {
    const root = find(name);
    assert.ok(root !== undefined);
    assert.equal(root.attributes["order.account"], alice.user);
    assert.equal(root.attributes["order.type"], type);
    assert.equal(root.attributes["order.symbol"], symbol);
    assert.equal(root.attributes["order.user_ref_num"], number);
    assert.equal(root.attributes["order.outcome"], "accepted");
    assert.equal(root.attributes["gateway.session"], gateway.session);
    // To what Date.now() can tell. A client may read an answer before the gateway, back from its write, has noted the time.
    assert.ok(root.endNs >= msToNs(beforeMs - 1), `${root.endNs} ns, sent at ${beforeMs} ms`);
    assert.ok(root.endNs <= msToNs(afterMs + 2), `${root.endNs} ns, exported by ${afterMs} ms`);

    const kept = orders.find((order) => order.userRefNum === number && order.type === type);
    assert.ok(kept !== undefined, "the flight recorder does not have it");
    assert.equal(root.endNs - root.startNs, usToNs(kept.totalUs));
    // Both read the wall clock, but perhaps not at the same moment.
    assert.ok(Math.abs(Number(root.startNs / 1_000_000n) - Date.parse(kept.time)) <= 2);
    let startNs = root.startNs;
    for (const stage of STAGES) {
      const span: SinkSpan | undefined = sink
        .childrenOf(root)
        .find((child) => child.name === stage);
      assert.ok(span !== undefined, `no span for ${stage}`);
      assert.equal(span.startNs, startNs);
      assert.equal(span.endNs - span.startNs, usToNs(kept.stagesUs[stage]));
      startNs = span.endNs;
    }
    assert.equal(startNs, root.endNs);
  }
  // Both requests are counted, too; the quantiles wait for more of them.
  const countOf = (type: string): number | undefined =>
    sink.points.find(
      ({ metric, attributes }) => metric === "gateway.answers" && attributes.type === type,
    )?.value;
  await sink.until(() => countOf("O") === 1 && countOf("X") === 1);
});

test("a gateway whose collector never answers serves its clients and drains", async () => {
  const silent = createServer().listen(0, "127.0.0.1");
  await once(silent, "listening");
  const sockets: Socket[] = [];
  silent.on("connection", (socket) => sockets.push(socket.on("error", () => undefined)));
  after(() => {
    for (const socket of sockets) socket.destroy();
    silent.close();
  });
  const connected = once(silent, "connection");
  const { port } = silent.address() as AddressInfo;
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
    OTEL_BSP_SCHEDULE_DELAY: EXPORT_MS,
  };
  const gateway = await TestGateway.start({ after }, { config, env });
  await gateway.untilLogged("open-telemetry", '"traces":true');
  const alice = await gateway.trader();
  alice.order();
  assert.equal((await alice.heard()).length, 1);
  await connected;
  for (let order = 0; order < 100; order++) alice.order();
  assert.equal((await alice.heard()).length, 100);
  assert.deepEqual(await gateway.stop(), { status: 0, signal: null });
  assert.deepEqual(gateway.faults, []);
});

/** The gateway shows a second's orders when it is over: asked until those of this number are there. */
async function slowOrders({ ready }: TestGateway, number: number): Promise<readonly SlowOrder[]> {
  const url = `http://${ready.admin.host}:${ready.admin.port}/slow.json?over=0ms&last=1000`;
  for (;;) {
    const { orders } = (await (await fetch(url)).json()) as SlowOrders;
    const types = orders.filter(({ userRefNum }) => userRefNum === number).map(({ type }) => type);
    if (types.includes("O") && types.includes("X")) return orders;
  }
}

const msToNs = (ms: number): bigint => BigInt(ms) * 1_000_000n;
const usToNs = (us: number): bigint => BigInt(Math.round(us * 1000));
