// Keeps the pace of load and replay: calls whoever sends whenever something is due, and lets the event loop read
// sockets in between. The one place that knows how the sending thread waits. It owns the loop while it runs.

/** What a sender returns when it has nothing more to send, ever. */
export const PACE_ENDS = Number.POSITIVE_INFINITY;

/** Atomics.wait takes about 75 µs longer than it is asked to; a shorter gap is spent in the event loop (E37). */
const WAIT_OVERHEAD_NS = 80_000;
/** Never longer, so that answers are read soon after they come. */
const WAIT_NS_MAX = 100_000;

/** The clock of intended and actual sends and of reads: nanoseconds since the process began. */
export const paceNowNs = (): number => performance.now() * 1e6;

export class Pacer {
  private readonly sleeper = new Int32Array(new SharedArrayBuffer(4));
  private isStopped = false;

  /**
   * Calls `send` once a turn of the event loop until it returns PACE_ENDS or stop() was called. `send` sends what is
   * due by paceNowNs(), in bounded pieces, and returns when the next one is due, in that clock's nanoseconds; a time
   * that has passed means that it wants to be called again soon. Rejects with what `send` throws.
   */
  start(send: () => number): Promise<void> {
    return new Promise((resolve, reject) => {
      const turn = (): void => {
        try {
          const dueNs = this.isStopped ? PACE_ENDS : send();
          if (dueNs === PACE_ENDS) {
            resolve();
            return;
          }
          this.wait(dueNs);
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

  private wait(dueNs: number): void {
    const gapNs = dueNs - paceNowNs();
    if (gapNs <= WAIT_OVERHEAD_NS) return;
    Atomics.wait(this.sleeper, 0, 0, Math.min(gapNs - WAIT_OVERHEAD_NS, WAIT_NS_MAX) / 1e6);
  }
}
