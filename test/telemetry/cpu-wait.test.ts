import assert from "node:assert/strict";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { startClock } from "../../src/base/clock.ts";
import { readTid } from "../../src/memory/thread-block.ts";
import { CpuWait } from "../../src/telemetry/cpu-wait.ts";
import { createEventRing, EventLog } from "../../src/telemetry/event-log.ts";
import {
  EVENT_KIND,
  EVENT_RECORD_BYTES,
  readEvent,
  THREAD,
} from "../../src/telemetry/event-record.ts";
import { RecordRingReader } from "../../src/telemetry/record-ring.ts";

const HOG = "for (;;);";

test("a thread that others take the cores away from notes it in the slice in which they did", async () => {
  const { clock } = startClock();
  const memory = createEventRing();
  const view = new DataView(memory);
  const ring = new RecordRingReader(memory, EVENT_RECORD_BYTES);
  const events = new EventLog(memory, THREAD.GATE);
  const startNs = clock.nowNs();
  const wait = new CpuWait(events, THREAD.GATE, readTid(), startNs);
  const hogs = Array.from({ length: 2 * availableParallelism() }, () => {
    return new Worker(HOG, { eval: true });
  });
  await Promise.all(hogs.map((hog) => once(hog, "online")));
  try {
    // Works, as a gate under load does, until it was kept from it.
    for (let found = 0; found === 0; ) {
      wait.look(clock.nowNs());
      found = ring.drain(1, (offset) => {
        const event = readEvent(view, offset);
        assert.equal(event.kind, EVENT_KIND.CPU_TAKEN);
        assert.deepEqual([event.thread, event.detail], [THREAD.GATE, THREAD.GATE]);
        assert.ok(event.value > 1e6 && event.value <= event.durationNs, `${event.value} ns`);
        assert.ok(event.startNs >= startNs && event.durationNs >= 9e6);
        assert.ok(wait.readNs() >= event.value);
      });
    }
  } finally {
    await Promise.all(hogs.map((hog) => hog.terminate()));
    wait.close();
  }
});

test("where the kernel says nothing of the thread, nothing is noted", () => {
  const memory = createEventRing();
  const wait = new CpuWait(new EventLog(memory, THREAD.GATE), THREAD.GATE, 0, 0);
  wait.look(1e9);
  assert.equal(wait.readNs(), 0);
  assert.equal(new RecordRingReader(memory, EVENT_RECORD_BYTES).waitingCount, 0);
});
