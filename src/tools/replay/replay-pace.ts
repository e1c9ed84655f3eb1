// How fast a replay goes, and what that makes of the capture's time line.

import { NOWHERE } from "./number-map.ts";
import type { ReplayPlan } from "./replay-plan.ts";
import { ASKED } from "./request-reader.ts";

export interface ReplayPace {
  /** Captured seconds per second; Infinity: as fast as the target answers. */
  readonly speed: number;
  /** Then so many requests are under way at most. */
  readonly underwayMax: number;
}

const ONE_REQUEST_NS = 1e6;

/** Requests of the time line, without queries, by the moment at which they were captured. */
export function requestTimes(plan: ReplayPlan): number[] {
  return plan.connections.flatMap(({ packets, account, chunkEnds, chunkAtNs }) => {
    let chunk = 0;
    const times: number[] = [];
    for (const { request, end } of packets) {
      while ((chunkEnds[chunk] ?? end) < end) chunk++;
      if (request === NOWHERE) continue;
      if (account.captured.requests[request]?.asked === ASKED.QUERY) continue;
      times.push(chunkAtNs[chunk] ?? plan.endsAtNs);
    }
    return times;
  });
}

/** Requests a second, as captured. */
export function capturedRate(plan: ReplayPlan): number {
  return (requestTimes(plan).length / lineNs(plan)) * 1e9;
}

/** From the first request to where the next one behind the last would be. */
function lineNs(plan: ReplayPlan): number {
  const spanNs = plan.endsAtNs - plan.startsAtNs;
  const count = requestTimes(plan).length;
  return spanNs > 0 && count > 1 ? (spanNs * count) / (count - 1) : spanNs + ONE_REQUEST_NS;
}

/** How long one round lasts on the replay's time line. Looks at every request: not while a replay runs. */
export const roundNs = (plan: ReplayPlan, { speed }: ReplayPace): number =>
  speed === Number.POSITIVE_INFINITY ? 0 : lineNs(plan) / speed;

/** The moment of the capture that stands at `atNs` of a time line whose rounds last that long; NaN without a pace. */
export function capturedAtNs(
  { startsAtNs }: ReplayPlan,
  { speed }: ReplayPace,
  lengthNs: number,
  atNs: number,
): number {
  return lengthNs === 0 ? Number.NaN : startsAtNs + (atNs % lengthNs) * speed;
}

/** Requests a second that the measured part is to send; 0 when it has no pace. */
export function planRate(
  plan: ReplayPlan,
  pace: ReplayPace,
  rounds: number,
  warmupSeconds: number,
): number {
  if (pace.speed === Number.POSITIVE_INFINITY) return 0;
  const times = requestTimes(plan);
  const lengthNs = roundNs(plan, pace);
  // Some rounds may be all warm-up; one may begin with it.
  const warmRounds = Math.floor((warmupSeconds * 1e9) / lengthNs);
  const measuredFromNs =
    plan.startsAtNs + (warmupSeconds * 1e9 - warmRounds * lengthNs) * pace.speed;
  const measured = times.filter((atNs) => atNs >= measuredFromNs).length;
  const seconds = (rounds * lengthNs) / 1e9 - warmupSeconds;
  const wholeRounds = rounds - warmRounds - 1;
  const rate = seconds > 0 ? (measured + wholeRounds * times.length) / seconds : 0;
  return Math.round(rate * 10) / 10;
}
