import assert from "node:assert/strict";
import { test } from "node:test";
import { createEventRing, EventLog } from "../../src/telemetry/event-log.ts";
import {
  EVENT_KIND,
  EVENT_NAMES,
  EVENT_RECORD_BYTES,
  EVENT_RING_RECORDS,
  readEvent,
  type TelemetryEvent,
  THREAD,
  threadName,
} from "../../src/telemetry/event-record.ts";
import { RecordRingReader } from "../../src/telemetry/record-ring.ts";

function drain(memory: SharedArrayBuffer): TelemetryEvent[] {
  const view = new DataView(memory);
  const events: TelemetryEvent[] = [];
  new RecordRingReader(memory, EVENT_RECORD_BYTES).drain(EVENT_RING_RECORDS, (offset) => {
    events.push(readEvent(view, offset));
  });
  return events;
}

test("an event comes out as it went in", () => {
  const memory = createEventRing();
  const log = new EventLog(memory, THREAD.LANE + 2);
  log.add(EVENT_KIND.GC, 123_456_789_012, 1_500_000.5, 7, 4);
  log.add(EVENT_KIND.SEGMENT_WAIT, 0, 2 ** 52, -1, -(2 ** 31));
  log.add(EVENT_KIND.SCRAPE, 1, 2);
  const thread = THREAD.LANE + 2;
  assert.deepEqual(drain(memory), [
    {
      startNs: 123_456_789_012,
      durationNs: 1_500_000.5,
      value: 7,
      kind: EVENT_KIND.GC,
      thread,
      detail: 4,
    },
    {
      startNs: 0,
      durationNs: 2 ** 52,
      value: -1,
      kind: EVENT_KIND.SEGMENT_WAIT,
      thread,
      detail: -(2 ** 31),
    },
    { startNs: 1, durationNs: 2, value: 0, kind: EVENT_KIND.SCRAPE, thread, detail: 0 },
  ]);
});

test("events without a reader are dropped, newest first, and counted", () => {
  const memory = createEventRing();
  const log = new EventLog(memory, THREAD.GATE);
  for (let index = 0; index < EVENT_RING_RECORDS + 100; index++) {
    log.add(EVENT_KIND.LONG_TURN, index, 1);
  }
  const { droppedCount } = new RecordRingReader(memory, EVENT_RECORD_BYTES);
  const events = drain(memory);
  assert.equal(events.length + droppedCount, EVENT_RING_RECORDS + 100);
  assert.ok(events.every(({ startNs }, index) => startNs === index));
});

test("every kind has a number and a name of its own", () => {
  const kinds = Object.values(EVENT_KIND);
  assert.equal(new Set(kinds).size, kinds.length);
  assert.equal(EVENT_NAMES.size, kinds.length);
  assert.equal(EVENT_NAMES.get(EVENT_KIND.SLOW_OUTBOX_READ), "slow-outbox-read");
});

test("threads are called by what they are, lanes by their number", () => {
  assert.equal(threadName(THREAD.GATE), "gate");
  assert.equal(threadName(THREAD.KEEPER), "keeper");
  assert.equal(threadName(THREAD.LANE + 11), "lane 11");
  assert.equal(threadName(9), "thread 9");
});
