// One monotonic clock for all threads (E6): nanoseconds since a moment shortly before the process started, exact in a
// double for 104 days. Main fixes the base; every thread finds the offset of its own performance.now() to it, because
// that is the cheapest clock and each thread's starts at another moment.

export interface Clock {
  /** Monotonic nanoseconds, a whole number above 2³². */
  nowNs(): number;
}

/** A thread's own, which can place what Node reports on that thread's timeline. */
export interface ThreadClock extends Clock {
  /** The common clock's time of a moment of this thread's performance.now(). */
  ofPerformanceMs(ms: number): number;
}

export interface WallClock {
  /** Milliseconds since 1970, as the machine believes; may be stepped. */
  epochMs(): number;
}

export const systemWallClock: WallClock = { epochMs: () => Date.now() };

/**
 * No time is ever a small integer. From zero they would be for 2.1 s: V8 compiled all that works with times for those,
 * and once more in the third second, which is the first of trading (decision 0012).
 */
const HEAD_START_NS = 2n ** 32n;

/** Main thread, once, at start. Workers get `baseNs` and join. */
export function startClock(): { clock: ThreadClock; baseNs: bigint } {
  const baseNs = process.hrtime.bigint() - HEAD_START_NS;
  return { clock: joinClock(baseNs), baseNs };
}

const BRACKETS = 200;

/** Any thread: the clock that main started. Takes about 30 µs. */
export function joinClock(baseNs: bigint): ThreadClock {
  let offsetNs = 0;
  let widthNsMin = Number.POSITIVE_INFINITY;
  for (let bracket = 0; bracket < BRACKETS; bracket++) {
    const beforeNs = Number(process.hrtime.bigint() - baseNs);
    const ownMs = performance.now();
    const afterNs = Number(process.hrtime.bigint() - baseNs);
    if (afterNs - beforeNs >= widthNsMin) continue;
    widthNsMin = afterNs - beforeNs;
    offsetNs = (beforeNs + afterNs) / 2 - ownMs * 1e6;
  }
  return new JoinedClock(offsetNs);
}

class JoinedClock implements ThreadClock {
  private readonly offsetNs: number;

  constructor(offsetNs: number) {
    this.offsetNs = offsetNs;
  }

  nowNs(): number {
    return this.ofPerformanceMs(performance.now());
  }
  ofPerformanceMs(ms: number): number {
    return Math.round(ms * 1e6 + this.offsetNs);
  }
}
