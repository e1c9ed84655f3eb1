// What can still be read of a journal behind a place where it can be followed no further: whole batches, wherever they
// begin. For telling what is lost; nobody goes on from them.

import { batchBytesAt, isBodyWhole } from "../../journal/batch-check.ts";
import type { Files } from "../../journal/files.ts";
import {
  BATCH,
  BATCH_BYTES_MAX,
  BATCH_HEADER_BYTES,
  journalRecordBytes,
  RECORD,
  RECORD_COMMON_BYTES,
  RECORD_HEADER_BYTES,
} from "../../journal/journal-layout.ts";
import { segmentPath, segmentsAmong } from "../../journal/journal-names.ts";
import { SegmentBytes } from "../../journal/segment-bytes.ts";
import { INBOUND_PAYLOAD_BYTES_MAX, InboundRecord } from "../../memory/inbound-record.ts";
import { SLOT_BYTES, SlotMemory } from "../../memory/slot-memory.ts";

/** Batches begin there. */
const ALIGNED = 8;

/** Called with each record; both are valid until it returns. */
export type OnSalvaged = (record: InboundRecord, slots: SlotMemory) => void;

interface Place {
  readonly segment: number;
  readonly offset: number;
}

/** Batches of records from `fromRecord` on, which stand at the place or behind it. */
export function salvage(
  files: Files,
  laneDirectory: string,
  from: Place,
  fromRecord: number,
  onSalvaged: OnSalvaged,
): void {
  const bytes = new SegmentBytes(files);
  let nextRecord = fromRecord;
  try {
    for (const segment of segmentsAmong(files.list(laneDirectory))) {
      if (segment < from.segment) continue;
      bytes.open(segmentPath(laneDirectory, segment));
      let position = segment === from.segment ? from.offset : 0;
      while (position < bytes.fileBytes) {
        const at = bytes.at(position, BATCH_BYTES_MAX);
        const batchBytes = batchBytesAt(bytes.memory, at);
        const first = bytes.memory.doubles[(at + BATCH.FIRST_RECORD) >> 3]!;
        const isBatch = batchBytes > 0 && isBodyWhole(bytes.memory, at) && first >= nextRecord;
        if (isBatch) nextRecord = first + takeBatch(bytes, at, batchBytes, onSalvaged);
        position += isBatch ? batchBytes : ALIGNED;
      }
    }
  } finally {
    bytes.close();
  }
}

const slots = new SlotMemory(new ArrayBuffer(SLOT_BYTES));
const record = new InboundRecord().wrap(slots, 0);

/** Returns how many records it has. */
function takeBatch(
  { memory }: SegmentBytes,
  at: number,
  batchBytes: number,
  onSalvaged: OnSalvaged,
): number {
  const { bytes, words } = memory;
  const end = at + batchBytes;
  const count = words[(at + BATCH.RECORD_COUNT) >> 2]!;
  let from = at + BATCH_HEADER_BYTES;
  for (let left = count; left > 0 && from + RECORD_HEADER_BYTES <= end; left--) {
    const payloadBytes = bytes.readUInt16LE(from + RECORD.PAYLOAD_BYTES);
    if (payloadBytes > INBOUND_PAYLOAD_BYTES_MAX) break;
    bytes.copy(slots.bytes, 0, from, from + RECORD_COMMON_BYTES);
    const payload = from + RECORD_HEADER_BYTES;
    bytes.copy(slots.bytes, record.payloadOffset, payload, payload + payloadBytes);
    onSalvaged(record, slots);
    from += journalRecordBytes(payloadBytes);
  }
  return count;
}
