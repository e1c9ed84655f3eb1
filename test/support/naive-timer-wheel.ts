// What the timer wheel must agree with: one list, searched from end to end each time.

interface Scheduled {
  readonly timer: number;
  readonly tick: number;
}

export class NaiveTimerWheel {
  private readonly tickMs: number;
  private scheduled: Scheduled[] = []; // in the order in which they were scheduled
  private tickNow = 0;

  constructor(tickMs: number) {
    this.tickMs = tickMs;
  }

  schedule(timer: number, deadlineMs: number): void {
    this.cancel(timer);
    const tick = Math.max(Math.ceil(deadlineMs / this.tickMs), this.tickNow + 1);
    this.scheduled.push({ timer, tick });
  }

  cancel(timer: number): void {
    this.scheduled = this.scheduled.filter((entry) => entry.timer !== timer);
  }

  isScheduled(timer: number): boolean {
    return this.scheduled.some((entry) => entry.timer === timer);
  }

  get scheduledCount(): number {
    return this.scheduled.length;
  }

  advanceTo(nowMs: number): void {
    this.tickNow = Math.max(this.tickNow, Math.floor(nowMs / this.tickMs));
  }

  /** Takes the timer that must fire next, if one is due. */
  takeDue(): number | undefined {
    const due = this.scheduled.filter((entry) => entry.tick <= this.tickNow);
    const first = due.sort((a, b) => a.tick - b.tick)[0]; // stable: equal ticks keep their order
    if (first !== undefined) this.cancel(first.timer);
    return first?.timer;
  }
}
