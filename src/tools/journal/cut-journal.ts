// Cuts a lane's journal for good. What is cut off is kept beside, under names that no start reads. In an order that a
// crash may end anywhere: first the copies are on the disk, then what was derived goes, then the journal gets shorter from
// its end.

import { join } from "node:path";
import { listCheckpoints } from "../../journal/checkpoints.ts";
import { cutTorn } from "../../journal/cut-torn.ts";
import { orIoFault, readWhole, writeWhole } from "../../journal/file-faults.ts";
import type { Files } from "../../journal/files.ts";
import { SEGMENT_HEADER_BYTES } from "../../journal/journal-layout.ts";
import {
  checkpointPath,
  SPILL_NAME,
  STORE_NAME,
  segmentPath,
  segmentsAmong,
} from "../../journal/journal-names.ts";
import { openCheckpoint } from "../../journal/state-file.ts";
import type { CutPlace } from "./cut-plan.ts";

const PIECE_BYTES = 2 ** 20;

/** Returns what was kept. `stamp` makes its names. */
export function cutJournal(
  files: Files,
  laneDirectory: string,
  cut: CutPlace,
  stamp: string,
): string[] {
  // A segment whose first batch goes is no segment any more: the writer begins it anew. The first one stays, as one that is
  // only staged: a lane without any has lost them.
  const segment = Math.max(cut.segment, 1);
  const file = segmentPath(laneDirectory, segment);
  const offset = cut.offset > SEGMENT_HEADER_BYTES ? cut.offset : 0;
  const stays = offset > 0 || (segment === 1 && files.exists(file));
  const keptAs = (number: number): string =>
    `${segmentPath(laneDirectory, number).slice(0, -".journal".length)}.cut-${stamp}`;
  const kept: string[] = [];
  if (stays) {
    copy(files, file, keptAs(segment));
    kept.push(keptAs(segment));
  }
  const firstGone = stays ? segment + 1 : segment;
  const gone = segmentsAmong(files.list(laneDirectory)).filter((number) => number >= firstGone);
  const staged = gone.filter((number) => isZero(files, segmentPath(laneDirectory, number)));
  removeDerived(files, laneDirectory, cut.record);
  files.syncDirectory(laneDirectory);
  for (const number of gone.toReversed()) {
    const path = segmentPath(laneDirectory, number);
    // Behind those that go it would stand as if they were missing.
    if (staged.includes(number)) orIoFault(path, "remove", () => files.remove(path));
    else orIoFault(path, "rename", () => files.rename(path, keptAs(number)));
  }
  files.syncDirectory(laneDirectory);
  if (stays) cutTorn(files, laneDirectory, { kind: "torn", file, segment, offset, tornBytes: 0 });
  return [...kept, ...gone.filter((number) => !staged.includes(number)).map(keptAs)];
}

/** Checkpoints that know of a record that goes, and the outbox files that none needs any more. */
function removeDerived(files: Files, laneDirectory: string, record: number): void {
  const remove = (path: string): void => {
    if (files.exists(path)) orIoFault(path, "remove", () => files.remove(path));
  };
  let remaining = 0;
  for (const segment of listCheckpoints(files, laneDirectory)) {
    const opened = openCheckpoint(files, laneDirectory, segment);
    const isGood = typeof opened !== "string" && opened.facts.position.nextRecord <= record;
    if (typeof opened !== "string") opened.close();
    if (isGood) remaining++;
    else remove(checkpointPath(laneDirectory, segment));
  }
  remove(join(laneDirectory, SPILL_NAME));
  // A checkpoint says how much of it is its own; the keeper cuts off the rest.
  if (remaining === 0) remove(join(laneDirectory, STORE_NAME));
}

function copy(files: Files, from: string, to: string): void {
  const source = orIoFault(from, "open", () => files.openToRead(from));
  const target = orIoFault(to, "open", () => files.open(to, true));
  try {
    const piece = Buffer.alloc(PIECE_BYTES);
    const size = orIoFault(from, "size", () => files.size(source));
    for (let position = 0; position < size; position += PIECE_BYTES) {
      const read = readWhole(files, from, source, piece, 0, PIECE_BYTES, position);
      writeWhole(files, to, target, piece, 0, read, position);
    }
    orIoFault(to, "sync", () => files.sync(target));
  } finally {
    files.close(source);
    files.close(target);
  }
}

/** Staged and never written. */
function isZero(files: Files, path: string): boolean {
  const descriptor = orIoFault(path, "open", () => files.openToRead(path));
  try {
    const piece = Buffer.alloc(PIECE_BYTES);
    const zeros = Buffer.alloc(PIECE_BYTES);
    for (let position = 0; ; position += PIECE_BYTES) {
      const read = readWhole(files, path, descriptor, piece, 0, PIECE_BYTES, position);
      if (piece.compare(zeros, 0, read, 0, read) !== 0) return false;
      if (read < PIECE_BYTES) return true;
    }
  } finally {
    files.close(descriptor);
  }
}
