// One connection of a capture while its records go by: who it is, what it says, and where its packets stand.

import { printable } from "../../base/printable.ts";
import {
  CAPTURE_FLAG,
  CAPTURE_KIND,
  type CaptureRecord,
  type ConnectFacts,
  type LossFacts,
} from "../../capture/capture-record.ts";
import { isLoginRequestBytes, LoginRequest } from "../../protocol/soupbintcp/login-request.ts";
import {
  CLIENT_LOGIN_REQUEST,
  CLIENT_UNSEQUENCED,
  SERVER_SEQUENCED,
} from "../../protocol/soupbintcp/packet-type.ts";
import { PacketFollower } from "./packet-follower.ts";
import type { Direction } from "./packet-walk.ts";

const UNKNOWN: ConnectFacts = { remoteAddress: "", remotePort: 0 };

/** What one direction amounts to. */
export class DirectionCount {
  chunks = 0;
  bytes = 0;
  lostChunks = 0;
  lostBytes = 0;
  /** Lost records: nobody may know how many bytes they stand for. */
  losses = 0;
  /** By the letter of the packet's type. */
  readonly packets: Record<string, number> = {};
  /** By the letter of the OUCH message's type. */
  readonly messages: Record<string, number> = {};
}

export class FollowedConnection {
  readonly number: number;
  facts: ConnectFacts = UNKNOWN;
  /** As its last login says, or who came upon it; "" = none yet. */
  account = "";
  isMid = false;
  hasEnded = false;
  /** CLOSED_BY; undefined = still open. */
  closedBy: number | undefined = undefined;
  readonly firstNs: number;
  lastNs: number;
  readonly in = new DirectionCount();
  readonly out = new DirectionCount();
  readonly fromClient: PacketFollower;
  readonly fromServer: PacketFollower;
  private readonly login = new LoginRequest();

  constructor({ connection, atNs }: CaptureRecord) {
    this.number = connection;
    this.firstNs = atNs;
    this.lastNs = atNs;
    this.fromClient = new PacketFollower("in", (type, bytes, start, end) => {
      count(this.in, type, bytes, start, end);
      if (type === CLIENT_LOGIN_REQUEST) this.readLogin(bytes, start, end);
    });
    this.fromServer = new PacketFollower("out", (type, bytes, start, end) => {
      count(this.out, type, bytes, start, end);
    });
  }

  add({ kind, flags, detail, atNs, payload }: CaptureRecord): void {
    this.lastNs = Math.max(this.lastNs, atNs);
    if (kind === CAPTURE_KIND.IN) this.addChunk("in", payload);
    else if (kind === CAPTURE_KIND.OUT) this.addChunk("out", payload);
    else if (kind === CAPTURE_KIND.CONNECT) {
      this.facts = factsOf(payload);
      this.account = printable(this.facts.account ?? "");
      this.isMid = (flags & CAPTURE_FLAG.MID) !== 0;
    } else if (kind === CAPTURE_KIND.LOST) this.lose(payload);
    else if (kind === CAPTURE_KIND.END) this.hasEnded = true;
    else if (kind === CAPTURE_KIND.CLOSE) this.closedBy = detail;
  }

  private addChunk(direction: Direction, chunk: Buffer): void {
    this[direction].chunks++;
    this[direction].bytes += chunk.length;
    (direction === "in" ? this.fromClient : this.fromServer).add(chunk);
  }

  private lose(payload: Buffer): void {
    const { direction, chunks, bytes } = JSON.parse(payload.toString()) as LossFacts;
    const counted = this[direction];
    counted.losses++;
    counted.lostChunks += chunks;
    counted.lostBytes += bytes;
    (direction === "in" ? this.fromClient : this.fromServer).lose();
  }

  private readLogin(bytes: Buffer, start: number, end: number): void {
    if (!isLoginRequestBytes(end - start)) return;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const { userName } = this.login.wrap(view, start, end - start);
    this.account = printable(userName.toUpperCase());
  }
}

export const factsOf = (payload: Buffer): ConnectFacts =>
  JSON.parse(payload.toString()) as ConnectFacts;

/** "127.0.0.1:4711", "[::1]:4711" */
export const remoteText = ({ remoteAddress, remotePort }: ConnectFacts): string =>
  `${remoteAddress.includes(":") ? `[${remoteAddress}]` : remoteAddress}:${remotePort}`;

function count(
  { packets, messages }: DirectionCount,
  type: number,
  bytes: Buffer,
  start: number,
  end: number,
): void {
  add(packets, type);
  if ((type === CLIENT_UNSEQUENCED || type === SERVER_SEQUENCED) && start < end) {
    add(messages, bytes.readUInt8(start));
  }
}

function add(counts: Record<string, number>, type: number): void {
  // A peer's bytes reach terminals and JSON: what is not printable is shown as a number.
  const isPrintable = type > 0x20 && type < 0x7f;
  const letter = isPrintable
    ? String.fromCharCode(type)
    : `0x${type.toString(16).padStart(2, "0")}`;
  counts[letter] = (counts[letter] ?? 0) + 1;
}
