// Names of what stands in a lane's folder of the journal, and back. Segments are numbered from 1.

import { join } from "node:path";
import { numberedName } from "./numbered-name.ts";

export const laneDirectoryName = (lane: number): string => `lane-${lane}`;

const SEGMENT_NAME = numberedName("segment-", ".journal");
const CHECKPOINT_NAME = numberedName("checkpoint-", ".state");

/** Pages of the outbox that checkpoints cover. The keeper's. */
export const STORE_NAME = "store.outbox";
/** What the lane itself has put on disk since. */
export const SPILL_NAME = "spill.outbox";

export const segmentPath = (laneDirectory: string, segment: number): string =>
  join(laneDirectory, SEGMENT_NAME.of(segment));

/** A segment that is not whole yet: the keeper renames it when its zeros are on the disk. */
export const stagingPath = (laneDirectory: string, segment: number): string =>
  `${segmentPath(laneDirectory, segment).slice(0, -".journal".length)}${STAGING_END}`;

export const checkpointPath = (laneDirectory: string, segment: number): string =>
  join(laneDirectory, CHECKPOINT_NAME.of(segment));

const STAGING_END = ".staging";
export const isStagingName = (name: string): boolean => name.endsWith(STAGING_END);

/** A file that is not whole yet: renamed when it is on the disk. */
export const writingPath = (path: string): string => `${path}${WRITING_END}`;

const WRITING_END = ".writing";
export const isWritingName = (name: string): boolean => name.endsWith(WRITING_END);

/** What a journal can be without: it is made again from the segments. */
export const isDerivedName = (name: string): boolean =>
  name === STORE_NAME ||
  name === SPILL_NAME ||
  isWritingName(name) ||
  checkpointsAmong([name]).length > 0;

/** Numbers of the segments among a folder's names, rising. */
export const segmentsAmong = (names: readonly string[]): number[] => SEGMENT_NAME.among(names);

/** Numbers of the checkpoints among a folder's names, rising: each is that of the last segment it covers. */
export const checkpointsAmong = (names: readonly string[]): number[] =>
  CHECKPOINT_NAME.among(names);
