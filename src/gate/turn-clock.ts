// Since when bytes can have been waiting (E1): the start of `loopWait`, and of every total.
//
// A stamp taken in the read callback is blind to whatever held the event loop before it. A hook runs once per turn,
// behind all sockets that were ready; timers come next, then the poll. If the loop slept in the poll, what it read there
// had not been waiting before it woke, whoever's callback came first then; if it did not, the bytes may have come at any
// time since the previous turn began. A sleep far longer than the gate's tick allows was none: the process stood still
// (SIGSTOP, a frozen machine), and bytes may have come all the time. A thread that was woken and had no core counts as
// asleep, too: behind a sleep that can hide it, the kernel is asked for how long that was (E17).

import { EVENT_NS_MIN } from "../telemetry/event-record.ts";

/** Less idle time than this between two looks is no sleep, but the cost of a poll. */
const SLEPT_MS_MIN = 0.02;
/** From the tick or the turn before to the poll, and from the poll to the first callback: nothing had to wait. */
const WAKING_NS_MAX = 50_000;
/** The tick ends a sleep after 5 ms. */
const STILL_MS_MIN = 25;
/** A shorter sleep hides no more than this: not worth asking the kernel. */
const HIDING_MS_MIN = 1;

const NOT_KNOWN = (): number => 0;

export class TurnClock {
  /** Milliseconds this thread's loop has spent waiting, since it began. */
  private readonly idleMs: () => number;
  /** Nanoseconds for which it could have run and had no core. */
  private readonly coreWaitNs: () => number;
  private isFirst = true; // nothing of this turn has been seen
  private hadSlept = false;
  private idleMsAtHook = 0;
  // Typed, as fields would box each new value.
  private readonly starts = new Float64Array(9);

  constructor(idleMs: () => number, nowNs: number, coreWaitNs = NOT_KNOWN) {
    this.idleMs = idleMs;
    this.coreWaitNs = coreWaitNs;
    const { starts } = this;
    starts.fill(nowNs);
    starts[COUNT] = 1;
    starts[CORE_WAIT] = coreWaitNs();
    this.idleMsAtHook = idleMs();
  }

  /** Every callback of the gate behind the poll begins with this; the first of a turn counts. */
  touch(nowNs: number): void {
    if (!this.isFirst) return;
    this.isFirst = false;
    const { starts } = this;
    const sleptMs = this.idleMs() - this.idleMsAtHook;
    this.hadSlept = sleptMs > SLEPT_MS_MIN;
    starts[HIDDEN] = sleptMs > HIDING_MS_MIN ? this.askHiddenNs(sleptMs * NS_PER_MS) : 0;
    if (!this.hadSlept) starts[TURN] = starts[HOOK]!;
    else if (sleptMs >= STILL_MS_MIN) starts[TURN] = starts[WORKED]!;
    else {
      const wokeNs = starts[WORKED]! + sleptMs * NS_PER_MS;
      starts[TURN] = (nowNs - wokeNs > WAKING_NS_MAX ? wokeNs : nowNs) - starts[HIDDEN]!;
    }
  }

  /** At most so long of its sleep it was awake and had no core: what it lost since the last look may have been before. */
  private askHiddenNs(sleptNs: number): number {
    const { starts } = this;
    const beforeNs = starts[CORE_WAIT]!;
    starts[CORE_WAIT] = this.coreWaitNs();
    return Math.min(sleptNs, starts[CORE_WAIT]! - beforeNs);
  }

  /** The tick is over, which a turn begins with: what it slept comes behind it. */
  onTicked(nowNs: number): void {
    if (this.isFirst) this.starts[WORKED] = nowNs;
    this.starts[CORE_WAIT] = this.coreWaitNs();
  }

  /** The earliest moment at which bytes read in this turn can have been waiting. */
  sinceNs(): number {
    return this.hadSlept ? this.starts[TURN]! : this.starts[PREVIOUS]!;
  }

  /** Once per turn of the event loop, behind its sockets. True: the turn was long, and busyNs() and stillNs() say how. */
  onTurnEnd(nowNs: number): boolean {
    this.touch(nowNs);
    const idleMs = this.idleMs();
    const sleptMs = idleMs - this.idleMsAtHook;
    const busyNs = nowNs - this.starts[HOOK]! - sleptMs * NS_PER_MS;
    const isStill = sleptMs >= STILL_MS_MIN;
    this.starts[BUSY] = busyNs;
    this.starts[STILL] = isStill ? sleptMs * NS_PER_MS : 0;
    this.starts[PREVIOUS] = this.starts[TURN]!;
    this.starts[HOOK] = nowNs;
    this.starts[WORKED] = nowNs;
    this.idleMsAtHook = idleMs;
    this.starts[COUNT]!++;
    this.isFirst = true;
    return busyNs > EVENT_NS_MIN || isStill;
  }

  /** The number of this turn, from 1 on. */
  get turn(): number {
    return this.starts[COUNT]!;
  }

  /** For how long the turn that has just ended kept the loop, its sleep left out. */
  busyNs(): number {
    return this.starts[BUSY]!;
  }

  /** For how long it stood still in its sleep; 0 = it did not. */
  stillNs(): number {
    return this.starts[STILL]!;
  }

  /** For how long of its sleep it could have run and had no core, at the most. */
  hiddenNs(): number {
    return this.starts[HIDDEN]!;
  }
}

const TURN = 0; // start of this turn
const PREVIOUS = 1; // start of the one before
const HOOK = 2; // end of the one before
const BUSY = 3; // what the turn before took, its sleep left out
const STILL = 4; // its sleep, if that was none
const WORKED = 5; // from when on this turn can have slept
const COUNT = 6; // of this turn
const CORE_WAIT = 7; // coreWaitNs at the latest look
const HIDDEN = 8; // of the sleep of this turn
const NS_PER_MS = 1e6;
