// What a gateway wrote into a lane's journal while it was measured: batches, their sizes, bytes. Taken from the journal
// itself after the run, so that measuring costs the run nothing.

import { realFiles } from "../../src/journal/files.ts";
import { JOURNAL_START } from "../../src/journal/journal-position.ts";
import { JournalReader } from "../../src/journal/journal-reader.ts";
import { INBOUND_KIND, InboundRecord } from "../../src/memory/inbound-record.ts";
import { SLOT_BYTES, SlotMemory } from "../../src/memory/slot-memory.ts";

export interface JournalShape {
  readonly seconds: number;
  readonly records: number;
  /** Of each batch, header and body, in the order in which they were written. */
  readonly batchBytes: readonly number[];
  readonly bytes: number;
}

interface Batch {
  readonly endNs: number;
  readonly records: number;
  readonly bytes: number;
}

/** Of the last `seconds` in which clients sent something. */
export function journalShape(laneDirectory: string, seconds: number): JournalShape {
  const batches = batchesOf(laneDirectory);
  const last = batches.findLast(({ endNs }) => endNs > 0);
  const fromNs = (last?.endNs ?? 0) - seconds * 1e9;
  const measured = batches.filter(({ endNs }) => endNs > fromNs);
  return {
    seconds,
    records: measured.reduce((sum, { records }) => sum + records, 0),
    batchBytes: measured.map(({ bytes }) => bytes),
    bytes: measured.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

/** endNs: event time of the last message in it, 0 = it has none. */
function batchesOf(laneDirectory: string): Batch[] {
  const slots = new SlotMemory(new ArrayBuffer(SLOT_BYTES));
  const record = new InboundRecord().wrap(slots, 0);
  const reader = new JournalReader({
    files: realFiles,
    laneDirectory,
    lane: 0,
    from: JOURNAL_START,
  });
  const batches: Batch[] = [];
  try {
    let bytesBefore = 0;
    while (reader.nextBatch()) {
      let endNs = 0;
      let records = 0;
      while (reader.nextRecord(slots, 0)) {
        if (record.kind === INBOUND_KIND.MESSAGE) endNs = record.eventNs;
        records++;
      }
      const bytes = reader.batchBytesRead - bytesBefore;
      bytesBefore = reader.batchBytesRead;
      batches.push({ endNs, records, bytes });
    }
  } finally {
    reader.close();
  }
  return batches;
}
