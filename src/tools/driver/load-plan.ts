// What a load run is to do. It travels to the load process as JSON.

import type { Arrivals } from "./schedule.ts";

/** Who logs in. */
export interface LoadLogin {
  readonly user: string;
  readonly password: string;
}

/** Shares of the kinds of request, in any unit; what is not possible at the moment becomes an enter or a cancel. */
export interface LoadMix {
  readonly enter: number;
  /** Immediate-or-cancel orders that cross the spread. */
  readonly take: number;
  readonly cancel: number;
  readonly replace: number;
  readonly modify: number;
}

export interface LoadPlan {
  readonly host: string;
  readonly port: number;
  /** One connection each. */
  readonly accounts: readonly LoadLogin[];
  readonly symbols: readonly string[];
  /** Messages a second, over all accounts. */
  readonly rate: number;
  readonly arrivals: Arrivals;
  /** Messages of a burst, when they arrive in bursts. */
  readonly burstSize: number;
  /** First the rate rises linearly for so long, not counted in the latencies. */
  readonly rampSeconds: number;
  /** Then sent at the full rate, not counted in the latencies: both sides compile their hot code. */
  readonly warmupSeconds: number;
  readonly seconds: number;
  /** The measured part ends with so many messages, a last burst whole, instead of its seconds; null = it does not. */
  readonly countMax: number | null;
  /** Sent on behind the measured part, not counted: its last answers come under the same load as the others. */
  readonly cooldownSeconds: number;
  readonly mix: LoadMix;
  /** Above so many resting orders an account cancels instead of entering. */
  readonly restingMax: number;
  readonly seed: number;
  /** A send later than this after its intended time is late … */
  readonly lateNsMax: number;
  /** … and with a larger share of late sends the run is invalid: the load was not what it claims. */
  readonly lateShareMax: number;
  /** How long the answers to the last requests may take. */
  readonly drainMsMax: number;
  /** In the end every order that rests is canceled, not counted: the next run finds the book as this one did. */
  readonly clearsOrders: boolean;
}

export const LOAD_PLAN_DEFAULTS = {
  symbols: ["AAPL", "AMZN", "GOOG", "META", "MSFT", "NVDA", "TSLA", "ZVZZT"],
  rate: 12_000,
  arrivals: "poisson",
  burstSize: 100,
  rampSeconds: 0,
  warmupSeconds: 5,
  seconds: 20,
  countMax: null,
  cooldownSeconds: 0,
  mix: { enter: 42, take: 14, cancel: 28, replace: 12, modify: 4 },
  restingMax: 500,
  seed: 1,
  lateNsMax: 5_000_000,
  lateShareMax: 0.01,
  drainMsMax: 5_000,
  clearsOrders: false,
} as const satisfies Partial<LoadPlan>;

/** Accounts are chosen at random, so some send more than their share; what is not used is never touched memory. */
export function numbersOfAccount({ accounts, ...plan }: LoadPlan): number {
  const { rate, countMax, rampSeconds, warmupSeconds, cooldownSeconds } = plan;
  const measured = countMax ?? rate * plan.seconds;
  // Bursts are sent whole: one that begins within the warm-up, the measured part or the cool-down may end beyond it.
  const beyond = plan.arrivals === "bursts" ? 3 * plan.burstSize : 0;
  const share =
    (rate * (rampSeconds + warmupSeconds + cooldownSeconds) + measured + beyond) / accounts.length;
  return Math.ceil(1.5 * share + 12 * Math.sqrt(share)) + 100;
}
