// The journal's bytes on disk, declared once: writer, reader, recovery and inspector all use this. Little-endian.
//
//   segment = a header block, then batches, then zeros up to the segment's size
//   batch   = a header, then its records, back to back; starts on a whole 8
//   record  = a header, then the record's payload, padded to a whole 8
//
// A segment is preallocated with zeros, so a zero where a batch would start is the end of what was written. The page
// ops/journal.md says the same for people; a change of anything here raises JOURNAL_FORMAT_VERSION.

import { assert } from "../base/assert.ts";

export const JOURNAL_FORMAT_VERSION = 1;

/** The first block of a segment; the first batch starts behind it. */
export const SEGMENT_HEADER_BYTES = 4096;
export const SEGMENT_MAGIC = "TAILGATE"; // 8 letters

export const SEGMENT = {
  MAGIC: 0, // 8 letters
  FORMAT_VERSION: 8, // u32
  BEHAVIOUR_VERSION: 12, // u32, LANE_BEHAVIOUR_VERSION of the writer
  BUILD: 16, // 16 letters: the build that wrote the segment
  SESSION: 32, // 16 letters, padded with zeros
  LANE: 48, // u32
  NUMBER: 52, // u32, from 1
  FIRST_RECORD: 56, // f64, number of the first record; records count from 1 within a session and lane
  PREVIOUS_CHECKSUM: 64, // u32, header checksum of the last batch before; 0 in the first segment
  INCARNATION: 68, // u32, of the process that began the segment
  SEGMENT_BYTES: 72, // f64, size of the file
  CHECKSUM: 80, // u32, CRC-32 of the bytes before it
} as const;
export const SEGMENT_BUILD_LETTERS = 16;
export const SEGMENT_SESSION_LETTERS = 16;

export const BATCH_MAGIC = 0x48435442; // "BTCH" as it stands in the file
export const BATCH = {
  MAGIC: 0, // u32
  BODY_BYTES: 4, // u32, bytes of all records
  FIRST_RECORD: 8, // f64
  RECORD_COUNT: 16, // u32
  INCARNATION: 20, // u32, raised at every start
  PREVIOUS_CHECKSUM: 24, // u32, header checksum of the batch before: a batch counts only if it chains
  BODY_CHECKSUM: 28, // u32, CRC-32 of the body
  DIGEST_HIGH: 32, // u32, running digest of all outputs of the lane, up to and with this batch
  DIGEST_LOW: 36, // u32
  CHECKSUM: 40, // u32, CRC-32 of the bytes before it
  SPARE: 44, // u32, zero
} as const;
export const BATCH_HEADER_BYTES = 48;

/** The first 24 bytes are those of an InboundRecord, in the same places. */
export const RECORD = {
  KIND: 0, // u8, INBOUND_KIND
  FLAGS: 1, // u8
  PAYLOAD_BYTES: 2, // u16
  CONNECTION: 4, // i32
  EPOCH: 8, // i32
  DETAIL: 12, // i32
  EVENT_NS: 16, // f64
  OUTPUTS_LOW: 24, // u32, low half of the outputs' digest behind this record: names the first record that differs
} as const;
export const RECORD_HEADER_BYTES = 32;
/** What a record shares with an InboundRecord. */
export const RECORD_COMMON_BYTES = 24;

/** Bytes of a record with such a payload. */
export const journalRecordBytes = (payloadBytes: number): number =>
  (RECORD_HEADER_BYTES + payloadBytes + 7) & ~7;

/** A batch ends before it would be longer: header and body. */
export const BATCH_BYTES_MAX = 128 * 1024;
/** No segment is smaller: header block, a longest batch, and some more. */
export const SEGMENT_BYTES_MIN = 256 * 1024;

assert(SEGMENT.CHECKSUM + 4 <= SEGMENT_HEADER_BYTES, "a segment's header overruns its block");
assert(BATCH.SPARE + 4 === BATCH_HEADER_BYTES && BATCH_HEADER_BYTES % 8 === 0, "batch header");
assert(SEGMENT_BYTES_MIN >= SEGMENT_HEADER_BYTES + BATCH_BYTES_MAX, "a batch overruns a segment");
