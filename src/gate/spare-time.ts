// A thread that nobody waits for gets what the others leave of the cores (SCHED_IDLE): the scribe (decision 0013) and V8's
// helper (decision 0017). One of low priority that has a core keeps it for a millisecond from whoever wakes up there, and
// the scribe wakes ten times a second: at 12,000 orders/s that was half of P99. One that is idle by policy makes way at
// once.
//
// In an overload nothing is left, and an operator needs the metrics: a thread that comes to nothing gets its share
// again until it has been quick for a while. Node cannot set a policy; util-linux can. Where there is no chrt, or no
// way back from it (RLIMIT_NICE), everything stays as it was. Main thread.

import { runProgram } from "../base/run-program.ts";

export type Policy = "idle" | "other";

/** Runs chrt with these arguments; calls back with whether it has succeeded. */
export type RunChrt = (args: readonly string[], onDone: (isDone: boolean) => void) => void;

/** How far a thread is behind its time, in milliseconds. */
export interface SpareTimes {
  /** By more it has come to nothing, and gets its share. */
  readonly starvedMs: number;
  /** By less it is quick. */
  readonly quickMs: number;
}
const SCRIBE: SpareTimes = { starvedMs: 1000, quickMs: 400 };
/** So often in a row it must be found quick, about a second apart. */
const QUICK_LOOKS = 30;

const runChrt: RunChrt = (args, onDone) => {
  runProgram("chrt", args, (error) => onDone(error === undefined));
};

export class SpareTime {
  private readonly times: SpareTimes;
  private readonly run: RunChrt;
  private tid = 0; // of the thread that gives way, 0 = none
  private policy: Policy = "other";
  private isBusy = false;
  private quickLooks = 0;
  private mayReturn: boolean | undefined;

  constructor(times: SpareTimes = SCRIBE, run: RunChrt = runChrt) {
    this.times = times;
    this.run = run;
  }

  /** What the thread has by now. */
  get current(): Policy {
    return this.policy;
  }

  /** A thread that has all it needs to begin with. One that was there before has ended. */
  begin(tid: number): void {
    this.tid = tid;
    this.policy = "other";
    this.quickLooks = 0;
    if (this.mayReturn !== undefined) {
      this.set("idle");
      return;
    }
    // A process may always give way, and not always come back: tried on one that is nobody's.
    this.run(["--idle", "0", "chrt", "--other", "0", "true"], (isDone) => {
      this.mayReturn = isDone;
      this.set("idle");
    });
  }

  /** It is to end soon, whoever else is busy. */
  comeBack(): void {
    if (this.policy === "idle") this.set("other");
  }

  /** The thread has ended, or will. */
  end(): void {
    this.tid = 0;
  }

  /** About once a second: how far it is behind. */
  look(behindMs: number): void {
    const { starvedMs, quickMs } = this.times;
    if (this.policy === "idle") {
      if (behindMs > starvedMs) this.set("other");
      return;
    }
    this.quickLooks = behindMs < quickMs ? this.quickLooks + 1 : 0;
    if (this.quickLooks >= QUICK_LOOKS) this.set("idle");
  }

  private set(policy: Policy): void {
    const { tid } = this;
    if (tid === 0 || this.isBusy || this.mayReturn !== true) return;
    this.isBusy = true;
    this.quickLooks = 0;
    this.run([`--${policy}`, "--pid", "0", `${tid}`], (isDone) => {
      this.isBusy = false;
      if (isDone && tid === this.tid) this.policy = policy;
    });
  }
}
