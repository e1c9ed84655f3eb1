// V8's helper threads give way to orders (decision 0017). They compile what has become hot, for some seconds after the
// port has opened: two milliseconds at a time, in which a lane that wakes up on the same core waits while the other
// core has nothing to do.
//
// Only with the flags of the start script, by which they do no part of a collection: half of one left to a thread that
// comes to nothing would stop everything. In an overload they get their share, or what is hot would stay slow. Main thread.

import { type KernelThread, kernelThreads, Schedstat } from "../telemetry/schedstat.ts";
import { type RunChrt, SpareTime, type SpareTimes } from "./spare-time.ts";

/** What the kernel counts for a thread; undefined: nothing. */
export type OpenCounts = (tid: number) => Pick<Schedstat, "read" | "waitNs"> | undefined;

const NAME = "V8Worker";
/** Of a second in which they could have run. */
const TIMES: SpareTimes = { starvedMs: 500, quickMs: 100 };
const NS_PER_MS = 1e6;

class CompilerThread {
  private readonly spareTime: SpareTime;
  private readonly counts: ReturnType<OpenCounts>;
  private waitNs = 0;

  constructor(tid: number, open: OpenCounts, run: RunChrt | undefined) {
    this.spareTime = new SpareTime(TIMES, run);
    this.counts = open(tid);
    // Nobody could tell whether it comes to nothing.
    if (this.counts === undefined) return;
    this.waitNs = this.counts.waitNs;
    this.spareTime.begin(tid);
  }

  look(): void {
    const { counts } = this;
    if (counts === undefined || !counts.read()) return;
    this.spareTime.look((counts.waitNs - this.waitNs) / NS_PER_MS);
    this.waitNs = counts.waitNs;
  }
}

export class CompilerThreads {
  private readonly threads: readonly CompilerThread[];

  /** When everything is compiled that a start needs: from now on they give way. */
  constructor(
    threads: readonly KernelThread[] = kernelThreads(),
    open: OpenCounts = Schedstat.open,
    run?: RunChrt,
  ) {
    const helpers = threads.filter(({ name }) => name === NAME);
    this.threads = helpers.map(({ tid }) => new CompilerThread(tid, open, run));
  }

  get count(): number {
    return this.threads.length;
  }

  /** Once a second. */
  look(): void {
    for (const thread of this.threads) thread.look();
  }
}
