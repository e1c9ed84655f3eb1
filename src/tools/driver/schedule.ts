// When each message of a load run is meant to be sent. The schedule never waits for an answer: that is what
// makes the load open, and the time from here to the answer what a client would have felt.

import { assert } from "../../base/assert.ts";
import type { SeededRandom } from "./seeded-random.ts";

/** bursts: so many at once, then nothing until the next burst is due; the mean rate is that of the others. */
export const ARRIVALS = ["constant", "poisson", "bursts"] as const;
export type Arrivals = (typeof ARRIVALS)[number];

export interface ScheduleShape {
  /** Messages of a burst; a burst comes every burstSize / ratePerSecond seconds. */
  readonly burstSize: number;
  /** The rate rises linearly from nothing for so long: half as many messages as at the full rate. */
  readonly rampSeconds: number;
}

const PLAIN: ScheduleShape = { burstSize: 1, rampSeconds: 0 };

export class Schedule {
  private readonly ratePerSecond: number;
  private readonly arrivals: Arrivals;
  private readonly shape: ScheduleShape;
  private readonly random: SeededRandom;
  // In an array because a field would box each new double: start, how far the next send is from it, and the same in
  // gaps between messages, as if there were no ramp.
  private readonly times = new Float64Array(3);
  private sends = 0;

  /** The rate is the mean, once the ramp is over. */
  constructor(
    ratePerSecond: number,
    arrivals: Arrivals,
    random: SeededRandom,
    shape: ScheduleShape = PLAIN,
  ) {
    assert(ratePerSecond > 0, "a schedule needs a rate");
    assert(shape.burstSize >= 1, "a burst is at least one message");
    this.ratePerSecond = ratePerSecond;
    this.arrivals = arrivals;
    this.shape = shape;
    this.random = random;
  }

  start(startNs: number): void {
    this.times[START] = startNs;
    this.times[AWAY] = 0;
    this.times[GAPS] = 0;
    this.sends = 0;
  }

  /** When the next message is meant to leave. */
  get dueNs(): number {
    return this.times[START]! + this.times[AWAY]!;
  }

  /** The next message has been sent, or given up. */
  advance(): void {
    const { arrivals } = this;
    const { burstSize } = this.shape;
    this.sends++;
    // A product, not a sum of gaps: rounding must not let a long constant run drift from its rate.
    if (arrivals === "constant") this.times[GAPS] = this.sends;
    else if (arrivals === "bursts") this.times[GAPS] = this.sends - (this.sends % burstSize);
    else this.times[GAPS] = this.times[GAPS]! - Math.log(this.random.fraction());
    this.times[AWAY] = this.awayNs(this.times[GAPS]!);
  }

  /** While the rate rises, messages up to a time grow with its square; arrivals of each kind are stretched alike. */
  private awayNs(gaps: number): number {
    const { ratePerSecond } = this;
    const { rampSeconds } = this.shape;
    const gapsInRamp = (ratePerSecond * rampSeconds) / 2;
    if (gaps < gapsInRamp) return Math.sqrt((2 * rampSeconds * gaps) / ratePerSecond) * 1e9;
    return (rampSeconds / 2) * 1e9 + gaps * (1e9 / ratePerSecond);
  }
}

const START = 0;
const AWAY = 1;
const GAPS = 2;
