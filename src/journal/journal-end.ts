// What stands behind the last good batch of a journal. Only the last thing written can be torn: when anything good comes
// later, the bytes between were good once as well, and somebody has damaged them (E30).

import { FaultError } from "../base/fault.ts";
import { batchBytesAt, isBodyWhole } from "./batch-check.ts";
import type { Files } from "./files.ts";
import {
  BATCH,
  BATCH_BYTES_MAX,
  BATCH_HEADER_BYTES,
  BATCH_MAGIC,
  SEGMENT_HEADER_BYTES,
} from "./journal-layout.ts";
import { segmentPath } from "./journal-names.ts";
import { SegmentBytes, WINDOW_BYTES } from "./segment-bytes.ts";
import { readSegmentHeader } from "./segment-header.ts";

export interface JournalEnd {
  /** torn: something stands there that is no batch. It is to be cut off before anything is written. */
  readonly kind: "clean" | "torn";
  readonly file: string;
  readonly segment: number;
  readonly offset: number;
  /** From there to the last byte that is not zero, in this segment and those behind it. */
  readonly tornBytes: number;
}

export interface EndToJudge {
  readonly files: Files;
  readonly laneDirectory: string;
  /** All segments of the lane, rising. */
  readonly segments: readonly number[];
  /** Behind the last good batch. */
  readonly segment: number;
  readonly offset: number;
  /** From here on a good batch is none of those that may be torn: behind the bad one, where its length is known. */
  readonly searchFrom: number;
}

interface Place {
  readonly file: string;
  readonly segment: number;
  readonly offset: number;
}

const MAGIC_BYTES = Buffer.alloc(4);
MAGIC_BYTES.writeUInt32LE(BATCH_MAGIC);
const ZEROS = Buffer.alloc(WINDOW_BYTES);
/** So that a whole batch is in the window wherever it begins in a piece. */
const PIECE_BYTES = WINDOW_BYTES - BATCH_BYTES_MAX;

/** Reads all that is left. A good batch or segment there is a Fault JOURNAL_DAMAGED. */
export function judgeEnd(end: EndToJudge): JournalEnd {
  const { files, laneDirectory, segment, offset } = end;
  checkNoGap(end);
  const bytes = new SegmentBytes(files);
  let first: Place | undefined;
  let tornBytes = 0;
  try {
    for (const later of end.segments.filter((number) => number >= segment)) {
      const isLater = later > segment;
      const file = segmentPath(laneDirectory, later);
      bytes.open(file);
      const from = isLater ? 0 : offset;
      const dirtyEnd = lastDirty(bytes, from);
      if (dirtyEnd <= from) continue;
      if (isLater) checkHeader(end, bytes, first);
      // A header goes out in one write with its first batch: of the last write, either may be there without the other.
      const isLastWrite = first === undefined && later === segment + 1;
      const begin = isLastWrite ? behindFirstBatch(bytes) : SEGMENT_HEADER_BYTES;
      first ??= { file, segment: later, offset: from };
      tornBytes += dirtyEnd - from;
      checkNoBatch(bytes, isLater ? begin : end.searchFrom, dirtyEnd, first);
    }
  } finally {
    bytes.close();
  }
  const clean = { file: segmentPath(laneDirectory, Math.max(segment, 1)), segment, offset };
  return { kind: first ? "torn" : "clean", ...(first ?? clean), tornBytes };
}

/** Segments are staged in order, each name on the disk before the next: one that is missing was there, and perhaps used. */
function checkNoGap({ laneDirectory, segment, segments }: EndToJudge): void {
  const next = segments.find((number) => number > segment + 1 && !segments.includes(number - 1));
  if (next === undefined) return;
  const file = segmentPath(laneDirectory, next - 1);
  throw damaged(
    { file, offset: 0 },
    `the segment is missing, and ${segmentPath(laneDirectory, next)} is there`,
  );
}

/** Behind the last byte that is not zero, from `from` on; `from` when all are. */
function lastDirty(bytes: SegmentBytes, from: number): number {
  let end = from;
  for (let position = from; position < bytes.fileBytes; position += PIECE_BYTES) {
    const at = bytes.at(position, WINDOW_BYTES);
    const piece = bytes.memory.bytes;
    if (piece.compare(ZEROS, 0, PIECE_BYTES, at, at + PIECE_BYTES) === 0) continue;
    let last = at + PIECE_BYTES - 1;
    while (piece[last] === 0) last--;
    end = position + last + 1 - at;
  }
  return end;
}

/** A segment was only begun when all before it was written. `bad`: what stands before this one and is no batch. */
function checkHeader(end: EndToJudge, bytes: SegmentBytes, bad: Place | undefined): void {
  const { laneDirectory, segment, offset, segments } = end;
  const at = bytes.at(0, SEGMENT_HEADER_BYTES);
  const header = readSegmentHeader(bytes.memory, at, bytes.path);
  if (header === undefined) return;
  const after = `${bytes.path} goes on with record ${header.firstRecord}`;
  const next = segmentPath(laneDirectory, segment + 1);
  if (bad === undefined && bytes.path !== next) {
    const what = segments.includes(segment + 1) ? "is empty" : "is missing";
    throw damaged({ file: next, offset: 0 }, `the segment ${what}, and ${after}`);
  }
  const file = segmentPath(laneDirectory, Math.max(segment, 1));
  throw damaged(bad ?? { file, offset }, `no batch stands here, and ${after}`);
}

function behindFirstBatch(bytes: SegmentBytes): number {
  const at = bytes.at(SEGMENT_HEADER_BYTES, WINDOW_BYTES);
  return SEGMENT_HEADER_BYTES + (isBatch(bytes, at) ? batchBytesAt(bytes.memory, at) : 0);
}

function checkNoBatch(bytes: SegmentBytes, from: number, dirtyEnd: number, bad: Place): void {
  for (let position = from; position < dirtyEnd; position += PIECE_BYTES) {
    const at = bytes.at(position, WINDOW_BYTES);
    const { memory } = bytes;
    // A header that begins in this piece may end in the next one.
    const pieceEnd = at + PIECE_BYTES;
    let found = memory.bytes.indexOf(MAGIC_BYTES, at);
    while (found >= 0 && found < pieceEnd) {
      if (isBatch(bytes, found)) {
        const record = memory.doubles[(found + BATCH.FIRST_RECORD) >> 3];
        const place = position + found - at;
        const after = `record ${record} stands at ${place} of ${bytes.path}`;
        throw damaged(bad, `no batch stands here, and ${after}`);
      }
      found = memory.bytes.indexOf(MAGIC_BYTES, found + 1);
    }
  }
}

function isBatch({ memory }: SegmentBytes, at: number): boolean {
  if ((at & 7) !== 0 || at + BATCH_HEADER_BYTES > WINDOW_BYTES) return false;
  const batchBytes = batchBytesAt(memory, at);
  return batchBytes > 0 && at + batchBytes <= WINDOW_BYTES && isBodyWhole(memory, at);
}

const damaged = ({ file, offset }: Omit<Place, "segment">, reason: string): FaultError =>
  new FaultError({ code: "JOURNAL_DAMAGED", file, offset, reason });
