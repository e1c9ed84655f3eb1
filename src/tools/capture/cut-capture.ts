// A part of a capture, as a capture of its own: connections that were open before begin as ones under way.

import {
  CAPTURE_FLAG,
  CAPTURE_KIND,
  type CaptureRecord,
  type ConnectFacts,
  type LossFacts,
} from "../../capture/capture-record.ts";
import type { CaptureSource } from "./capture-source.ts";
import { FollowedConnection } from "./followed-connection.ts";

/** Times as in the records: from this moment on, and before that one. */
export interface CutSelection {
  readonly fromNs: number;
  readonly toNs: number;
  /** undefined = all. */
  readonly connections: ReadonlySet<number> | undefined;
}

const NOTHING = Buffer.alloc(0);

export function* cutRecords(
  source: CaptureSource,
  { fromNs, toNs, connections }: CutSelection,
): Generator<CaptureRecord> {
  const open = new Map<number, FollowedConnection>();
  let hasBegun = false;
  for (const record of source.records()) {
    const { connection, atNs } = record;
    if (connection !== 0 && connections !== undefined && !connections.has(connection)) continue;
    if (!hasBegun && atNs < fromNs) {
      follow(open, record);
      continue;
    }
    // Threads write in their own order: what is a little late is not the end yet.
    if (atNs >= toNs) continue;
    if (!hasBegun) {
      hasBegun = true;
      for (const followed of open.values()) yield* beginUnderWay(followed, fromNs);
      open.clear();
    }
    yield record;
  }
  // Nothing happened from then on, but connections may be open.
  if (!hasBegun) for (const followed of open.values()) yield* beginUnderWay(followed, fromNs);
}

function follow(open: Map<number, FollowedConnection>, record: CaptureRecord): void {
  const { connection, kind } = record;
  if (connection === 0) return;
  let followed = open.get(connection);
  if (followed === undefined) {
    followed = new FollowedConnection(record);
    open.set(connection, followed);
  }
  followed.add(record);
  if (kind === CAPTURE_KIND.CLOSE) open.delete(connection);
}

/** The connection as it is: the beginning of a packet that is on its way goes before what follows of it. */
function* beginUnderWay(followed: FollowedConnection, atNs: number): Generator<CaptureRecord> {
  const { number: connection, facts, account, fromClient, fromServer } = followed;
  const recordOf = (kind: number, flags: number, payload: Buffer): CaptureRecord => ({
    kind,
    flags,
    connection,
    detail: 0,
    atNs,
    payload,
  });
  const { remoteAddress, remotePort } = facts;
  const known: ConnectFacts = {
    remoteAddress,
    remotePort,
    ...(account === "" ? {} : { account }),
  };
  yield recordOf(CAPTURE_KIND.CONNECT, CAPTURE_FLAG.MID, Buffer.from(JSON.stringify(known)));
  for (const [direction, { partial }] of [
    ["in", fromClient],
    ["out", fromServer],
  ] as const) {
    if (partial === undefined) {
      const facts: LossFacts = { direction, chunks: 0, bytes: 0 };
      yield recordOf(CAPTURE_KIND.LOST, 0, Buffer.from(JSON.stringify(facts)));
    } else if (partial.length > 0) {
      yield recordOf(direction === "in" ? CAPTURE_KIND.IN : CAPTURE_KIND.OUT, 0, partial);
    }
  }
  if (followed.hasEnded) yield recordOf(CAPTURE_KIND.END, 0, NOTHING);
}
