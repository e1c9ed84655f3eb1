// An alarm for an event loop that must not sleep too long nor spin: a thread of its own waits for the moment and rings
// the doorbell. Node's timers wake a loop after a whole millisecond; Atomics.wait is exact to microseconds, but who
// sleeps in it reads no sockets.

import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { startClock, type ThreadClock } from "../../base/clock.ts";
import { type Doorbell, openDoorbell } from "../../memory/doorbell.ts";
import { ALARM_BYTES, ALARM_DOUBLE, ALARM_WORD } from "./alarm-layout.ts";
import type { AlarmWorkerData } from "./alarm-worker.ts";

/** Linux lets a sleep take so much longer, to save power; 50 µs unless it is told otherwise. */
const TIMER_SLACK_NS = 1;

export class Alarm {
  private readonly clock: ThreadClock;
  private readonly doorbell: Doorbell;
  private readonly worker: Worker;
  private readonly words: Int32Array;
  private readonly doubles: Float64Array;

  private readonly online: Promise<unknown>;

  /** Starts its thread, so that open() has little to wait for. */
  constructor() {
    const { clock, baseNs } = startClock();
    this.clock = clock;
    const memory = new SharedArrayBuffer(ALARM_BYTES);
    this.words = new Int32Array(memory);
    this.doubles = new Float64Array(memory);
    this.doorbell = openDoorbell();
    wakeOnTime();
    const { transfer, transferList } = this.doorbell;
    this.worker = new Worker(new URL("./alarm-worker.ts", import.meta.url), {
      name: "alarm",
      workerData: { baseNs, memory, doorbell: transfer } satisfies AlarmWorkerData,
      transferList,
    });
    // One that is never opened keeps nothing alive.
    this.worker.unref();
    this.online = once(this.worker, "online");
  }

  /** Resolves when its thread runs. `onRing` is called when a moment has come, and perhaps once too often. */
  async open(onRing: () => void): Promise<void> {
    this.worker.ref();
    this.doorbell.listen(onRing);
    await this.online;
  }

  /** Rings at that moment of this thread's performance.now(). One moment at a time: the former must be over. */
  set(dueMs: number): void {
    this.doubles[ALARM_DOUBLE.DUE] = this.clock.ofPerformanceMs(dueMs);
    Atomics.store(this.words, ALARM_WORD.ARMED, 1);
    Atomics.notify(this.words, ALARM_WORD.ARMED);
  }

  async close(): Promise<void> {
    await this.worker.terminate();
    this.doorbell.close();
  }
}

/** Of this thread and of those that it starts. Where there is no such file, sleeps are a little longer. */
function wakeOnTime(): void {
  try {
    writeFileSync("/proc/self/timerslack_ns", String(TIMER_SLACK_NS));
  } catch {
    // not Linux, or not allowed: lateness shows it
  }
}
