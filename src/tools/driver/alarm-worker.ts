// Entry of the alarm's thread: sleeps until the moment that it is told, rings, and waits for the next one.

import { isMainThread, workerData } from "node:worker_threads";
import { joinClock } from "../../base/clock.ts";
import { type DoorbellTransfer, joinDoorbell } from "../../memory/doorbell.ts";
import { ALARM_DOUBLE, ALARM_WORD } from "./alarm-layout.ts";

export interface AlarmWorkerData {
  readonly baseNs: bigint;
  readonly memory: SharedArrayBuffer;
  readonly doorbell: DoorbellTransfer;
}

if (!isMainThread) run(workerData as AlarmWorkerData);

/** Never returns: the thread is ended from outside. */
function run({ baseNs, memory, doorbell }: AlarmWorkerData): never {
  const clock = joinClock(baseNs);
  const button = joinDoorbell(doorbell);
  const words = new Int32Array(memory);
  const doubles = new Float64Array(memory);
  for (;;) {
    Atomics.wait(words, ALARM_WORD.ARMED, 0);
    for (;;) {
      const leftNs = doubles[ALARM_DOUBLE.DUE]! - clock.nowNs();
      if (leftNs <= 0) break;
      Atomics.wait(words, ALARM_WORD.ARMED, 1, leftNs / 1e6);
    }
    // Before the ring: whoever hears it may set the next moment at once.
    Atomics.store(words, ALARM_WORD.ARMED, 0);
    button.ring();
  }
}
