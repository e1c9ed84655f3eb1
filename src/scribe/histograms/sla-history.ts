// How many answers made the headline, were late, or waited for their peer, second by second for the last hour.

import type { Burn } from "./latency-view.ts";

const SECONDS_KEPT = 3600;
/** Of a thousand answers one may be late: the SLA is a P999. */
const LATE_SHARE_ALLOWED = 0.001;

/** Counts since the process started. */
export interface SlaCounts {
  readonly headline: number;
  readonly overSla: number;
  /** Would make the headline, had their peer taken them. */
  readonly peerLimited: number;
}

export class SlaHistory {
  private readonly headlines = new Float64Array(SECONDS_KEPT + 1);
  private readonly overSlas = new Float64Array(SECONDS_KEPT + 1);
  private readonly peerLimiteds = new Float64Array(SECONDS_KEPT + 1);
  private seconds = 0;

  /** What was counted before is not looked at. */
  constructor(before: SlaCounts) {
    this.set(before);
  }

  /** So many seconds more are over; until then there were so many. */
  endSeconds(counts: SlaCounts, seconds: number): void {
    for (let second = 0; second < seconds; second++) {
      this.seconds++;
      this.set(counts);
    }
  }

  burn(seconds: number): Burn {
    const covered = this.covered(seconds);
    const count = this.difference(this.headlines, covered);
    const overSla = this.difference(this.overSlas, covered);
    const ratio = count === 0 ? 0 : overSla / count / LATE_SHARE_ALLOWED;
    return { seconds: covered, count, overSla, ratio };
  }

  peerLimitedShare(seconds: number): number {
    const covered = this.covered(seconds);
    const peerLimited = this.difference(this.peerLimiteds, covered);
    const all = this.difference(this.headlines, covered) + peerLimited;
    return all === 0 ? 0 : peerLimited / all;
  }

  private set({ headline, overSla, peerLimited }: SlaCounts): void {
    const place = this.place(0);
    this.headlines[place] = headline;
    this.overSlas[place] = overSla;
    this.peerLimiteds[place] = peerLimited;
  }

  private covered(seconds: number): number {
    return Math.min(seconds, this.seconds, SECONDS_KEPT);
  }

  private difference(counts: Float64Array, secondsAgo: number): number {
    return counts[this.place(0)]! - counts[this.place(secondsAgo)]!;
  }

  private place(secondsAgo: number): number {
    return (this.seconds - secondsAgo) % (SECONDS_KEPT + 1);
  }
}
