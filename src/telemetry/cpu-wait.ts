// Whether somebody took the cores away from a thread that orders go through (E17): each slice of 10 ms in which it
// waited for a core for over a millisecond is an event. The thread looks at itself when it comes by: a slice in which it
// had no core is as long as it waited. Gate and lane threads.
//
// That somebody else looks a hundred times a second costs them more than that they look themselves: on two cores
// that both are needed, each of its wake-ups takes one away.

import type { EventLog } from "./event-log.ts";
import { EVENT_KIND, EVENT_NS_MIN } from "./event-record.ts";
import { Schedstat } from "./schedstat.ts";

/** A shorter slice waits for the next look. */
const SLICE_NS_MIN = 9e6;

export class CpuWait {
  private readonly events: EventLog;
  private readonly thread: number;
  private readonly schedstat: Schedstat | undefined;
  // Typed, as fields would box each new value.
  private readonly latest = new Float64Array(2);

  /** `thread` of THREAD, whose `events` these are; `tid` is the kernel's number of it. */
  constructor(events: EventLog, thread: number, tid: number, nowNs: number) {
    this.events = events;
    this.thread = thread;
    this.schedstat = Schedstat.open(tid);
    this.latest[LOOKED_NS] = nowNs;
    this.latest[WAIT_NS] = this.schedstat?.waitNs ?? 0;
  }

  /** The thread itself, every few milliseconds. */
  look(nowNs: number): void {
    const { latest, schedstat } = this;
    const sliceNs = nowNs - latest[LOOKED_NS]!;
    if (schedstat === undefined || sliceNs < SLICE_NS_MIN || !schedstat.read()) return;
    const waitedNs = schedstat.waitNs - latest[WAIT_NS]!;
    if (waitedNs > EVENT_NS_MIN) {
      const startNs = latest[LOOKED_NS]!;
      this.events.add(EVENT_KIND.CPU_TAKEN, startNs, sliceNs, waitedNs, this.thread);
    }
    latest[LOOKED_NS] = nowNs;
    latest[WAIT_NS] = schedstat.waitNs;
  }

  /** So far; 0 where the kernel does not say. */
  readNs(): number {
    this.schedstat?.read();
    return this.schedstat?.waitNs ?? 0;
  }

  close(): void {
    this.schedstat?.close();
  }
}

const LOOKED_NS = 0;
const WAIT_NS = 1;
