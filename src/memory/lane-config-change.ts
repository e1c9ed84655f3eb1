// What of a changed configuration a lane goes over to within a session, and what has to wait for the next one. Main
// reports it, the lane acts on it: both ask here, and come to the same.
//
// A lane's tables only grow within a session: places in them have been given out. Instruments are never forgotten
// either; one that the new list does not name takes no new orders, and those that rest in it can go on to their end.

import { assert } from "../base/assert.ts";
import { FaultError } from "../base/fault.ts";
import type { LaneConfig } from "./lane-config.ts";

export interface LaneConfigChange {
  /** Settings that differ and are in effect from now on, as the configuration file names them. */
  readonly applied: readonly string[];
  /** Settings that differ and wait for the next session. */
  readonly nextSession: readonly string[];
  /** The configuration that is in effect from now on. */
  readonly effective: LaneConfig;
}

export function laneConfigChange(current: LaneConfig, wanted: LaneConfig): LaneConfigChange {
  assert(wanted.formatVersion === current.formatVersion, "a configuration of another format");
  assert(wanted.behaviourVersion === current.behaviourVersion, "a session of another behaviour");
  assert(wanted.session === current.session, "a session changes its name");
  assert(wanted.lane === current.lane, "a lane changes its number");
  if (wanted.midnightUtcMs !== current.midnightUtcMs) {
    const reason = `session.json of ${wanted.session} has midnightUtcMs ${wanted.midnightUtcMs}, its journal ${current.midnightUtcMs}`;
    throw new FaultError({ code: "JOURNAL_MISMATCH", reason });
  }
  const effective: LaneConfig = {
    ...wanted,
    venue: {
      ...wanted.venue,
      kind: current.venue.kind,
      ordersMax: Math.max(current.venue.ordersMax, wanted.venue.ordersMax),
      instrumentsMax: Math.max(current.venue.instrumentsMax, wanted.venue.instrumentsMax),
    },
  };
  return {
    applied: differences(current, effective),
    nextSession: differences(effective, wanted),
    effective,
  };
}

function differences(one: LaneConfig, other: LaneConfig): string[] {
  const otherValues = new Map(settings(other));
  const isDifferent = ([name, value]: readonly [string, unknown]): boolean =>
    JSON.stringify(value) !== JSON.stringify(otherValues.get(name));
  return settings(one)
    .filter(isDifferent)
    .map(([name]) => name);
}

const settings = (config: LaneConfig): (readonly [string, unknown])[] => [
  ["session.node", config.node],
  ["session.explainIgnored", config.explainIgnored],
  ["session.offencesMax", config.offencesMax],
  ["lanes.outputsPerStepMax", config.outputsPerStepMax],
  ["venue.kind", config.venue.kind],
  ["venue.instruments", config.venue.instruments],
  ["venue.instrumentsMax", config.venue.instrumentsMax],
  ["venue.ordersMax", config.venue.ordersMax],
];
