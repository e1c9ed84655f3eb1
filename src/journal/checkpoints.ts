// The checkpoints of a lane: the newest that can be used, and which of them are kept.

import { join } from "node:path";
import { orIoFault } from "./file-faults.ts";
import type { Files } from "./files.ts";
import { checkpointPath, checkpointsAmong, isWritingName } from "./journal-names.ts";
import { openCheckpoint, type StateFileReader } from "./state-file.ts";

/** The newest, and one more in case it does not verify. */
const KEPT = 2;

/** Their segments, newest first. */
export const listCheckpoints = (files: Files, laneDirectory: string): number[] =>
  orIoFault(laneDirectory, "list", () => checkpointsAmong(files.list(laneDirectory))).reverse();

/** Who asks: what a checkpoint must have been written for. */
export interface CheckpointUser {
  readonly session: string;
  readonly lane: number;
  readonly build: string;
  readonly behaviourVersion: number;
}

export interface NewestCheckpoint {
  /** Undefined: everything is replayed. To be closed. */
  readonly reader: StateFileReader | undefined;
  /** Why newer ones were not used; empty when there is none of these. */
  readonly refusal: string;
}

/** The newest that verifies and is the user's own (semantics §3.5), of those with a segment before the given one. */
export function openNewestCheckpoint(
  files: Files,
  laneDirectory: string,
  user: CheckpointUser,
  before: number = Number.POSITIVE_INFINITY,
): NewestCheckpoint {
  const refusals: string[] = [];
  for (const segment of listCheckpoints(files, laneDirectory)) {
    if (segment >= before) continue;
    const opened = openCheckpoint(files, laneDirectory, segment);
    const refusal = typeof opened === "string" ? opened : refusalBy(user, opened);
    if (typeof opened !== "string" && refusal === "") {
      return { reader: opened, refusal: refusals.join("; ") };
    }
    if (typeof opened !== "string") opened.close();
    refusals.push(`${checkpointPath(laneDirectory, segment)}: ${refusal}`);
  }
  return { reader: undefined, refusal: refusals.join("; ") };
}

function refusalBy(user: CheckpointUser, { facts }: StateFileReader): string {
  if (facts.session !== user.session) return `it is of session ${facts.session}`;
  if (facts.lane !== user.lane) return `it is of lane ${facts.lane}`;
  if (facts.build !== user.build) return `it was written by build ${facts.build}`;
  const { behaviourVersion } = facts;
  return behaviourVersion === user.behaviourVersion ? "" : `it has behaviour ${behaviourVersion}`;
}

/** Removes all but the newest two, and what a writer that died has left. */
export function dropOldCheckpoints(files: Files, laneDirectory: string): void {
  const old = listCheckpoints(files, laneDirectory).slice(KEPT);
  const leftovers = files.list(laneDirectory).filter(isWritingName);
  const paths = [
    ...old.map((segment) => checkpointPath(laneDirectory, segment)),
    ...leftovers.map((name) => join(laneDirectory, name)),
  ];
  for (const path of paths) orIoFault(path, "remove", () => files.remove(path));
}
