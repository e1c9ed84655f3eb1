// What stands at the end of a capture file, so that nobody has to read all of it to know what is in it: where its
// blocks are, and what each connection had.

import {
  isLoginRequestBytes,
  LOGIN_REQUEST_BYTES,
  LoginRequest,
} from "../protocol/soupbintcp/login-request.ts";
import {
  PACKET_HEADER_BYTES,
  packetBytesAt,
  packetTypeAt,
} from "../protocol/soupbintcp/packet-header.ts";
import { CLIENT_LOGIN_REQUEST } from "../protocol/soupbintcp/packet-type.ts";
import { CAPTURE_KIND, type ConnectFacts, type LossFacts } from "./capture-record.ts";

/** Blocks that lie together; one entry for so many bytes of the file at the least. */
export interface IndexedBlocks {
  readonly offset: number;
  readonly firstAtNs: number;
  readonly lastAtNs: number;
  readonly records: number;
}

export interface DirectionTotals {
  readonly chunks: number;
  readonly bytes: number;
  readonly lostChunks: number;
  readonly lostBytes: number;
}

export interface IndexedConnection {
  readonly connection: number;
  /** As the login says it; empty without one. */
  readonly account: string;
  readonly remote: string;
  readonly firstAtNs: number;
  readonly lastAtNs: number;
  readonly in: DirectionTotals;
  readonly out: DirectionTotals;
}

export interface CaptureIndex {
  readonly blocks: readonly IndexedBlocks[];
  readonly connections: readonly IndexedConnection[];
  /** False: the connections are only those that came after the file was taken up again, or there were too many. */
  readonly hasAllConnections: boolean;
  readonly records: number;
}

/** More have no entry of their own. */
const CONNECTIONS_MAX = 100_000;

class Direction {
  chunks = 0;
  bytes = 0;
  lostChunks = 0;
  lostBytes = 0;

  add(bytes: number): void {
    this.chunks++;
    this.bytes += bytes;
  }
  lose({ chunks, bytes }: LossFacts): void {
    this.lostChunks += chunks;
    this.lostBytes += bytes;
  }
}

class ConnectionTotals {
  readonly connection: number;
  account = "";
  remote = "";
  readonly firstAtNs: number;
  lastAtNs: number;
  readonly in = new Direction();
  readonly out = new Direction();
  /** The beginning of what the client sent, until there is a login in it. */
  #head: Buffer | undefined = Buffer.alloc(0);

  constructor(connection: number, atNs: number) {
    this.connection = connection;
    this.firstAtNs = atNs;
    this.lastAtNs = atNs;
  }

  get isLoginAwaited(): boolean {
    return this.#head !== undefined;
  }
  readLogin(chunk: Buffer): void {
    if (this.#head === undefined) return;
    this.#head = Buffer.concat([this.#head, chunk.subarray(0, LOGIN_BYTES)]);
    if (this.#head.length < LOGIN_BYTES) return;
    this.account ||= accountIn(this.#head);
    this.#head = undefined;
  }
}

const LOGIN_BYTES = PACKET_HEADER_BYTES + LOGIN_REQUEST_BYTES;

function accountIn(head: Buffer): string {
  const payloadBytes = packetBytesAt(head, 0) - 1;
  if (packetTypeAt(head, 0) !== CLIENT_LOGIN_REQUEST || !isLoginRequestBytes(payloadBytes)) {
    return "";
  }
  const bytes = Buffer.alloc(PACKET_HEADER_BYTES + payloadBytes);
  head.copy(bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return new LoginRequest().wrap(view, PACKET_HEADER_BYTES, payloadBytes).userName.toUpperCase();
}

/** Counts what goes by, for the index. */
export class CaptureTotals {
  private readonly byConnection = new Map<number, ConnectionTotals>();
  private leftOut = 0;
  private records = 0;

  /** The payload is in [start, end) of `bytes`: for most records no more than its size is of interest. */
  add(
    kind: number,
    connection: number,
    atNs: number,
    bytes: Buffer,
    start: number,
    end: number,
  ): void {
    this.records++;
    if (connection === 0) return;
    const totals = this.of(connection, atNs);
    if (totals === undefined) return;
    totals.lastAtNs = Math.max(totals.lastAtNs, atNs);
    if (kind === CAPTURE_KIND.IN) {
      totals.in.add(end - start);
      if (totals.isLoginAwaited) totals.readLogin(bytes.subarray(start, end));
    } else if (kind === CAPTURE_KIND.OUT) totals.out.add(end - start);
    else if (kind === CAPTURE_KIND.CONNECT) {
      const facts = JSON.parse(bytes.toString("utf8", start, end)) as ConnectFacts;
      totals.account = facts.account ?? "";
      totals.remote = `${facts.remoteAddress}:${facts.remotePort}`;
    } else if (kind === CAPTURE_KIND.LOST) {
      const facts = JSON.parse(bytes.toString("utf8", start, end)) as LossFacts;
      totals[facts.direction].lose(facts);
    }
  }

  get recordCount(): number {
    return this.records;
  }
  get hasAll(): boolean {
    return this.leftOut === 0;
  }
  get connections(): readonly IndexedConnection[] {
    return [...this.byConnection.values()];
  }

  private of(connection: number, atNs: number): ConnectionTotals | undefined {
    let totals = this.byConnection.get(connection);
    if (totals === undefined) {
      if (this.byConnection.size === CONNECTIONS_MAX) {
        this.leftOut++;
        return undefined;
      }
      totals = new ConnectionTotals(connection, atNs);
      this.byConnection.set(connection, totals);
    }
    return totals;
  }
}
