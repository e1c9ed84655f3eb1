// Whether somebody took the cores away from the threads that orders go through (E17): each slice of 10 ms in which gate
// or lane waited for a core for over a millisecond is an event. Scribe thread.

import type { EventLog } from "../telemetry/event-log.ts";
import { EVENT_KIND, EVENT_NS_MIN, THREAD } from "../telemetry/event-record.ts";
import { kernelThreads, Schedstat } from "./schedstat.ts";
import type { ScribePart } from "./scribe-part.ts";

/** A thread that is not there (yet, or between two sessions) is looked for so often. */
const LOOK_EVERY_NS = 1e9;

interface Watched {
  /** Of THREAD. */
  readonly thread: number;
  readonly name: string;
  schedstat: Schedstat | undefined;
  waitNs: number;
}

export class CpuWatch implements ScribePart {
  private readonly events: EventLog;
  private readonly watched: readonly Watched[];
  private readAtNs = 0;
  private lookAtNs = 0;

  /** The gate is the process's first thread, and a lane's has its name. */
  constructor(events: EventLog, laneCount: number) {
    const lanes = Array.from({ length: laneCount }, (_, lane) => ({
      thread: THREAD.LANE + lane,
      name: `lane-${lane}`,
    }));
    this.events = events;
    this.watched = [{ thread: THREAD.GATE, name: "" }, ...lanes].map((each) => ({
      ...each,
      schedstat: undefined,
      waitNs: 0,
    }));
  }

  tick(nowNs: number): void {
    for (const each of this.watched) this.read(each, nowNs);
    this.readAtNs = nowNs;
    if (nowNs < this.lookAtNs) return;
    this.lookAtNs = nowNs + LOOK_EVERY_NS;
    if (this.watched.some(({ schedstat }) => schedstat === undefined)) this.look();
  }

  close(): void {
    for (const each of this.watched) this.leave(each);
  }

  private read(each: Watched, nowNs: number): void {
    const { schedstat, waitNs } = each;
    if (schedstat === undefined) return;
    if (!schedstat.read()) {
      this.leave(each);
      return;
    }
    const waitedNs = schedstat.waitNs - waitNs;
    each.waitNs = schedstat.waitNs;
    if (waitedNs <= EVENT_NS_MIN) return;
    const { readAtNs } = this;
    this.events.add(EVENT_KIND.CPU_TAKEN, readAtNs, nowNs - readAtNs, waitedNs, each.thread);
  }

  private leave(each: Watched): void {
    each.schedstat?.close();
    each.schedstat = undefined;
  }

  private look(): void {
    const threads = kernelThreads();
    for (const each of this.watched) {
      if (each.schedstat !== undefined) continue;
      const { thread, name } = each;
      const isIt = (tid: number, itsName: string): boolean =>
        thread === THREAD.GATE ? tid === process.pid : itsName === name;
      const found = threads.find(({ tid, name: itsName }) => isIt(tid, itsName));
      each.schedstat = found && Schedstat.open(found.tid);
      each.waitNs = each.schedstat?.waitNs ?? 0;
    }
  }
}
