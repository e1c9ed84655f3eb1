// What is in a capture, from its first record to its last.

import {
  CAPTURE_KIND,
  type CaptureInfo,
  CLOSED_BY,
  type PressureFacts,
} from "../../capture/capture-record.ts";
import type { CaptureSource } from "./capture-source.ts";
import { type DirectionCount, FollowedConnection, remoteText } from "./followed-connection.ts";

export interface ConnectionOverview {
  readonly connection: number;
  readonly account: string;
  readonly remote: string;
  /** Bytes before its first record were not seen. */
  readonly isMid: boolean;
  readonly firstNs: number;
  readonly lastNs: number;
  /** "client", "server", "reset", "unknown"; null = it was open at the end. */
  readonly closedBy: string | null;
  readonly in: DirectionCount;
  readonly out: DirectionCount;
}

export interface PressureOverview {
  readonly event: string;
  readonly thread: string;
  readonly count: number;
  readonly durationNs: number;
  readonly durationNsMax: number;
}

/** Times are nanoseconds since the first record. */
export interface CaptureOverview {
  readonly format: string;
  readonly info: CaptureInfo;
  readonly records: number;
  /** Of the first record, as in the records. */
  readonly startNs: number;
  /** The same on the wall. */
  readonly startEpochMs: number;
  readonly durationNs: number;
  readonly connections: readonly ConnectionOverview[];
  readonly pressure: readonly PressureOverview[];
  readonly notes: readonly string[];
  readonly problems: readonly string[];
}

/** Reads all of it. */
export function overviewOf(source: CaptureSource): CaptureOverview {
  const { format, info } = source;
  const connections = new Map<number, FollowedConnection>();
  const pressure = new Map<
    string,
    { -readonly [Key in keyof PressureOverview]: PressureOverview[Key] }
  >();
  let records = 0;
  let firstNs = Number.POSITIVE_INFINITY;
  let lastNs = Number.NEGATIVE_INFINITY;
  for (const record of source.records()) {
    const { kind, connection, atNs, payload } = record;
    records++;
    firstNs = Math.min(firstNs, atNs);
    lastNs = Math.max(lastNs, atNs);
    if (connection !== 0) {
      let followed = connections.get(connection);
      if (followed === undefined) {
        followed = new FollowedConnection(record);
        connections.set(connection, followed);
      }
      followed.add(record);
    } else if (kind === CAPTURE_KIND.PRESSURE) {
      const { event, thread, durationNs } = JSON.parse(payload.toString()) as PressureFacts;
      const key = `${thread} ${event}`;
      const sum = pressure.get(key) ?? { event, thread, count: 0, durationNs: 0, durationNsMax: 0 };
      pressure.set(key, sum);
      sum.count++;
      sum.durationNs += durationNs;
      sum.durationNsMax = Math.max(sum.durationNsMax, durationNs);
    }
  }
  const since = records === 0 ? info.anchorNs : firstNs;
  const all = Array.from(connections.values(), (connection) => described(connection, since));
  return {
    format,
    info,
    records,
    startNs: since,
    startEpochMs: info.anchorEpochMs + (since - info.anchorNs) / 1e6,
    durationNs: records === 0 ? 0 : lastNs - firstNs,
    connections: all,
    pressure: [...pressure.values()],
    notes: source.notes,
    problems: [...source.problems, ...lossesOf(source, all)],
  };
}

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(CLOSED_BY).map(([name, value]) => [value, name.toLowerCase()]),
);

function described(followed: FollowedConnection, sinceNs: number): ConnectionOverview {
  const { number, account, facts, isMid, closedBy, firstNs, lastNs } = followed;
  return {
    connection: number,
    account,
    remote: remoteText(facts),
    isMid,
    firstNs: firstNs - sinceNs,
    lastNs: lastNs - sinceNs,
    closedBy: closedBy === undefined ? null : (NAMES.get(closedBy) ?? "unknown"),
    in: followed.in,
    out: followed.out,
  };
}

/** Imports tell their own. */
function lossesOf({ format }: CaptureSource, connections: readonly ConnectionOverview[]): string[] {
  if (format !== "capture") return [];
  const bad = connections.filter((connection) => connection.in.losses + connection.out.losses > 0);
  if (bad.length === 0) return [];
  const bytes = bad.reduce((sum, each) => sum + each.in.lostBytes + each.out.lostBytes, 0);
  const some = `of ${bad.length} connections`;
  // A damaged block of the file is a loss of unknown size.
  return [
    bytes === 0
      ? `bytes ${some} are lost, nobody knows how many`
      : `${bytes} bytes ${some} were lost while it was captured`,
  ];
}
