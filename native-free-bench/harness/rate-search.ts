// Looks for the highest rate that a target keeps: doubles until it fails, halves the ratio between what was kept and what
// was not until it is small enough, and has what it found confirmed. A rate fails with its second failure, so that one
// disturbance decides nothing.

export interface RateSearchPlan {
  readonly startRate: number;
  /** Below it nothing is kept. */
  readonly rateMin: number;
  readonly rateMax: number;
  /** How far what was kept and what was not may be apart in the end, as a factor above 1. */
  readonly precision: number;
}

const FAILURES_MAX = 2;
const ROUND_TO = 100;

export class RateSearch {
  private readonly plan: RateSearchPlan;
  private kept = 0;
  private failed = Number.POSITIVE_INFINITY;
  private failures = 0;
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
    const { kept, failed } = this;
    const { startRate, rateMax } = this.plan;
    if (kept === 0) return failed === Number.POSITIVE_INFINITY ? startRate : round(failed / 2);
    if (failed === Number.POSITIVE_INFINITY) return Math.min(2 * kept, rateMax);
    return round(Math.sqrt(kept * failed));
  }

  /** What was found; 0: not even the least one was kept. Counts when `rate` is undefined. */
  get found(): number {
    return this.kept;
  }

  /** The run at `rate` is over. */
  onRun(isKept: boolean): void {
    const { rate } = this;
    if (rate === undefined) return;
    if (this.isConfirming) this.onConfirmed(isKept);
    else if (isKept) {
      this.kept = rate;
      this.failures = 0;
    } else if (++this.failures === FAILURES_MAX) {
      this.failed = rate;
      this.failures = 0;
    }
    this.settle();
  }

  private onConfirmed(isKept: boolean): void {
    if (isKept) this.isOver = true;
    if (isKept || ++this.failures < FAILURES_MAX) return;
    this.failures = 0;
    // In growing steps: a machine that became slower for good must not be followed down for long.
    this.kept = round(this.kept / this.plan.precision ** ++this.lowerings);
  }

  private settle(): void {
    const { kept, failed, plan } = this;
    if (kept === 0) {
      this.isOver ||= round(failed / 2) < plan.rateMin;
      return;
    }
    if (kept < plan.rateMin) {
      this.kept = 0;
      this.isOver = true;
    }
    if (this.isConfirming) return;
    this.isConfirming = kept >= plan.rateMax || failed / kept <= plan.precision;
    if (this.isConfirming) this.failures = 0;
  }
}

const round = (rate: number): number => Math.max(ROUND_TO, Math.round(rate / ROUND_TO) * ROUND_TO);
