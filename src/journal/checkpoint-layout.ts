// A checkpoint's bytes on disk: a header block, then the state as StateFileWriter wrote it. Little-endian. The page
// ops/journal.md says the same for people; a change of anything here raises CHECKPOINT_FORMAT_VERSION. What the state
// itself looks like is known to one build alone, so a checkpoint of another is not used.

import { assert } from "../base/assert.ts";

export const CHECKPOINT_FORMAT_VERSION = 1;
export const CHECKPOINT_MAGIC = "TAILSTAT"; // 8 letters
export const CHECKPOINT_HEADER_BYTES = 4096;

export const CHECKPOINT = {
  MAGIC: 0, // 8 letters
  FORMAT_VERSION: 8, // u32
  BEHAVIOUR_VERSION: 12, // u32
  BUILD: 16, // 16 letters
  SESSION: 32, // 16 letters, padded with zeros
  LANE: 48, // u32
  INCARNATION: 52, // u32, the highest before it
  // Where the journal goes on behind it.
  SEGMENT: 56, // u32
  PREVIOUS_CHECKSUM: 60, // u32
  OFFSET: 64, // f64
  NEXT_RECORD: 72, // f64
  DIGEST_HIGH: 80, // u32, of all outputs before it
  DIGEST_LOW: 84, // u32
  BODY_BYTES: 88, // f64
  BODY_CHECKSUM: 96, // u32, CRC-32
  CHECKSUM: 100, // u32, CRC-32 of the bytes before it
} as const;
export const CHECKPOINT_BUILD_LETTERS = 16;
export const CHECKPOINT_SESSION_LETTERS = 16;

assert(CHECKPOINT.CHECKSUM + 4 <= CHECKPOINT_HEADER_BYTES, "a checkpoint's header overruns");
