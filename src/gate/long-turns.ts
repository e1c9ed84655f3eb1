// Turns of the gate's event loop that took long, and how much of each the thread was on a core for (E17). Main thread.

import { EVENT_KIND, EVENT_NS_MIN } from "../telemetry/event-record.ts";
import type { GateTelemetry } from "../telemetry/gate-telemetry.ts";
import type { TurnClock } from "./turn-clock.ts";

const NS_PER_MS = 1e6;

export class LongTurns {
  private readonly telemetry: GateTelemetry;
  private readonly idleMs: () => number;
  private readonly cpuMs: () => number;
  private readonly latest = new Float64Array(3); // the latest look at the clocks

  /** `idleMs` and `cpuMs` of this thread: how long it has slept and worked. */
  constructor(telemetry: GateTelemetry, idleMs: () => number, cpuMs: () => number, nowNs: number) {
    this.telemetry = telemetry;
    this.idleMs = idleMs;
    this.cpuMs = cpuMs;
    this.look(nowNs);
  }

  /** Every few milliseconds: asking the kernel for CPU time in each turn would cost more than it tells. */
  look(nowNs: number): void {
    this.latest[NOW_NS] = nowNs;
    this.latest[IDLE_MS] = this.idleMs();
    this.latest[CPU_MS] = this.cpuMs();
  }

  /** A turn is over that was long: of work, or of a sleep that nobody ended in time. */
  onTurn(nowNs: number, clock: Pick<TurnClock, "busyNs" | "stillNs" | "hiddenNs">): void {
    const busyNs = clock.busyNs();
    const stillNs = clock.stillNs();
    const { events } = this.telemetry;
    if (stillNs > 0) {
      const startNs = nowNs - busyNs - stillNs;
      events.add(EVENT_KIND.STOOD_STILL, startNs, stillNs, clock.hiddenNs());
    }
    if (busyNs > EVENT_NS_MIN) this.onLongTurn(nowNs, busyNs);
  }

  /** A turn that kept the loop for so long is over. */
  onLongTurn(nowNs: number, busyNs: number): void {
    const { latest } = this;
    const idleNs = (this.idleMs() - latest[IDLE_MS]!) * NS_PER_MS;
    const cpuNs = (this.cpuMs() - latest[CPU_MS]!) * NS_PER_MS;
    // Without a core, or waiting within a call, since the latest look: all of it is this turn's, as if the short ones
    // before had lost none.
    const awayNs = Math.max(0, nowNs - latest[NOW_NS]! - idleNs - cpuNs);
    const { events } = this.telemetry;
    events.add(EVENT_KIND.LONG_TURN, nowNs - busyNs, busyNs, Math.max(0, busyNs - awayNs));
    this.look(nowNs);
  }
}

const NOW_NS = 0;
const IDLE_MS = 1;
const CPU_MS = 2;
