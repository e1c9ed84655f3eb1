// A thread's events on their way to the scribe. Rare by their nature, so nothing here is tuned.

import { EVENT_RECORD_BYTES, EVENT_RING_RECORDS, writeEvent } from "./event-record.ts";
import { createRecordRing, RECORD_DROPPED, RecordRingWriter } from "./record-ring.ts";

export const createEventRing = (): SharedArrayBuffer =>
  createRecordRing(EVENT_RING_RECORDS, EVENT_RECORD_BYTES);

/** The one thread whose events they are. */
export class EventLog {
  private readonly ring: RecordRingWriter;
  private readonly thread: number;

  /** `thread` of THREAD. */
  constructor(memory: SharedArrayBuffer, thread: number) {
    this.ring = new RecordRingWriter(memory, EVENT_RECORD_BYTES);
    this.thread = thread;
  }

  /** `kind` of EVENT_KIND, which says what value and detail are. */
  add(kind: number, startNs: number, durationNs: number, value = 0, detail = 0): void {
    const { ring } = this;
    const offset = ring.claim();
    if (offset === RECORD_DROPPED) return;
    const { doubles, words, bytes } = ring;
    writeEvent(
      doubles,
      words,
      bytes,
      offset,
      kind,
      this.thread,
      startNs,
      durationNs,
      value,
      detail,
    );
    ring.publish();
  }
}
