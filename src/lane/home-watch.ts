// How long a lane was at home (E18): whatever ran there kept it from its records. Lane thread.

import type { CpuWait } from "../telemetry/cpu-wait.ts";
import { EVENT_KIND, EVENT_NS_MIN } from "../telemetry/event-record.ts";
import type { LaneTelemetry } from "../telemetry/lane-telemetry.ts";

const NEVER = 0;
const CPU_UNKNOWN = -1;

export class HomeWatch {
  private readonly telemetry: LaneTelemetry;
  private readonly cpuWait: Pick<CpuWait, "look" | "close">;
  private readonly wentAt = Float64Array.of(NEVER); // typed, as a field would box each new value

  constructor(telemetry: LaneTelemetry, cpuWait: Pick<CpuWait, "look" | "close">) {
    this.telemetry = telemetry;
    this.cpuWait = cpuWait;
  }

  onLeave(nowNs: number): void {
    this.wentAt[0] = nowNs;
  }

  /** Every ten milliseconds, which is also when an idle lane's seconds end. */
  onReturn(nowNs: number): void {
    const { times, events } = this.telemetry;
    times.moveTo(nowNs);
    this.cpuWait.look(nowNs);
    const wentNs = this.wentAt[0]!;
    if (wentNs === NEVER || nowNs - wentNs <= EVENT_NS_MIN) return;
    events.add(EVENT_KIND.LONG_TURN, wentNs, nowNs - wentNs, CPU_UNKNOWN);
  }

  close(): void {
    this.cpuWait.close();
  }
}
