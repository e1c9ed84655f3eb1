// Event time (semantics §1.1): nanoseconds since midnight of the trading date, which OUCH timestamps, expiry and
// order references are made of. It follows the wall clock but never steps: corrections are slewed onto the monotonic
// clock, and it never goes back. Main thread; lanes get it in their records.

import type { WallClock } from "../base/clock.ts";

/** Fastest correction, as a share of the time that passes. */
const SLEW_MAX = 0.0005;
/** The wall clock is read in whole milliseconds: smaller differences say nothing. */
const DIFFERENCE_NS_MIN = 1_500_000;

export class EventClock {
  private readonly wallClock: WallClock;
  private readonly midnightUtcMs: number;
  // Typed, as fields would box each new value.
  private readonly values = new Float64Array(3);

  /**
   * `notBeforeNs`: what an earlier run of the same session reached. Should the wall clock have been stepped back since,
   * event time goes on from there and comes back slowly: it does not stand still until the wall clock is there again.
   */
  constructor(wallClock: WallClock, midnightUtcMs: number, nowNs: number, notBeforeNs = 0) {
    this.wallClock = wallClock;
    this.midnightUtcMs = midnightUtcMs;
    this.values[OFFSET] = Math.max(this.wallNs(), notBeforeNs) - nowNs;
    this.values[LATEST] = notBeforeNs;
    this.values[CORRECTED_AT] = nowNs;
  }

  /** Event time at a moment of the monotonic clock. Never less than the call before gave. */
  at(nowNs: number): number {
    const eventNs = nowNs + this.values[OFFSET]!;
    if (eventNs > this.values[LATEST]!) this.values[LATEST] = eventNs;
    return this.values[LATEST]!;
  }

  /** At each tick: goes a little way towards the wall clock. */
  correct(nowNs: number): void {
    const stepMax = (nowNs - this.values[CORRECTED_AT]!) * SLEW_MAX;
    this.values[CORRECTED_AT] = nowNs;
    const difference = this.wallNs() - nowNs - this.values[OFFSET]!;
    if (Math.abs(difference) < DIFFERENCE_NS_MIN) return;
    const step = Math.max(-stepMax, Math.min(stepMax, difference));
    this.values[OFFSET] = this.values[OFFSET]! + Math.round(step);
  }

  private wallNs(): number {
    return (this.wallClock.epochMs() - this.midnightUtcMs) * 1e6;
  }
}

const OFFSET = 0; // event time minus monotonic time
const LATEST = 1; // largest that was ever given
const CORRECTED_AT = 2;
