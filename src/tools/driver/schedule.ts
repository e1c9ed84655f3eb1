// When each message of a load run is meant to be sent. The schedule never waits for an answer: that is what
// makes the load open, and the time from here to the answer what a client would have felt.

import { assert } from "../../base/assert.ts";
import type { SeededRandom } from "./seeded-random.ts";

export const ARRIVALS = ["constant", "poisson"] as const;
export type Arrivals = (typeof ARRIVALS)[number];

export class Schedule {
  private readonly gapNs: number;
  private readonly arrivals: Arrivals;
  private readonly random: SeededRandom;
  // In an array because a field would box each new double: start, and how far the next send is from it.
  private readonly times = new Float64Array(2);
  private sends = 0;

  constructor(ratePerSecond: number, arrivals: Arrivals, random: SeededRandom) {
    assert(ratePerSecond > 0, "a schedule needs a rate");
    this.gapNs = 1e9 / ratePerSecond;
    this.arrivals = arrivals;
    this.random = random;
  }

  start(startNs: number): void {
    this.times[0] = startNs;
    this.times[1] = 0;
    this.sends = 0;
  }

  /** When the next message is meant to leave. */
  get dueNs(): number {
    return this.times[0]! + this.times[1]!;
  }

  /** The next message has been sent, or given up. */
  advance(): void {
    this.sends++;
    // A product, not a sum of gaps: rounding must not let a long constant run drift from its rate.
    if (this.arrivals === "constant") this.times[1] = this.sends * this.gapNs;
    else this.times[1] = this.times[1]! - Math.log(this.random.fraction()) * this.gapNs;
  }
}
