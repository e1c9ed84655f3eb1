// From the common clock to time since 1970, for what is shown to others. Date.now() is cut to whole milliseconds: the
// latest of many looks at it is nearly exact. Any thread.

import type { Clock, WallClock } from "./clock.ts";

const NS_PER_MS = 1e6;
/** Between two looks at our clock, around the one at the wall's: the thread was not interrupted. */
const LOOK_NS_MAX = 50_000;
const FIRST_LOOKS = 4;

export class EpochOffset {
  private readonly clock: Clock;
  private readonly wallClock: WallClock;
  // A moment since 1970 in nanoseconds is no exact double: milliseconds, and the nanoseconds beyond them.
  private ms = 0;
  private ns = 0;

  constructor(clock: Clock, wallClock: WallClock) {
    this.clock = clock;
    this.wallClock = wallClock;
    this.ms = wallClock.epochMs();
    this.ns = -clock.nowNs();
    // Interrupted between the two, it would be too early until somebody looks.
    for (let look = 0; look < FIRST_LOOKS; look++) this.look();
  }

  /** Now and then: gets better with each look, and follows a wall clock that is set. */
  look(): void {
    const beforeNs = this.clock.nowNs();
    const ms = this.wallClock.epochMs();
    const afterNs = this.clock.nowNs();
    if (afterNs - beforeNs > LOOK_NS_MAX) return;
    const laterNs = (ms - this.ms) * NS_PER_MS - afterNs - this.ns;
    // A look is never too late, and hardly more than a millisecond too early: one that is tells of a step back.
    if (laterNs <= 0 && laterNs > -NS_PER_MS - LOOK_NS_MAX) return;
    this.ms = ms;
    this.ns = -afterNs;
  }

  /** Whole seconds since 1970 and the nanoseconds beyond them, exact to the nanosecond among each other. */
  timeOf(atNs: number): [seconds: number, nanoseconds: number] {
    const ns = Math.round(atNs) + this.ns;
    const wholeMs = Math.floor(ns / NS_PER_MS);
    const ms = this.ms + wholeMs;
    const seconds = Math.floor(ms / 1000);
    return [seconds, (ms - seconds * 1000) * NS_PER_MS + (ns - wholeMs * NS_PER_MS)];
  }
}
