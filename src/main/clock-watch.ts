// Whether event time is still the time of the machine. A wall clock that is set is followed slowly and never jumped to
// (semantics §1.1): until then every timestamp is off, and somebody should know. Main thread, once a second.

import type { Log } from "../gate/gate-config.ts";

/** Time services correct less than that without a step. */
const OFF_MS_MIN = 1000;
/** Told as over when it is nearly so, and not at the brink. */
const RIGHT_MS_MAX = 500;

const BEHIND =
  "the clock was set on, or the machine slept: timestamps and times in force come nearer by 1.8 s an hour, and are right from the next session on";
const AHEAD =
  "the clock was set back: timestamps and times in force come nearer by 1.8 s an hour; a roll does not help, as no session begins before the end of the last";

export class ClockWatch {
  private readonly log: Pick<Log, "info" | "warn">;
  private isOff = false;

  constructor(log: Pick<Log, "info" | "warn">) {
    this.log = log;
  }

  /** By how much event time is ahead of the wall clock; negative: behind. */
  look(session: string, aheadMs: number): void {
    const offMs = Math.abs(aheadMs);
    if (this.isOff ? offMs > RIGHT_MS_MAX : offMs < OFF_MS_MIN) return;
    this.isOff = !this.isOff;
    const eventAheadMs = Math.round(aheadMs);
    const advice = aheadMs > 0 ? AHEAD : BEHIND;
    if (this.isOff) this.log.warn("clock-off", { session, eventAheadMs, advice });
    else this.log.info("clock-right", { session, eventAheadMs });
  }
}
