// What a replay is to do, beside its plan: where, how fast, how often, as whom, and when it counts.

import { LOAD_PLAN_DEFAULTS, type LoadPlan } from "../driver/load-plan.ts";
import type { ReplayTarget } from "./replay-connection.ts";
import { type ReplayPace, rateBetween, roundNs } from "./replay-pace.ts";
import type { ReplayPlan } from "./replay-plan.ts";

export interface ReplayUser {
  readonly user: string;
  readonly password: string;
}

export interface ReplaySettings {
  readonly target: ReplayTarget;
  readonly pace: ReplayPace;
  /** How often the whole is replayed. */
  readonly rounds: number;
  readonly warmupSeconds: number;
  readonly lateNsMax: number;
  readonly lateShareMax: number;
  readonly drainMsMax: number;
  /** Whose account it is at the target, by its name in the capture. */
  readonly users: ReadonlyMap<string, ReplayUser>;
}

/** What the record of a run wants to know of a load is true of a replay too. */
export function loadPlanOf(plan: ReplayPlan, settings: ReplaySettings): LoadPlan {
  const { target, pace, rounds, warmupSeconds, lateNsMax, lateShareMax, drainMsMax } = settings;
  const isUnpaced = pace.speed === Number.POSITIVE_INFINITY;
  const untilNs = rounds * roundNs(plan, pace);
  const seconds = untilNs / 1e9 - warmupSeconds;
  return {
    ...LOAD_PLAN_DEFAULTS,
    ...target,
    accounts: [...settings.users.values()],
    symbols: [],
    arrivals: "constant",
    rate: rateBetween(plan, pace, warmupSeconds * 1e9, untilNs),
    warmupSeconds,
    seconds: isUnpaced ? UNPACED_SECONDS : Math.max(0, seconds),
    lateNsMax,
    lateShareMax,
    drainMsMax,
  };
}

const UNPACED_SECONDS = 86_400;
