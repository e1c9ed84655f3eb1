import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { startClock } from "../../src/base/clock.ts";
import { createEventRing } from "../../src/telemetry/event-log.ts";
import {
  EVENT_KIND,
  EVENT_RECORD_BYTES,
  GC_KIND,
  readEvent,
  type TelemetryEvent,
  THREAD,
} from "../../src/telemetry/event-record.ts";
import { RecordRingReader } from "../../src/telemetry/record-ring.ts";

const TOLERANCE_NS = 1e6;

test("a worker's collection is an event with its start and its duration on the common clock", async () => {
  const { baseNs } = startClock();
  const events = createEventRing();
  const ring = new RecordRingReader(events, EVENT_RECORD_BYTES);
  const view = new DataView(events);
  const worker = new Worker(new URL("../support/collecting-worker.ts", import.meta.url), {
    workerData: { baseNs, events, thread: THREAD.LANE + 3 },
  });
  try {
    worker.postMessage("collect");
    const [{ startNs, endNs }] = await once(worker, "message");
    let found: TelemetryEvent | undefined;
    // Node hands entries over in a later turn of the worker's loop.
    while (found === undefined) {
      await new Promise(setImmediate);
      ring.drain(64, (offset) => {
        const event = readEvent(view, offset);
        assert.equal(event.kind, EVENT_KIND.GC);
        assert.equal(event.thread, THREAD.LANE + 3);
        if (event.detail === GC_KIND.MAJOR && event.startNs > startNs - TOLERANCE_NS) found = event;
      });
    }
    assert.ok(found.startNs >= startNs - TOLERANCE_NS && found.startNs <= endNs);
    assert.ok(found.durationNs > 0 && found.startNs + found.durationNs <= endNs + TOLERANCE_NS);
  } finally {
    await worker.terminate();
  }
});
