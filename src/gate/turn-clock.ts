// Since when bytes can have been waiting (E1): the start of `loopWait`, and of every total.
//
// A stamp taken in the read callback is blind to whatever held the event loop before it. A hook runs once per turn,
// behind all sockets that were ready. If the loop slept in the poll that follows, what it read there had not been
// waiting; if it did not, the bytes may have come at any time since the previous turn began.

/** Less idle time than this between two looks is no sleep, but the cost of a poll. */
const SLEPT_MS_MIN = 0.02;

export class TurnClock {
  /** Milliseconds this thread's loop has spent waiting, since it began. */
  private readonly idleMs: () => number;
  private isFirst = true; // nothing of this turn has been seen
  private hadSlept = false;
  private idleMsAtHook = 0;
  // Typed, as fields would box each new value.
  private readonly starts = new Float64Array(3);

  constructor(idleMs: () => number, nowNs: number) {
    this.idleMs = idleMs;
    this.starts.fill(nowNs);
    this.idleMsAtHook = idleMs();
  }

  /** Every callback of the gate begins with this; the first of a turn counts. */
  touch(nowNs: number): void {
    if (!this.isFirst) return;
    this.isFirst = false;
    this.hadSlept = this.idleMs() - this.idleMsAtHook > SLEPT_MS_MIN;
    this.starts[TURN] = this.hadSlept ? nowNs : this.starts[HOOK]!;
  }

  /** The earliest moment at which bytes read in this turn can have been waiting. */
  sinceNs(): number {
    return this.hadSlept ? this.starts[TURN]! : this.starts[PREVIOUS]!;
  }

  /** Once per turn of the event loop, behind its sockets. */
  onTurnEnd(nowNs: number): void {
    this.touch(nowNs);
    this.starts[PREVIOUS] = this.starts[TURN]!;
    this.starts[HOOK] = nowNs;
    this.idleMsAtHook = this.idleMs();
    this.isFirst = true;
  }
}

const TURN = 0; // start of this turn
const PREVIOUS = 1; // start of the one before
const HOOK = 2; // end of the one before
