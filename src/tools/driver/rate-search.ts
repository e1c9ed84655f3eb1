// Looks for the highest rate at which something holds: doubles until it does not, halves the ratio between what held and
// what did not until it is small enough, and has what it found confirmed. A rate fails with its second failure, so that
// one disturbance decides nothing.

export interface RateSearchPlan {
  readonly startRate: number;
  /** Below it nothing is tried. */
  readonly rateMin: number;
  readonly rateMax: number;
  /** How far what held and what did not may be apart in the end, as a factor above 1. */
  readonly precision: number;
  /** Runs more that must hold at the rate that was found. */
  readonly confirmations: number;
}

const FAILURES_MAX = 2;

export class RateSearch {
  private readonly plan: RateSearchPlan;
  private kept = 0;
  private failed = Number.POSITIVE_INFINITY;
  /** At `rate`, in a row of runs there. */
  private failures = 0;
  private confirmed = 0;
  /** Rates that were not confirmed. */
  private lowerings = 0;
  private isConfirming = false;
  private isOver = false;

  constructor(plan: RateSearchPlan) {
    if (!(plan.precision > 1)) throw new Error("a precision is a factor above 1");
    this.plan = plan;
  }

  /** The rate to try next; undefined: the search is over. */
  get rate(): number | undefined {
    if (this.isOver) return undefined;
    if (this.isConfirming) return this.kept;
    const { startRate, rateMax } = this.plan;
    if (this.failed < Number.POSITIVE_INFINITY) return this.middle;
    return this.kept === 0 ? startRate : Math.min(2 * this.kept, rateMax);
  }

  /** What was found, or 0. Before the end no more than a bound: one that failed to be confirmed is lowered untried. */
  get found(): number {
    return this.kept;
  }

  get isConfirmed(): boolean {
    return this.isOver && this.kept > 0;
  }

  /** The run at `rate` is over. */
  onRun(holds: boolean): void {
    const { rate } = this;
    if (rate === undefined) return;
    if (this.isConfirming) this.onConfirming(holds);
    else if (holds) {
      this.kept = rate;
      this.failures = 0;
    } else if (++this.failures === FAILURES_MAX) {
      this.failed = rate;
      this.failures = 0;
    }
    this.settle();
  }

  /** Between what held and what did not; half of the latter when nothing held. */
  private get middle(): number {
    const { kept, failed } = this;
    return rounded(kept === 0 ? failed / 2 : Math.sqrt(kept * failed));
  }

  private onConfirming(holds: boolean): void {
    if (holds) {
      this.confirmed++;
      return;
    }
    if (++this.failures < FAILURES_MAX) return;
    this.failures = 0;
    this.confirmed = 0;
    // In growing steps: a machine that became slower for good must not be followed down for long.
    this.kept = rounded(this.kept / this.plan.precision ** ++this.lowerings);
  }

  private settle(): void {
    const { kept, failed, plan } = this;
    // One that was not confirmed may have been lowered to nothing.
    if (kept === 0 && !this.isConfirming) {
      this.isOver = failed < Number.POSITIVE_INFINITY && this.middle < plan.rateMin;
      return;
    }
    if (kept < plan.rateMin) {
      this.kept = 0;
      this.isOver = true;
      return;
    }
    if (!this.isConfirming) {
      const isCloseEnough = failed / kept <= plan.precision || this.middle <= kept;
      this.isConfirming = kept >= plan.rateMax || isCloseEnough;
      if (this.isConfirming) this.failures = 0;
    }
    this.isOver = this.isConfirming && this.confirmed >= plan.confirmations;
  }
}

/** Three digits: nobody reads 48,377.2 as a rate. Never up to a rate that failed. */
function rounded(rate: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(rate)) - 2);
  return Math.floor(rate / unit) * unit;
}
