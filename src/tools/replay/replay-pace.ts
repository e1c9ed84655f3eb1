// How fast a replay goes, and what that makes of the capture's time line.

import { readableRate } from "../driver/load-result.ts";
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

/** Requests a second that a part of the time line is to send; 0 when it has no pace. Looks at every request too. */
export function rateBetween(
  plan: ReplayPlan,
  pace: ReplayPace,
  fromNs: number,
  untilNs: number,
): number {
  if (pace.speed === Number.POSITIVE_INFINITY || untilNs <= fromNs) return 0;
  const { startsAtNs, endsAtNs } = plan;
  const lengthNs = roundNs(plan, pace);
  const places = requestTimes(plan).map(
    (atNs) => Math.max(0, Math.min(atNs, endsAtNs) - startsAtNs) / pace.speed,
  );
  const countBefore = (ns: number): number => {
    const rounds = Math.floor(ns / lengthNs);
    const restNs = ns - rounds * lengthNs;
    return rounds * places.length + places.filter((place) => place < restNs).length;
  };
  return readableRate(((countBefore(untilNs) - countBefore(fromNs)) / (untilNs - fromNs)) * 1e9);
}
