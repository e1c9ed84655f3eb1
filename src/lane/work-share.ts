// Whose turn it is: what has come from outside, or the work that the lane has left to do (E9). A mass cancel or a sweep of a
// hundred thousand orders is some hundred steps, and nobody else's request waits for more than one or two of them: a step has
// its turn when nothing has come, and else when the others have had as long as the last one took, its answers and the disk
// included. Decides nothing that a replay would have to repeat: each step is a record. Lane thread.

import type { Clock } from "../base/clock.ts";

/** A batch ends when its steps have lasted so long, though nothing has come: their answers should not wait for more. */
const BATCH_NS_MAX = 1e6;

// Typed, as fields would box each new value.
const BATCH_NS = 0; // the batch's first step began
const STEP_NS = 1; // the latest step began
const DUE_NS = 2; // the next one may come before what has come from outside

export class WorkShare {
  private readonly clock: Clock;
  private readonly times = new Float64Array(3);
  private isStepping = false;
  private hasStepped = false;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  beginBatch(): void {
    this.hasStepped = false;
  }

  /** True: a step of the lane's own work comes next. `isAwaited`: something from outside could come instead. */
  takeTurn(hasWork: boolean, fromOutside: number, isAwaited: boolean): boolean {
    if (!hasWork) {
      // Who comes with the next work does not wait as if the last step of this one had lasted until then.
      this.isStepping = false;
      return false;
    }
    // Who came from outside is answered first.
    if (fromOutside > 0) return false;
    const { times } = this;
    const nowNs = this.clock.nowNs();
    if (this.isStepping) times[DUE_NS] = nowNs + (nowNs - times[STEP_NS]!);
    this.isStepping = false;
    if (isAwaited && nowNs < times[DUE_NS]!) return false;
    if (this.hasStepped && nowNs - times[BATCH_NS]! >= BATCH_NS_MAX) return false;
    if (!this.hasStepped) times[BATCH_NS] = nowNs;
    times[STEP_NS] = nowNs;
    this.hasStepped = true;
    this.isStepping = true;
    return true;
  }
}
