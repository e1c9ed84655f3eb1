import assert from "node:assert/strict";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { startClock } from "../../src/base/clock.ts";
import { CpuWatch } from "../../src/scribe/cpu-watch.ts";
import { createEventRing, EventLog } from "../../src/telemetry/event-log.ts";
import {
  EVENT_KIND,
  EVENT_RECORD_BYTES,
  readEvent,
  type TelemetryEvent,
  THREAD,
} from "../../src/telemetry/event-record.ts";
import { RecordRingReader } from "../../src/telemetry/record-ring.ts";

const SLICE_NS = 10e6;
const HOG = "for (;;);";

test("a lane that others take the cores away from is an event of the slice in which they did", async () => {
  const { clock } = startClock();
  const memory = createEventRing();
  const view = new DataView(memory);
  const ring = new RecordRingReader(memory, EVENT_RECORD_BYTES);
  const watch = new CpuWatch(new EventLog(memory, THREAD.SCRIBE), 1);
  const names = ["lane-0", ...Array.from({ length: availableParallelism() }, () => "hog")];
  const threads = names.map((name) => new Worker(HOG, { eval: true, name }));
  await Promise.all(threads.map((thread) => once(thread, "online")));
  const startNs = clock.nowNs();
  const found = new Map<number, TelemetryEvent>();
  let tickedNs = 0;
  try {
    while (!found.has(THREAD.LANE)) {
      await new Promise(setImmediate);
      const nowNs = clock.nowNs();
      if (nowNs - tickedNs < SLICE_NS) continue;
      tickedNs = nowNs;
      watch.tick(nowNs);
      ring.drain(1024, (offset) => {
        const event = readEvent(view, offset);
        found.set(event.detail, event);
      });
    }
  } finally {
    await Promise.all(threads.map((thread) => thread.terminate()));
    watch.close();
  }
  const event = found.get(THREAD.LANE);
  assert.ok(event !== undefined);
  assert.equal(event.kind, EVENT_KIND.CPU_TAKEN);
  assert.equal(event.thread, THREAD.SCRIBE);
  assert.ok(event.value > 1e6, `${event.value} ns`);
  assert.ok(event.startNs >= startNs && event.durationNs >= SLICE_NS);
  // A thread that is gone is no trouble, and is looked for.
  watch.tick(clock.nowNs());
});
