// Keeps the pace of load and replay: calls whoever sends whenever something is due, and lets the event loop read
// sockets in between. The one place that knows how the sending thread waits. It owns the loop while it runs.
//
// Until something is due the loop sleeps as a client's would, and an answer wakes it as it would wake a client; an alarm
// wakes it for the next send. What is due sooner than that takes is waited for in turns of the loop.

import { Alarm } from "./alarm.ts";

/** What a sender returns when it has nothing more to send, ever. */
export const PACE_ENDS = Number.POSITIVE_INFINITY;

/** From the alarm's moment until the loop runs: two threads wake up. */
const WAKE_NS = 30_000;
/** When sends are closer together than that, waiting in turns would take a core from who is measured. */
const TURNS_GAP_NS_MIN = 60_000;

/** The clock of intended and actual sends and of reads: nanoseconds since the process began. */
export const paceNowNs = (): number => performance.now() * 1e6;

export class Pacer {
  private readonly alarm = new Alarm();
  private isStopped = false;
  private wake: () => void = () => {};
  // Next due time that was told last, and the mean gap between such: fields would box them.
  private readonly times = new Float64Array(2);

  /**
   * Once. Calls `send` in turns of the event loop until it returns PACE_ENDS or stop() was called. `send` sends what is due by
   * paceNowNs(), in bounded pieces, and returns when the next one is due, in that clock's nanoseconds; a time that has
   * passed means that it wants to be called again soon. Rejects with what `send` throws.
   */
  async start(send: () => number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    let isTurnDue = false;
    const goOn = (): void => {
      if (isTurnDue) return;
      isTurnDue = true;
      setImmediate(turn);
    };
    const turn = (): void => {
      isTurnDue = false;
      try {
        const dueNs = this.isStopped ? PACE_ENDS : send();
        if (dueNs === PACE_ENDS) resolve();
        else if (!this.sleep(dueNs)) goOn();
      } catch (error) {
        reject(error);
      }
    };
    this.wake = goOn;
    try {
      // Within the ring's own turn: the next one would be behind all sockets.
      await this.alarm.open(() => {
        if (!isTurnDue) turn();
      });
      goOn();
      await promise;
    } finally {
      this.wake = () => {};
      await this.alarm.close();
    }
  }

  /** `send` is not called again. */
  stop(): void {
    this.isStopped = true;
    this.wake();
  }

  /** False: it is too near for sleeping. */
  private sleep(dueNs: number): boolean {
    const { times } = this;
    const gapNs = Math.max(0, dueNs - times[DUE]!);
    if (times[DUE]! > 0) times[GAP] = times[GAP]! + (gapNs - times[GAP]!) / GAPS_IN_MEAN;
    times[DUE] = dueNs;
    const leadNs = times[GAP]! >= TURNS_GAP_NS_MIN ? WAKE_NS : 0;
    if (dueNs - paceNowNs() <= leadNs + NEAR_NS) return false;
    this.alarm.set((dueNs - leadNs) / 1e6);
    return true;
  }
}

const DUE = 0;
const GAP = 1;
const GAPS_IN_MEAN = 64;
/** Setting the alarm takes as long. */
const NEAR_NS = 5_000;
