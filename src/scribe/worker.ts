// Entry of the scribe: the worker that may be slow, because nobody waits for it. It serves the admin port and
// beats its heart. What it is given stands in scribe-worker-data.ts.

import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { isMainThread, parentPort, workerData } from "node:worker_threads";
import { assert } from "../base/assert.ts";
import { joinClock } from "../base/clock.ts";
import { exitThreadOn, FaultError, faultOf } from "../base/fault.ts";
import { yieldToOrders } from "../base/lower-priority.ts";
import type {
  ScribeListening,
  ScribeStop,
  ScribeWorkerData,
} from "../memory/scribe-worker-data.ts";
import { readTid, ThreadBlock } from "../memory/thread-block.ts";
import { createAdminServer } from "./admin-server.ts";
import { HealthRoutes } from "./health-routes.ts";
import { ReadinessProbe } from "./readiness.ts";
import type { AdminRoute, ScribePart } from "./scribe-part.ts";

/** Rings are drained so often; main takes a scribe for dead that is silent for 5 s (E22). */
const TICK_MS = 10;

if (!isMainThread) {
  process.on("uncaughtException", (error) => exitThreadOn(faultOf(error, "scribe")));
  try {
    await run(workerData as ScribeWorkerData);
  } catch (error) {
    exitThreadOn(faultOf(error, "scribe"));
  }
}

async function run(data: ScribeWorkerData): Promise<void> {
  assert(parentPort !== null, "the scribe is no program of its own");
  const clock = joinClock(data.baseNs);
  const nowMs = (): number => clock.nowNs() / 1e6;
  yieldToOrders();

  const thread = new ThreadBlock(data.thread);
  thread.tid = readTid();
  thread.beat(nowMs());
  const probe = new ReadinessProbe(data.gate, data.laneSignals, data.stallMsMax);
  const parts: readonly ScribePart[] = [new HealthRoutes(() => probe.read(nowMs()))];
  const ticking = setInterval(() => {
    const nowNs = clock.nowNs();
    thread.beat(nowNs / 1e6);
    thread.addLoop();
    for (const part of parts) part.tick?.(nowNs);
  }, TICK_MS);
  parentPort.on("message", async (_stop: ScribeStop) => {
    clearInterval(ticking);
    for (const part of parts) await part.close?.();
    process.exit(0); // of this thread alone
  });

  const server = createAdminServer(routesOf(parts));
  const address = await listen(server, data.host, data.port);
  const listening: ScribeListening = {
    event: "listening",
    host: address.address,
    port: address.port,
  };
  parentPort.postMessage(listening);
}

function routesOf(parts: readonly ScribePart[]): ReadonlyMap<string, AdminRoute> {
  return new Map(parts.flatMap(({ routes }) => Object.entries(routes ?? {})));
}

async function listen(
  server: ReturnType<typeof createAdminServer>,
  host: string,
  port: number,
): Promise<AddressInfo> {
  try {
    server.listen(port, host);
    await once(server, "listening");
  } catch (error) {
    const errno = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new FaultError({ code: "ADMIN_LISTEN_FAILED", host, port, errno });
  }
  const address = server.address();
  assert(address !== null && typeof address === "object", "the admin port has no address");
  return address;
}
