// The first block of a segment, written and read by SEGMENT's places.

import { FaultError } from "../base/fault.ts";
import { checksumOf } from "./checksum.ts";
import {
  JOURNAL_FORMAT_VERSION,
  SEGMENT,
  SEGMENT_BUILD_LETTERS,
  SEGMENT_MAGIC,
  SEGMENT_SESSION_LETTERS,
} from "./journal-layout.ts";
import type { JournalMemory } from "./journal-memory.ts";

export interface SegmentHeader {
  readonly behaviourVersion: number;
  readonly build: string;
  readonly session: string;
  readonly lane: number;
  readonly segment: number;
  readonly firstRecord: number;
  readonly previousChecksum: number;
  readonly incarnation: number;
  readonly segmentBytes: number;
}

/** Writes the header at `offset`, a whole 8; the rest of its block stays as it is. */
export function writeSegmentHeader(
  memory: JournalMemory,
  offset: number,
  header: SegmentHeader,
): void {
  const { bytes, words, doubles } = memory;
  bytes.fill(0, offset, offset + SEGMENT.CHECKSUM);
  bytes.write(SEGMENT_MAGIC, offset + SEGMENT.MAGIC, "latin1");
  bytes.write(header.build, offset + SEGMENT.BUILD, SEGMENT_BUILD_LETTERS, "latin1");
  bytes.write(header.session, offset + SEGMENT.SESSION, SEGMENT_SESSION_LETTERS, "latin1");
  words[(offset + SEGMENT.FORMAT_VERSION) >> 2] = JOURNAL_FORMAT_VERSION;
  words[(offset + SEGMENT.BEHAVIOUR_VERSION) >> 2] = header.behaviourVersion;
  words[(offset + SEGMENT.LANE) >> 2] = header.lane;
  words[(offset + SEGMENT.NUMBER) >> 2] = header.segment;
  words[(offset + SEGMENT.PREVIOUS_CHECKSUM) >> 2] = header.previousChecksum;
  words[(offset + SEGMENT.INCARNATION) >> 2] = header.incarnation;
  doubles[(offset + SEGMENT.FIRST_RECORD) >> 3] = header.firstRecord;
  doubles[(offset + SEGMENT.SEGMENT_BYTES) >> 3] = header.segmentBytes;
  words[(offset + SEGMENT.CHECKSUM) >> 2] = checksumOf(memory, offset, SEGMENT.CHECKSUM);
}

/** Undefined when magic or checksum are wrong; another format is a Fault. */
export function readSegmentHeader(
  memory: JournalMemory,
  offset: number,
  file: string,
): SegmentHeader | undefined {
  const { bytes, words, doubles } = memory;
  const magicEnd = offset + SEGMENT.MAGIC + SEGMENT_MAGIC.length;
  if (bytes.toString("latin1", offset + SEGMENT.MAGIC, magicEnd) !== SEGMENT_MAGIC)
    return undefined;
  if (checksumOf(memory, offset, SEGMENT.CHECKSUM) !== words[(offset + SEGMENT.CHECKSUM) >> 2]) {
    return undefined;
  }
  const found = words[(offset + SEGMENT.FORMAT_VERSION) >> 2]!;
  if (found !== JOURNAL_FORMAT_VERSION) {
    throw new FaultError({ code: "JOURNAL_VERSION", file, found, known: JOURNAL_FORMAT_VERSION });
  }
  return {
    behaviourVersion: words[(offset + SEGMENT.BEHAVIOUR_VERSION) >> 2]!,
    build: textAt(bytes, offset + SEGMENT.BUILD, SEGMENT_BUILD_LETTERS),
    session: textAt(bytes, offset + SEGMENT.SESSION, SEGMENT_SESSION_LETTERS),
    lane: words[(offset + SEGMENT.LANE) >> 2]!,
    segment: words[(offset + SEGMENT.NUMBER) >> 2]!,
    firstRecord: doubles[(offset + SEGMENT.FIRST_RECORD) >> 3]!,
    previousChecksum: words[(offset + SEGMENT.PREVIOUS_CHECKSUM) >> 2]!,
    incarnation: words[(offset + SEGMENT.INCARNATION) >> 2]!,
    segmentBytes: doubles[(offset + SEGMENT.SEGMENT_BYTES) >> 3]!,
  };
}

const textAt = (bytes: Buffer, offset: number, letters: number): string =>
  bytes.toString("latin1", offset, offset + letters).replace(/\0+$/, "");
