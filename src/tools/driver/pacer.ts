// Keeps the pace of load and replay: calls whoever sends whenever something is due, and lets the event loop read
// sockets in between. The one place that knows how the sending thread waits. It owns the loop while it runs.
//
// It naps: Atomics.wait is exact to microseconds, where Node's timers take a whole millisecond. Nobody reads sockets
// meanwhile, so a nap is short; waiting in turns of the loop alone takes a core from the gateway that is measured
// (ops/decisions/0010).

import { writeFileSync } from "node:fs";
import { pause } from "../../base/pause.ts";

/** What a sender returns when it has nothing more to send, ever. */
export const PACE_ENDS = Number.POSITIVE_INFINITY;

/** So much later than it was asked to does a nap end. */
const WAKE_NS = 30_000;
/** Answers are read that soon after they come. */
const NAP_NS_MAX = 50_000;
/** When sends are closer together than that, several leave after each nap: the gateway is to have its cores. */
const GAP_NS_MIN = 60_000;
const NAP_NS_MIN = 30_000;
/** Who is so late has no time for a nap. */
const LATE_NS = 200_000;
/** Linux lets a sleep take 50 µs longer, to save power, unless it is told otherwise. */
const TIMER_SLACK_NS = 1;

/** The clock of intended and actual sends and of reads: nanoseconds since the process began. */
export const paceNowNs = (): number => performance.now() * 1e6;

export class Pacer {
  private isStopped = false;
  // Next due time that was told last, and the mean gap between such: fields would box them.
  private readonly times = new Float64Array(2);

  /**
   * Calls `send` once a turn of the event loop until it returns PACE_ENDS or stop() was called. `send` sends what is
   * due by paceNowNs(), in bounded pieces, and returns when the next one is due, in that clock's nanoseconds; a time
   * that has passed means that it wants to be called again soon. Rejects with what `send` throws.
   */
  start(send: () => number): Promise<void> {
    wakeOnTime();
    return new Promise((resolve, reject) => {
      const turn = (): void => {
        try {
          const dueNs = this.isStopped ? PACE_ENDS : send();
          if (dueNs === PACE_ENDS) {
            resolve();
            return;
          }
          this.nap(dueNs);
        } catch (error) {
          reject(error);
          return;
        }
        setImmediate(turn);
      };
      turn();
    });
  }

  /** `send` is not called again. */
  stop(): void {
    this.isStopped = true;
  }

  private nap(dueNs: number): void {
    const { times } = this;
    if (times[DUE]! > 0 && dueNs > times[DUE]!) {
      times[GAP]! += (dueNs - times[DUE]! - times[GAP]!) / GAPS_IN_MEAN;
    }
    times[DUE] = dueNs;
    const leftNs = dueNs - paceNowNs();
    if (leftNs < -LATE_NS) return;
    let napNs = Math.min(leftNs - WAKE_NS, NAP_NS_MAX);
    if (times[GAP]! < GAP_NS_MIN) napNs = Math.max(napNs, NAP_NS_MIN);
    if (napNs > 0) pause(napNs / 1e6);
  }
}

const DUE = 0;
const GAP = 1;
const GAPS_IN_MEAN = 64;

/** Of this thread. Where there is no such file, naps are a little longer, and lateness shows it. */
function wakeOnTime(): void {
  try {
    writeFileSync("/proc/self/timerslack_ns", String(TIMER_SLACK_NS));
  } catch {
    // not Linux, or not allowed
  }
}
