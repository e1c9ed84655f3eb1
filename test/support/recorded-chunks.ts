// Captures as tests look at them: chunks by connection and direction, and packets to make them of.

import {
  CAPTURE_KIND,
  type CaptureRecord,
  type LossFacts,
} from "../../src/capture/capture-record.ts";
import { INBOUND_VECTORS, OUTBOUND_VECTORS } from "../vectors/ouch50.ts";
import { withoutSpaces } from "./hex.ts";
import { login, packet } from "./soup-packets.ts";

const bytesOf = (vector: string): Buffer => Buffer.from(withoutSpaces(vector), "hex");

export const PASSWORD = "SECRETPASS";
export const LOGIN = login({ userName: "ALICE", password: PASSWORD });
export const BLANKED_LOGIN = login({ userName: "ALICE", password: "" });
export const LOGIN_ACCEPTED = packet("A", `${"DAY1".padStart(10)}${"1".padStart(20)}`);
export const ENTER = packet("U", bytesOf(INBOUND_VECTORS.enterCaptured));
export const ACCEPTED = packet("S", bytesOf(OUTBOUND_VECTORS.acceptedCaptured));
export const CLIENT_HEARTBEAT = packet("R");
export const SERVER_HEARTBEAT = packet("H");

/** "CONNECT 1 {…}", "IN 1 002f4c…", "CLOSE 1 detail" */
export function textOf({ kind, flags, connection, detail, payload }: CaptureRecord): string {
  const [name = "?"] = Object.entries(CAPTURE_KIND).find(([, value]) => value === kind) ?? [];
  const words = [flags === 0 ? name : `${name}+${flags}`, String(connection)];
  if (kind === CAPTURE_KIND.IN || kind === CAPTURE_KIND.OUT) words.push(payload.toString("hex"));
  else if (payload.length > 0) words.push(payload.toString());
  if (detail !== 0) words.push(String(detail));
  return words.join(" ");
}

export const textsOf = (records: Iterable<CaptureRecord>): string[] =>
  Array.from(records, (record) => textOf(record));

/** All that came, and how much is missing. */
export interface Streams {
  readonly in: Buffer;
  readonly out: Buffer;
  readonly lost: { readonly in: number; readonly out: number };
}

export function streamsOf(records: Iterable<CaptureRecord>): Map<number, Streams> {
  const parts = new Map<
    number,
    { in: Buffer[]; out: Buffer[]; lost: { in: number; out: number } }
  >();
  for (const { kind, connection, payload } of records) {
    if (connection === 0) continue;
    const streams = parts.get(connection) ?? { in: [], out: [], lost: { in: 0, out: 0 } };
    parts.set(connection, streams);
    if (kind === CAPTURE_KIND.IN) streams.in.push(Buffer.from(payload));
    else if (kind === CAPTURE_KIND.OUT) streams.out.push(Buffer.from(payload));
    else if (kind === CAPTURE_KIND.LOST) {
      const { direction, bytes } = JSON.parse(payload.toString()) as LossFacts;
      streams.lost[direction] += bytes;
    }
  }
  return new Map(
    Array.from(parts, ([connection, { in: sent, out: got, lost }]) => [
      connection,
      { in: Buffer.concat(sent), out: Buffer.concat(got), lost },
    ]),
  );
}
