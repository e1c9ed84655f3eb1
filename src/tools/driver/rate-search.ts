// Searches the highest rate at which something holds: doubles until it does not, halves the distance between the two
// (on a logarithmic scale, since a rate is told by its ratio), and makes sure of what it found.

export interface RateSearchPlan {
  readonly startRate: number;
  readonly rateMax: number;
  /** Runs more that must hold at the rate that was found. */
  readonly confirmations: number;
}

/** One run at a rate: does it hold? undefined = the search is to end. */
export type Probe = (rate: number) => Promise<boolean | undefined>;

export interface RateFound {
  /** null = it holds at none of the rates that were tried. */
  readonly rate: number | null;
  /** False: the search was ended before all confirmations. */
  readonly isConfirmed: boolean;
}

/** Rates that are closer together are not told apart. */
const RATIO_MIN = 1.05;
/** When it does not hold at the start, it is tried down to this part of it. */
const START_PART_MIN = 1 / 100;

export async function searchRate(plan: RateSearchPlan, probe: Probe): Promise<RateFound> {
  let kept = 0;
  let failed = Number.POSITIVE_INFINITY;
  const rateMin = Math.max(1, plan.startRate * START_PART_MIN);
  const nothing: RateFound = { rate: null, isConfirmed: false };

  for (let rate = plan.startRate; ; ) {
    const holds = await probe(rate);
    if (holds === undefined) return kept > 0 ? { rate: kept, isConfirmed: false } : nothing;
    if (holds) kept = rate;
    else failed = rate;
    const next = nextRate(kept, failed, plan.rateMax);
    if (next === undefined) break;
    if (next < rateMin) return nothing;
    rate = next;
  }

  // One run in favour may have been luck: what does not hold again was too high.
  while (kept >= rateMin) {
    const isConfirmed = await holdsAgain(kept, plan.confirmations, probe);
    if (isConfirmed === undefined) return { rate: kept, isConfirmed: false };
    if (isConfirmed) return { rate: kept, isConfirmed: true };
    kept = rounded(kept / RATIO_MIN);
  }
  return nothing;
}

/** undefined = the two are as close as it gets. */
function nextRate(kept: number, failed: number, rateMax: number): number | undefined {
  if (failed === Number.POSITIVE_INFINITY) {
    return kept >= rateMax ? undefined : Math.min(2 * kept, rateMax);
  }
  if (kept === 0) return rounded(failed / 2);
  if (failed / kept <= RATIO_MIN) return undefined;
  const middle = rounded(Math.sqrt(kept * failed));
  return middle > kept && middle < failed ? middle : undefined;
}

async function holdsAgain(rate: number, times: number, probe: Probe): Promise<boolean | undefined> {
  for (let run = 0; run < times; run++) {
    const holds = await probe(rate);
    if (holds !== true) return holds;
  }
  return true;
}

/** Three digits: nobody reads 48,377.2 as a rate. Never up to a rate that failed. */
function rounded(rate: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(rate)) - 2);
  return Math.floor(rate / unit) * unit;
}
