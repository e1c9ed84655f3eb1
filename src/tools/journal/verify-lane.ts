// Verifies a lane's journal: every checksum and the chain by reading it, every digest by answering all of it again.

import path from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { listCheckpoints } from "../../journal/checkpoints.ts";
import { checkpointPath, segmentPath, segmentsAmong } from "../../journal/journal-names.ts";
import { OPENING_FILE, SESSION_FILE, sessionFactsIn } from "../../journal/session-directory.ts";
import { readSmallFile } from "../../journal/small-file.ts";
import { openCheckpoint } from "../../journal/state-file.ts";
import { INBOUND_KIND, ROLL_STEP } from "../../memory/inbound-record.ts";
import type { LanePlace } from "./journal-place.ts";
import { isHarmless, type Problem, problemOf, tornProblem } from "./journal-problem.ts";
import { LaneRecords } from "./lane-records.ts";
import type { RunProgress } from "./run-progress.ts";

const SLICE_RECORDS = 20_000;

export interface Verdict {
  readonly place: LanePlace;
  /** Undefined: all is well. */
  readonly problem: Problem | undefined;
  readonly records: number;
  /** Of all answers; undefined where only the checksums could be looked at: a segment alone is not answered again. */
  readonly digest: string | undefined;
  /** What is worth knowing, and no problem. */
  readonly notes: readonly string[];
}

interface Checkpoints {
  /** Of those that verify, by its segment; 0 = there is none. */
  readonly newest: number;
  /** What is wrong with the others. */
  readonly notes: readonly string[];
}

export async function verifyLane(place: LanePlace, progress: RunProgress): Promise<Verdict> {
  const lost = missingFolder(place);
  if (lost !== undefined) return { place, problem: lost, records: 0, digest: undefined, notes: [] };
  const isAnswering = place.onlySegment === undefined;
  const records = new LaneRecords(place, { isAnswering });
  const notes: string[] = [];
  let count = 0;
  let problem: Problem | undefined;
  try {
    for (let isMore = true; isMore; ) {
      while (records.next()) {
        count++;
        if (count % SLICE_RECORDS > 0) continue;
        progress.note(`lane ${place.lane}`, count, records.reader.batchBytesRead);
        await nextTurn();
      }
      const end = await records.settle();
      isMore = end === undefined;
      if (end?.kind === "torn") problem = tornProblem(end);
    }
    problem ??= isAnswering ? (missingAll(place) ?? endProblem(records)) : undefined;
  } catch (error) {
    problem = problemOf(error, records);
  } finally {
    records.close();
  }
  if (isAnswering) {
    const checkpoints = lookAtCheckpoints(place);
    notes.push(...checkpoints.notes);
    // Behind a torn end, too, more may have been.
    const hasRead = problem === undefined || problem.code === "TORN";
    if (hasRead) problem = missingEnd(place, checkpoints.newest) ?? problem;
    problem ??= missingFacts(place);
  }
  if (problem !== undefined && isHarmless(problem, records)) {
    notes.push(`${problem.file} at ${problem.offset}: ${problem.reason}`);
    problem = undefined;
  }
  const digest = records.answering?.core.digest.hex();
  return { place, problem, records: count, digest, notes };
}

export function verdictText({ place, problem, records, digest, notes }: Verdict): string {
  const who = `${place.session || "a session not begun"} lane ${place.lane}`;
  const lines =
    problem === undefined
      ? [`OK   ${who}: ${records} records${digest === undefined ? "" : `, answers ${digest}`}`]
      : [`BAD  ${who}: ${problem.file} at ${problem.offset ?? "?"}: ${problem.reason}`];
  if (problem !== undefined) lines.push(`     the ${records} records before it are good`);
  if (place.onlySegment !== undefined)
    lines.push("     the checksums alone: answers need the lane");
  return [...lines, ...notes.map((note) => `     ${note}`)].join("\n");
}

export function verdictJson({ place, problem, records, digest, notes }: Verdict): object {
  const { session, lane } = place;
  const isGood = problem === undefined;
  return { session, lane, ok: isGood, records, digest, ...(isGood ? {} : { problem }), notes };
}

/** A start refuses that too. */
function missingFolder({ filesAround, lane, directory }: LanePlace): Problem | undefined {
  if (filesAround.exists(directory)) return undefined;
  const reason = `the folder of lane ${lane} is missing`;
  return { code: "INCOMPLETE", file: directory, offset: 0, reason };
}

/** And that. */
function missingAll({ files, session, lane, directory }: LanePlace): Problem | undefined {
  const folder = path.dirname(directory);
  const isSession = session === path.basename(folder);
  const hasBegun = isSession && !files.exists(path.join(folder, OPENING_FILE));
  if (!hasBegun || segmentsAmong(files.list(directory)).length > 0) return undefined;
  const reason = `all segments of lane ${lane} are missing`;
  return { code: "INCOMPLETE", file: segmentPath(directory, 1), offset: 0, reason };
}

/** And that. Nobody knows then how many lanes there were. */
function missingFacts({ filesAround, session, directory }: LanePlace): Problem | undefined {
  const folder = path.dirname(directory);
  if (session !== path.basename(folder)) return undefined;
  const file = path.join(folder, SESSION_FILE);
  const isThere = filesAround.exists(file);
  if (isThere && sessionFactsIn(readSmallFile(filesAround, file))?.session === session)
    return undefined;
  const reason = isThere
    ? "it does not say which session this is, or when it was opened"
    : "the file is missing";
  return { code: "INCOMPLETE", file, offset: 0, reason };
}

/** A start reads only what its checkpoint does not stand for, and refuses when the rest is not there all the same. */
function missingEnd({ files, directory }: LanePlace, newest: number): Problem | undefined {
  const last = segmentsAmong(files.list(directory)).at(-1) ?? 0;
  if (newest <= last) return undefined;
  const reason = `the segment is missing, and ${checkpointPath(directory, newest)} stands for it`;
  return { code: "INCOMPLETE", file: segmentPath(directory, last + 1), offset: 0, reason };
}

/** A session is put away when it has ended, so its last record says so: no segment is missing behind it. */
function endProblem({ place, record, reader }: LaneRecords): Problem | undefined {
  if (!place.isArchived) return undefined;
  if (record.kind === INBOUND_KIND.ROLL && record.detail === ROLL_STEP.END) return undefined;
  const { segmentFile: file, position } = reader;
  const reason = "the session is archived, and its journal does not come to the session's end";
  return { code: "INCOMPLETE", file, offset: position.offset, reason };
}

/** A bad one costs a recovery time, and nothing else. */
function lookAtCheckpoints({ files, directory }: LanePlace): Checkpoints {
  const notes: string[] = [];
  let newest = 0;
  for (const segment of listCheckpoints(files, directory)) {
    const opened = openCheckpoint(files, directory, segment);
    if (typeof opened === "string") {
      notes.push(`${checkpointPath(directory, segment)} is of no use: ${opened}`);
    } else {
      newest = Math.max(newest, segment);
      opened.close();
    }
  }
  return { newest, notes };
}
