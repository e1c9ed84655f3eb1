// What main tells the scribe, that lies in no shared memory: the session's memory itself, and once a second a sample of
// what only main's objects know. Main thread.

import { getHeapStatistics } from "node:v8";
import type { Clock } from "../base/clock.ts";
import { configHash } from "../config/config-hash.ts";
import type { GatewayConfig } from "../config/gateway-config.ts";
import { loopIdleMs } from "../gate/gate-loop.ts";
import type {
  ScribeProcessData,
  ScribeSample,
  ScribeSession,
} from "../memory/scribe-worker-data.ts";
import type { TradingSession } from "./trading-session.ts";

const SAMPLE_EVERY_MS = 1000;

export interface FedScribe {
  readonly restartCount: number;
  tell(message: ScribeSession | ScribeSample): void;
}

/** What the scribe is told once; nothing in it is secret. */
export function scribeProcess(
  config: GatewayConfig,
  parts: Omit<ScribeProcessData, "config" | "configHash">,
): ScribeProcessData {
  const { accounts: _accounts, admin: _admin, ...shown } = config;
  return { ...parts, config: shown, configHash: configHash(config) };
}

/** From now on, until the process ends. `current` is the session that takes clients. */
export function feedScribe(scribe: FedScribe, clock: Clock, current: () => TradingSession): void {
  setInterval(() => scribe.tell(sampleOf(scribe, clock, current())), SAMPLE_EVERY_MS).unref();
}

export function sampleOf(
  scribe: Pick<FedScribe, "restartCount">,
  clock: Clock,
  session: Pick<TradingSession, "keeperStatus" | "keeperRestarts"> & {
    readonly gate: Pick<TradingSession["gate"], "status">;
  },
): ScribeSample {
  const { connections, pending, live, lanes, sendBuffers, stashes } = session.gate.status();
  return {
    command: "sample",
    nowNs: clock.nowNs(),
    idleMs: loopIdleMs(),
    heapBytes: getHeapStatistics().used_heap_size,
    connections,
    pending,
    live,
    socketsWaiting: lanes.reduce((sum, { socketsWaiting }) => sum + socketsWaiting, 0),
    inboundHighWater: lanes.map(({ inboundHighWater }) => inboundHighWater),
    pools: { send: sendBuffers, stash: stashes },
    scribeRestarts: scribe.restartCount,
    keeperRestarts: session.keeperRestarts,
    keeper: session.keeperStatus,
  };
}
