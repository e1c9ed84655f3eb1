// The first block of a checkpoint, written and read by CHECKPOINT's places.

import {
  CHECKPOINT,
  CHECKPOINT_BUILD_LETTERS,
  CHECKPOINT_FORMAT_VERSION,
  CHECKPOINT_MAGIC,
  CHECKPOINT_SESSION_LETTERS,
} from "./checkpoint-layout.ts";
import { checksumOf } from "./checksum.ts";
import type { JournalMemory } from "./journal-memory.ts";
import type { JournalPosition } from "./journal-position.ts";

/** Of which journal, and after which of its records. */
export interface CheckpointFacts {
  readonly behaviourVersion: number;
  readonly build: string;
  readonly session: string;
  readonly lane: number;
  /** The highest of the batches before it. */
  readonly incarnation: number;
  /** Where the journal goes on. The checkpoint is named for its segment. */
  readonly position: JournalPosition;
  /** Of all outputs before it. */
  readonly digestHigh: number;
  readonly digestLow: number;
}

export interface CheckpointHeader extends CheckpointFacts {
  readonly bodyBytes: number;
  readonly bodyChecksum: number;
}

/** At the beginning of the memory. */
export function writeCheckpointHeader(memory: JournalMemory, header: CheckpointHeader): void {
  const { bytes, words, doubles } = memory;
  const { position } = header;
  bytes.fill(0, 0, CHECKPOINT.CHECKSUM);
  bytes.write(CHECKPOINT_MAGIC, CHECKPOINT.MAGIC, "latin1");
  bytes.write(header.build, CHECKPOINT.BUILD, CHECKPOINT_BUILD_LETTERS, "latin1");
  bytes.write(header.session, CHECKPOINT.SESSION, CHECKPOINT_SESSION_LETTERS, "latin1");
  words[CHECKPOINT.FORMAT_VERSION >> 2] = CHECKPOINT_FORMAT_VERSION;
  words[CHECKPOINT.BEHAVIOUR_VERSION >> 2] = header.behaviourVersion;
  words[CHECKPOINT.LANE >> 2] = header.lane;
  words[CHECKPOINT.INCARNATION >> 2] = header.incarnation;
  words[CHECKPOINT.SEGMENT >> 2] = position.segment;
  words[CHECKPOINT.PREVIOUS_CHECKSUM >> 2] = position.previousChecksum;
  doubles[CHECKPOINT.OFFSET >> 3] = position.offset;
  doubles[CHECKPOINT.NEXT_RECORD >> 3] = position.nextRecord;
  words[CHECKPOINT.DIGEST_HIGH >> 2] = header.digestHigh;
  words[CHECKPOINT.DIGEST_LOW >> 2] = header.digestLow;
  doubles[CHECKPOINT.BODY_BYTES >> 3] = header.bodyBytes;
  words[CHECKPOINT.BODY_CHECKSUM >> 2] = header.bodyChecksum;
  words[CHECKPOINT.CHECKSUM >> 2] = checksumOf(memory, 0, CHECKPOINT.CHECKSUM);
}

/** Or why it is none that this build can read. */
export function readCheckpointHeader(memory: JournalMemory): CheckpointHeader | string {
  const { bytes, words, doubles } = memory;
  if (textAt(bytes, CHECKPOINT.MAGIC, CHECKPOINT_MAGIC.length) !== CHECKPOINT_MAGIC) {
    return "it does not begin like a checkpoint";
  }
  if (checksumOf(memory, 0, CHECKPOINT.CHECKSUM) !== words[CHECKPOINT.CHECKSUM >> 2]) {
    return "its header does not fit its checksum";
  }
  const version = words[CHECKPOINT.FORMAT_VERSION >> 2];
  if (version !== CHECKPOINT_FORMAT_VERSION) return `it has format ${version}`;
  return {
    behaviourVersion: words[CHECKPOINT.BEHAVIOUR_VERSION >> 2]!,
    build: textAt(bytes, CHECKPOINT.BUILD, CHECKPOINT_BUILD_LETTERS),
    session: textAt(bytes, CHECKPOINT.SESSION, CHECKPOINT_SESSION_LETTERS),
    lane: words[CHECKPOINT.LANE >> 2]!,
    incarnation: words[CHECKPOINT.INCARNATION >> 2]!,
    position: {
      segment: words[CHECKPOINT.SEGMENT >> 2]!,
      offset: doubles[CHECKPOINT.OFFSET >> 3]!,
      nextRecord: doubles[CHECKPOINT.NEXT_RECORD >> 3]!,
      previousChecksum: words[CHECKPOINT.PREVIOUS_CHECKSUM >> 2]!,
    },
    digestHigh: words[CHECKPOINT.DIGEST_HIGH >> 2]!,
    digestLow: words[CHECKPOINT.DIGEST_LOW >> 2]!,
    bodyBytes: doubles[CHECKPOINT.BODY_BYTES >> 3]!,
    bodyChecksum: words[CHECKPOINT.BODY_CHECKSUM >> 2]!,
  };
}

const textAt = (bytes: Buffer, offset: number, letters: number): string =>
  bytes.toString("latin1", offset, offset + letters).replace(/\0+$/, "");
