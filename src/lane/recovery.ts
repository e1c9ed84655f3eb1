// A lane from its journal: the newest checkpoint that verifies, then every record behind it (semantics §3.2 to §3.5).
// Stands exactly where the lane stood when its last batch was on the disk. Lane thread, before the first turn; the
// keeper begins in the same way.

import { assert } from "../base/assert.ts";
import { FaultError, reasonOf } from "../base/fault.ts";
import { openNewestCheckpoint } from "../journal/checkpoints.ts";
import { cutTorn } from "../journal/cut-torn.ts";
import { orIoFault, readWhole } from "../journal/file-faults.ts";
import type { Files } from "../journal/files.ts";
import { segmentPath, segmentsAmong } from "../journal/journal-names.ts";
import { JOURNAL_START, type JournalPosition } from "../journal/journal-position.ts";
import { JournalReader } from "../journal/journal-reader.ts";
import { LANE_BEHAVIOUR_VERSION } from "../memory/lane-config.ts";
import { restoreCheckpointState } from "./checkpoint-state.ts";
import type { LaneCore } from "./lane-core.ts";
import type { Outbox } from "./outbox.ts";
import { Replay } from "./replay.ts";
import type { Unsequenced } from "./unsequenced.ts";

/** Between two looks at how far it is. */
const STEP_RECORDS = 20_000;

export interface RecoveryParts {
  readonly files: Files;
  readonly laneDirectory: string;
  readonly lane: number;
  readonly session: string;
  readonly build: string;
  readonly core: LaneCore;
  readonly outbox: Outbox;
  readonly unsequenced: Unsequenced;
  /** Checkpoints of segments from this one on are not used: see UnusableCheckpoint. */
  readonly checkpointsBefore?: number;
  onProgress(records: number, bytes: number, bytesOfAll: number): void;
}

/**
 * A checkpoint that verifies and still cannot be taken in, because the packets that it refers to are not there. The lane
 * is of no use after that: begin anew with a fresh one, without it.
 */
export class UnusableCheckpoint extends Error {
  override readonly name = "UnusableCheckpoint";
  readonly segment: number;

  constructor(segment: number, reason: string) {
    super(reason);
    this.segment = segment;
  }
}

export interface Recovery {
  /** Where the journal goes on. */
  readonly position: JournalPosition;
  /** For the batches to come. */
  readonly incarnation: number;
  readonly records: number;
  readonly recordsReplayed: number;
  /** 0 = everything was replayed. */
  readonly checkpointSegment: number;
  /** Why the newest checkpoint was not used; empty when it was, or when there is none. */
  readonly checkpointRefusal: string;
  readonly tornBytes: number;
  readonly tornFile: string;
}

/** Throws a FaultError when the journal is damaged, is another version's, or is answered differently by this build. */
export function recover(parts: RecoveryParts): Recovery {
  const { files, laneDirectory, lane, session, build, core, unsequenced } = parts;
  const checkpoint = restoreNewest(parts);
  const { position: from } = checkpoint;
  checkSegmentsUpTo(parts, from.segment);
  const reader = new JournalReader({
    files,
    laneDirectory,
    lane,
    session,
    from,
    behaviourVersion: LANE_BEHAVIOUR_VERSION,
  });
  try {
    const replay = new Replay(lane, build, core, unsequenced, reader);
    const bytesOfAll = writtenBytes(files, laneDirectory, from.segment) - from.offset;
    const before = from.nextRecord - 1;
    let replayed = 0;
    for (;;) {
      const count = replay.step(STEP_RECORDS);
      replayed += count;
      parts.onProgress(before + replayed, reader.batchBytesRead, bytesOfAll);
      if (count === 0) break;
    }
    const { end } = reader;
    assert(end !== undefined, "a journal has no end");
    return {
      position: reader.position,
      incarnation: Math.max(reader.incarnation, checkpoint.incarnation) + 1,
      records: before + replayed,
      recordsReplayed: replayed,
      checkpointSegment: checkpoint.segment,
      checkpointRefusal: checkpoint.refusal,
      tornBytes: end.kind === "torn" ? cutTorn(files, laneDirectory, end) : 0,
      tornFile: end.kind === "torn" ? end.file : "",
    };
  } finally {
    reader.close();
  }
}

/** What a checkpoint stands for is not read again; but it must be there, for a start that cannot use the checkpoint. */
function checkSegmentsUpTo({ files, laneDirectory }: RecoveryParts, last: number): void {
  const names = orIoFault(laneDirectory, "list", () => files.list(laneDirectory));
  const there = new Set(segmentsAmong(names));
  for (let segment = 1; segment <= last; segment++) {
    if (there.has(segment)) continue;
    const file = segmentPath(laneDirectory, segment);
    const reason = "the segment is missing";
    throw new FaultError({ code: "JOURNAL_DAMAGED", file, offset: 0, reason });
  }
}

/** Of the segments from one on that are more than staged: what a recovery may have to read. */
function writtenBytes(files: Files, laneDirectory: string, fromSegment: number): number {
  const magic = Buffer.alloc(1);
  let bytes = 0;
  const names = orIoFault(laneDirectory, "list", () => files.list(laneDirectory));
  for (const segment of segmentsAmong(names)) {
    if (segment < fromSegment) continue;
    const path = segmentPath(laneDirectory, segment);
    const descriptor = orIoFault(path, "open", () => files.openToRead(path));
    const isStaged = readWhole(files, path, descriptor, magic, 0, 1, 0) === 0 || magic[0] === 0;
    if (!isStaged) bytes += orIoFault(path, "size", () => files.size(descriptor));
    files.close(descriptor);
  }
  return bytes;
}

interface Beginning {
  readonly position: JournalPosition;
  readonly incarnation: number;
  /** 0 = the very beginning. */
  readonly segment: number;
  readonly refusal: string;
}

function restoreNewest(parts: RecoveryParts): Beginning {
  const { files, laneDirectory, core, outbox, lane, session, build } = parts;
  const user = { session, lane, build, behaviourVersion: LANE_BEHAVIOUR_VERSION };
  const before = parts.checkpointsBefore ?? Number.POSITIVE_INFINITY;
  const { reader, refusal } = openNewestCheckpoint(files, laneDirectory, user, before);
  if (reader === undefined) return { position: JOURNAL_START, incarnation: 0, segment: 0, refusal };
  const { position, incarnation } = reader.facts;
  const { segment } = position;
  try {
    restoreCheckpointState(core, outbox, reader);
  } catch (error) {
    outbox.close();
    throw new UnusableCheckpoint(segment, reasonOf(error));
  } finally {
    reader.close();
  }
  return { position, incarnation, segment, refusal };
}
