// The time line of a replay. It stands still while connections are made ready, before it begins and between the rounds
// of a loop, so that rounds follow each other on it as the capture goes on from its end to its beginning.

import { paceNowNs } from "../driver/pacer.ts";

export class ReplayClock {
  // Doubles that fields would box: what the line is behind the pace's clock, and where it stands while it stands.
  private readonly times = new Float64Array(2);
  isRunning = false;

  /** Nanoseconds on the time line. */
  nowNs(): number {
    return this.isRunning ? paceNowNs() - this.times[BEHIND]! : this.times[STANDS]!;
  }

  /** The same moment on the pace's clock. */
  paceNs(lineNs: number): number {
    return lineNs + this.times[BEHIND]!;
  }

  /** Goes on from `lineNs`. */
  start(lineNs: number): void {
    this.times[BEHIND] = paceNowNs() - lineNs;
    this.isRunning = true;
  }

  stop(): void {
    this.times[STANDS] = this.nowNs();
    this.isRunning = false;
  }
}

const BEHIND = 0;
const STANDS = 1;
