// Entry of the scribe: the worker that may be slow, because nobody waits for it. It serves the admin port and
// beats its heart. What it is given stands in scribe-worker-data.ts.

import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { isMainThread, parentPort, workerData } from "node:worker_threads";
import { assert } from "../base/assert.ts";
import { joinClock } from "../base/clock.ts";
import { errnoOf } from "../base/errno-of.ts";
import { exitThreadOn, FaultError, faultOf, killOn } from "../base/fault.ts";
import { yieldToOrders } from "../base/lower-priority.ts";
import type {
  ScribeCommand,
  ScribeLine,
  ScribeListening,
  ScribeWorkerData,
} from "../memory/scribe-worker-data.ts";
import { readTid, ThreadBlock } from "../memory/thread-block.ts";
import { createAdminServer } from "./admin-server.ts";
import { CapturePart } from "./capture/capture-part.ts";
import { HealthRoutes } from "./health-routes.ts";
import { ReadinessProbe } from "./readiness.ts";
import type { AdminRoute, Say, ScribePart } from "./scribe-part.ts";
import { StallWatch } from "./stall-watch.ts";

/**
 * Rings are drained so often, and far too large to be full by then. Each of our wake-ups takes a core from gate or lane for
 * a moment: ten times as many cost orders more than all that is done in them (ops/decisions/0008). Main takes a scribe for
 * dead that is silent for 5 s (E22).
 */
const TICK_MS = 100;
/** While a part has more to do than a tick's worth. */
const BEHIND_MS = 10;

if (!isMainThread) {
  process.on("uncaughtException", (error) => exitThreadOn(faultOf(error, "scribe")));
  try {
    await run(workerData as ScribeWorkerData);
  } catch (error) {
    exitThreadOn(faultOf(error, "scribe"));
  }
}

async function run(data: ScribeWorkerData): Promise<void> {
  const port = parentPort;
  assert(port !== null, "the scribe is no program of its own");
  const clock = joinClock(data.baseNs);
  const nowMs = (): number => clock.nowNs() / 1e6;
  yieldToOrders();

  const thread = new ThreadBlock(data.thread);
  thread.tid = readTid();
  thread.beat(nowMs());
  const probe = new ReadinessProbe(data.gate, data.laneSignals, data.stallMsMax);
  const [laneSignal] = data.laneSignals;
  const stalls =
    data.isLaneOnGate && laneSignal !== undefined
      ? new StallWatch({ ...data, laneSignal }, nowMs())
      : undefined;
  const say: Say = (level, line, fields) =>
    port.postMessage({ event: "line", level, line, fields } satisfies ScribeLine);
  const capture = new CapturePart((message) => port.postMessage(message));
  const parts: ScribePart[] = [new HealthRoutes(() => probe.read(nowMs()))];
  if (data.telemetry !== undefined && data.process !== undefined) {
    // Loaded only when something is recorded: it is most of what the scribe is.
    const { telemetryParts } = await import("./telemetry-parts.ts");
    const isReady = (): boolean => probe.read(nowMs()).ready;
    parts.push(...(await telemetryParts(data, data.process, clock, say, isReady, capture)));
  }
  // Behind those whose events it writes.
  parts.push(capture);
  let ticking: NodeJS.Timeout;
  const tick = (): void => {
    const nowNs = clock.nowNs();
    thread.beat(nowNs / 1e6);
    thread.addLoop();
    const stall = stalls?.look(nowNs / 1e6);
    if (stall !== undefined) killOn(stall);
    // There is nothing new to collect either.
    if (stalls?.isSuspicious !== true) for (const part of parts) part.tick?.(nowNs);
    ticking = setTimeout(tick, parts.some(({ isBehind }) => isBehind) ? BEHIND_MS : TICK_MS);
  };
  tick();
  const stop = async (): Promise<void> => {
    clearTimeout(ticking);
    for (const part of parts) await part.close?.();
    process.exit(0); // of this thread alone
  };
  port.on("message", (message: ScribeCommand) => {
    if (message.command === "stop") void stop();
    for (const part of parts) {
      if (message.command === "session") part.onSession?.(message);
      else if (message.command === "sample") part.onSample?.(message);
      else if (message.command !== "stop") part.onCapture?.(message);
    }
  });

  const server = createAdminServer(routesOf(parts), (path, tookMs, bytes) => {
    for (const part of parts) part.onAnswered?.(path, tookMs, bytes);
  });
  let callers = 0;
  const count = (change: number): void => {
    callers += change;
    for (const part of parts) part.onCallers?.(callers);
  };
  server.on("connection", (socket) => {
    count(1);
    socket.once("close", () => count(-1));
  });
  const address = await listen(server, data.host, data.port);
  const listening: ScribeListening = {
    event: "listening",
    host: address.address,
    port: address.port,
  };
  port.postMessage(listening);
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
    throw new FaultError({ code: "ADMIN_LISTEN_FAILED", host, port, errno: errnoOf(error) });
  }
  const address = server.address();
  assert(address !== null && typeof address === "object", "the admin port has no address");
  return address;
}
