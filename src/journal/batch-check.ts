// Whether bytes are a batch: by themselves, without the batches around them. Reader, and the search behind a torn end.

import { checksumOf } from "./checksum.ts";
import { BATCH, BATCH_BYTES_MAX, BATCH_HEADER_BYTES, BATCH_MAGIC } from "./journal-layout.ts";
import type { JournalMemory } from "./journal-memory.ts";

/** Bytes of the batch that begins at `offset`, by its header alone; 0 when there is none. */
export function batchBytesAt(memory: JournalMemory, offset: number): number {
  const { words } = memory;
  if (words[(offset + BATCH.MAGIC) >> 2] !== BATCH_MAGIC) return 0;
  const batchBytes = BATCH_HEADER_BYTES + words[(offset + BATCH.BODY_BYTES) >> 2]!;
  if (batchBytes > BATCH_BYTES_MAX || (batchBytes & 7) !== 0) return 0;
  if (words[(offset + BATCH.RECORD_COUNT) >> 2] === 0) return 0;
  if (words[(offset + BATCH.SPARE) >> 2] !== 0) return 0;
  const checksum = words[(offset + BATCH.CHECKSUM) >> 2];
  return checksumOf(memory, offset, BATCH.CHECKSUM) === checksum ? batchBytes : 0;
}

/** The records of a batch with a good header are what was written. */
export function isBodyWhole(memory: JournalMemory, offset: number): boolean {
  const { words } = memory;
  const bodyBytes = words[(offset + BATCH.BODY_BYTES) >> 2]!;
  const checksum = words[(offset + BATCH.BODY_CHECKSUM) >> 2];
  return checksumOf(memory, offset + BATCH_HEADER_BYTES, bodyBytes) === checksum;
}
