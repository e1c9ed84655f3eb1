// The events that a thread has told so far, each once.

import {
  EVENT_RECORD_BYTES,
  EVENT_RING_RECORDS,
  readEvent,
  type TelemetryEvent,
} from "../../src/telemetry/event-record.ts";
import { RecordRingReader } from "../../src/telemetry/record-ring.ts";

export class SeenEvents {
  private readonly view: DataView;
  private readonly ring: RecordRingReader;

  constructor(memory: SharedArrayBuffer) {
    this.view = new DataView(memory);
    this.ring = new RecordRingReader(memory, EVENT_RECORD_BYTES);
  }

  take(): TelemetryEvent[] {
    const events: TelemetryEvent[] = [];
    this.ring.drain(EVENT_RING_RECORDS, (offset) => events.push(readEvent(this.view, offset)));
    return events;
  }
}
