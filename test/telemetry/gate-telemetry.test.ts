import assert from "node:assert/strict";
import { test } from "node:test";
import {
  EVENT_KIND,
  EVENT_RECORD_BYTES,
  readEvent,
  threadName,
} from "../../src/telemetry/event-record.ts";
import { GateTelemetry } from "../../src/telemetry/gate-telemetry.ts";
import { LaneTelemetry } from "../../src/telemetry/lane-telemetry.ts";
import { ORDER_RECORD_BYTES, ORDER_RECORD_WORDS } from "../../src/telemetry/order-record.ts";
import { RecordRingReader } from "../../src/telemetry/record-ring.ts";
import { SlowBoardReader } from "../../src/telemetry/slow-board.ts";
import { createTelemetryMemory } from "../../src/telemetry/telemetry-memory.ts";

const SECOND_NS = 1e9;

const orderRecord = (): Int32Array =>
  Int32Array.from({ length: ORDER_RECORD_WORDS }, (_, word) => word + 1);

test("the slow answers of a second can be read when the next one comes, though it brings none", () => {
  const memory = createTelemetryMemory(1, 16);
  const telemetry = new GateTelemetry(memory, { slaNs: 8e6, tailNs: 5e6 });
  const board = new SlowBoardReader(memory.gate.slow);
  telemetry.moveTo(3 * SECOND_NS);
  telemetry.slow.offer(orderRecord(), 0, 6e6);
  telemetry.moveTo(4 * SECOND_NS - 1);
  assert.deepEqual(board.read(), []);
  telemetry.moveTo(4 * SECOND_NS);
  const seconds = board.read();
  assert.deepEqual(
    seconds.map(({ second, overCount, recordCount }) => ({ second, overCount, recordCount })),
    [{ second: 3, overCount: 1, recordCount: 1 }],
  );
});

test("a trace is the order's record, wherever that stood", () => {
  const memory = createTelemetryMemory(1, 16);
  const telemetry = new GateTelemetry(memory, { slaNs: 8e6, tailNs: 5e6 });
  const record = orderRecord();
  telemetry.trace(Int32Array.of(-1, -1, -1, ...record, -1), 3);
  const traced: number[][] = [];
  new RecordRingReader(memory.gate.traces, ORDER_RECORD_BYTES).drain(2, (offset) => {
    traced.push([...new Int32Array(memory.gate.traces, offset, ORDER_RECORD_WORDS)]);
  });
  assert.deepEqual(traced, [[...record]]);
});

test("events say whose they are: the gate's, or the lane's of that number", () => {
  const memory = createTelemetryMemory(2, 16);
  new GateTelemetry(memory, { slaNs: 8e6, tailNs: 5e6 }).events.add(EVENT_KIND.GC, 1, 2);
  for (const [lane, each] of memory.lanes.entries()) {
    new LaneTelemetry(each, lane).events.add(EVENT_KIND.GC, 1, 2);
  }
  const names = [memory.gate, ...memory.lanes].map(({ events }) => {
    let thread = -1;
    new RecordRingReader(events, EVENT_RECORD_BYTES).drain(2, (offset) => {
      thread = readEvent(new DataView(events), offset).thread;
    });
    return threadName(thread);
  });
  assert.deepEqual(names, ["gate", "lane 0", "lane 1"]);
});
