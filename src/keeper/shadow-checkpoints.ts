// A lane's double from the newest checkpoint, and the next checkpoint from the double. Keeper thread.

import { type Fault, FaultError, reasonOf } from "../base/fault.ts";
import {
  dropOldCheckpoints,
  listCheckpoints,
  openNewestCheckpoint,
} from "../journal/checkpoints.ts";
import type { Files } from "../journal/files.ts";
import { checkpointPath } from "../journal/journal-names.ts";
import { JOURNAL_START } from "../journal/journal-position.ts";
import { StateFileWriter } from "../journal/state-file.ts";
import { restoreCheckpointState, saveCheckpointState } from "../lane/checkpoint-state.ts";
import { LANE_BEHAVIOUR_VERSION } from "../memory/lane-config.ts";
import { ShadowLane, type ShadowLaneOptions } from "./shadow-lane.ts";

/** What ioFault() makes of an error of a file call. */
const FAILED_CALLS: readonly Fault["code"][] = ["JOURNAL_IO", "JOURNAL_FULL", "JOURNAL_UNWRITABLE"];

export interface LoadedShadow {
  readonly shadow: ShadowLane;
  /** The one that it stands behind; 0 = it begins at the start. */
  readonly segment: number;
  /** Why newer checkpoints were not used; empty when there is none of these. */
  readonly refusal: string;
}

/**
 * Checkpoints that cannot be used are removed first: from here on the store follows the one that is, and what they say
 * of it would be wrong.
 */
export function loadShadow(options: ShadowLaneOptions): LoadedShadow {
  const { files, laneDirectory, session, lane, build } = options;
  const user = { session, lane, build, behaviourVersion: LANE_BEHAVIOUR_VERSION };
  const refusals: string[] = [];
  for (;;) {
    const { reader, refusal } = openNewestCheckpoint(files, laneDirectory, user);
    const segment = reader?.facts.position.segment ?? 0;
    if (refusal !== "") refusals.push(refusal);
    removeBehind(files, laneDirectory, segment);
    const shadow = new ShadowLane(options);
    try {
      if (reader !== undefined) restoreCheckpointState(shadow.core, shadow.outbox, reader);
      shadow.begin(reader?.facts.position ?? JOURNAL_START, reader?.facts.incarnation ?? 0);
      return { shadow, segment, refusal: refusals.join("; ") };
    } catch (thrown) {
      shadow.close();
      if (segment === 0 || isCallFailed(thrown)) throw thrown;
      const reason = reasonOf(thrown);
      refusals.push(`${checkpointPath(laneDirectory, segment)}: ${reason}`);
      removeBehind(files, laneDirectory, segment - 1);
    } finally {
      reader?.close();
    }
  }
}

/** That says nothing against the checkpoint, and a lane that began with it may be reading what it says of the store. */
const isCallFailed = (thrown: unknown): boolean =>
  thrown instanceof FaultError && FAILED_CALLS.includes(thrown.fault.code);

function removeBehind(files: Files, laneDirectory: string, segment: number): void {
  const unusable = listCheckpoints(files, laneDirectory).filter((other) => other > segment);
  for (const other of unusable) files.remove(checkpointPath(laneDirectory, other));
  if (unusable.length > 0) files.syncDirectory(laneDirectory);
}

/** The double stands at the end of a segment, and its outbox has been flushed and synced. `files`: gentle ones. */
export function writeCheckpoint(
  { laneDirectory, session, lane, build }: ShadowLaneOptions,
  files: Files,
  { core, outbox, position, incarnation }: ShadowLane,
): void {
  const out = new StateFileWriter(files, laneDirectory, {
    behaviourVersion: LANE_BEHAVIOUR_VERSION,
    build,
    session,
    lane,
    incarnation,
    position,
    digestHigh: core.digest.high,
    digestLow: core.digest.low,
  });
  try {
    saveCheckpointState(core, outbox, out);
    out.finish();
  } catch (thrown) {
    abandon(out);
    throw thrown;
  }
  dropOldCheckpoints(files, laneDirectory);
}

function abandon(out: StateFileWriter): void {
  try {
    out.abandon();
  } catch {
    // The first error is the one to tell; what is left behind goes with the next checkpoint.
  }
}
