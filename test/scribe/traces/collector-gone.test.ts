import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { test } from "node:test";
import { within } from "../../support/gateway.ts";
import { TracesRig } from "../../support/traces-rig.ts";

// OpenTelemetry's own shutdown takes ten seconds when nobody answers.
const CLOSE_MS_MAX = 5000;

test("without OTEL_* variables nothing is loaded, and no gate is asked for orders", async () => {
  const rig = new TracesRig({});
  // As an earlier scribe of the same gateway may have left it.
  rig.control.wantsTraces = true;
  await rig.traces.start();
  assert.equal(rig.control.wantsTraces, false);
  rig.records.write({});
  rig.tick();
  await rig.traces.close();
  assert.equal(rig.traces.counts.traced, 0);
});

test("a collector that takes connections and never answers does not keep the scribe from ending", async (t) => {
  const silent = createServer().listen(0, "127.0.0.1");
  await once(silent, "listening");
  const sockets = new Set<{ destroy(): void }>();
  silent.on("connection", (socket) => sockets.add(socket.on("error", () => undefined)));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    silent.close();
  });
  Object.assign(process.env, {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(silent.address() as AddressInfo).port}`,
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
    OTEL_BSP_SCHEDULE_DELAY: "10",
    OTEL_BSP_MAX_QUEUE_SIZE: "16",
    OTEL_BSP_MAX_EXPORT_BATCH_SIZE: "8",
  });
  const connected = once(silent, "connection");
  const rig = new TracesRig(process.env);
  const progress = new SharedArrayBuffer(0);
  rig.traces.onSession({ command: "session", session: "20261120A", lanes: [], progress });
  await rig.traces.start();
  for (let order = 0; order < 20; order++) rig.records.write({ userRefNum: order + 1 });
  rig.tick();
  await connected;
  assert.equal(rig.traces.counts.traced, 20);
  await within(CLOSE_MS_MAX, "the end of OpenTelemetry", rig.traces.close());
  assert.match(rig.lines.join("\n"), /open-telemetry.*not all sent/);
});
