// Cuts off the torn end of a journal, before anything is written behind the last good batch: what stood there would
// otherwise come to stand behind new batches, as damage (E30).

import { orIoFault, readWhole, writeWhole } from "./file-faults.ts";
import type { Files } from "./files.ts";
import type { JournalEnd } from "./journal-end.ts";
import { segmentPath, segmentsAmong } from "./journal-names.ts";

const PIECE_BYTES = 64 * 1024;
const ZEROS = Buffer.alloc(PIECE_BYTES);

/** Makes zeros of all that stands behind the end, and has them on the disk. Returns the bytes cut off. */
export function cutTorn(files: Files, laneDirectory: string, end: JournalEnd): number {
  if (end.kind === "clean") return 0;
  const segments = orIoFault(laneDirectory, "list", () => segmentsAmong(files.list(laneDirectory)));
  // From back to front: should we die on the way, what is left still begins with what is no batch.
  for (const segment of segments.reverse()) {
    if (segment > end.segment) zeroFrom(files, segmentPath(laneDirectory, segment), 0);
    if (segment === end.segment) zeroFrom(files, end.file, end.offset);
  }
  return end.tornBytes;
}

function zeroFrom(files: Files, path: string, from: number): void {
  const descriptor = orIoFault(path, "open", () => files.open(path, false));
  try {
    const bytes = orIoFault(path, "size", () => files.size(descriptor));
    const piece = Buffer.alloc(PIECE_BYTES);
    let isDirty = false;
    for (let end = bytes; end > from; end -= PIECE_BYTES) {
      const start = Math.max(from, end - PIECE_BYTES);
      const length = end - start;
      readWhole(files, path, descriptor, piece, 0, length, start);
      if (piece.compare(ZEROS, 0, length, 0, length) === 0) continue;
      writeWhole(files, path, descriptor, ZEROS, 0, length, start);
      isDirty = true;
    }
    if (isDirty) orIoFault(path, "sync", () => files.sync(descriptor));
  } finally {
    files.close(descriptor);
  }
}
