// How many orders become traces: a span costs its thread far more than a count does, and it shares its core with the
// orders. Slow ones have a share of their own, so that no flood of sampled ones crowds them out. Scribe thread.

const NS_PER_SECOND = 1e9;

/** So many a second, and so many at once after a quiet time. */
export class TraceBudget {
  private readonly perSecond: number;
  private readonly atOnceMax: number;
  private left: number;
  private filledNs = -1;

  constructor(perSecond: number, atOnceMax: number) {
    this.perSecond = perSecond;
    this.atOnceMax = atOnceMax;
    this.left = atOnceMax;
  }

  fill(nowNs: number): void {
    if (this.filledNs >= 0) {
      const more = ((nowNs - this.filledNs) / NS_PER_SECOND) * this.perSecond;
      this.left = Math.min(this.atOnceMax, this.left + more);
    }
    this.filledNs = nowNs;
  }

  /** Whether there is one more. */
  take(): boolean {
    if (this.left < 1) return false;
    this.left -= 1;
    return true;
  }
}
