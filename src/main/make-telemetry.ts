// What the process records, made once: it outlasts sessions, lanes and scribes. Main thread.

import type { Clock } from "../base/clock.ts";
import { expandAccounts } from "../config/accounts.ts";
import { ACCOUNTS_MAX } from "../config/config-rules.ts";
import type { GatewayConfig } from "../config/gateway-config.ts";
import { readTid } from "../memory/thread-block.ts";
import { CpuWait } from "../telemetry/cpu-wait.ts";
import { THREAD } from "../telemetry/event-record.ts";
import { GateTelemetry } from "../telemetry/gate-telemetry.ts";
import { createTelemetryMemory, type TelemetryMemory } from "../telemetry/telemetry-memory.ts";

/** Accounts of an earlier configuration have numbers in a journal: room for all of one, since unused memory costs nothing. */
const FORMER_ACCOUNTS = ACCOUNTS_MAX;

export interface ProcessTelemetry {
  readonly memory: TelemetryMemory;
  readonly gate: GateTelemetry;
  readonly cpuWait: CpuWait;
  readonly accountCount: number;
}

/** Undefined: nothing is recorded. */
export function makeTelemetry(
  { telemetry, accounts, lanes }: GatewayConfig,
  clock: Clock,
): ProcessTelemetry | undefined {
  if (!telemetry.enabled) return undefined;
  const accountCount = [...expandAccounts(accounts)].length;
  const memory = createTelemetryMemory(lanes.count, accountCount + FORMER_ACCOUNTS);
  const { slaMs, tailMs } = telemetry;
  const gate = new GateTelemetry(memory, { slaNs: slaMs * 1e6, tailNs: tailMs * 1e6 });
  const cpuWait = new CpuWait(gate.events, THREAD.GATE, readTid(), clock.nowNs());
  return { memory, gate, cpuWait, accountCount };
}
