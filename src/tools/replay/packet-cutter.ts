// Cuts one direction of a captured connection into packets, chunk after chunk. A stream that is caught in the middle
// is taken up at its first whole packet.

import {
  PACKET_BYTES_BYTES,
  PACKET_HEADER_BYTES,
  packetBytesAt,
  packetTypeAt,
  wireBytes,
} from "../../protocol/soupbintcp/packet-header.ts";
import {
  CLIENT_HEARTBEAT,
  CLIENT_LOGIN_REQUEST,
  CLIENT_LOGOUT,
  CLIENT_UNSEQUENCED,
  DEBUG,
  SERVER_END_OF_SESSION,
  SERVER_HEARTBEAT,
  SERVER_LOGIN_ACCEPTED,
  SERVER_LOGIN_REJECTED,
  SERVER_SEQUENCED,
} from "../../protocol/soupbintcp/packet-type.ts";
import { type Direction, findPacketStart } from "../capture/packet-walk.ts";
import { SPARE_BYTES } from "./request-reader.ts";

const CLIENT_TYPES: ReadonlySet<number> = new Set([
  CLIENT_UNSEQUENCED,
  CLIENT_HEARTBEAT,
  CLIENT_LOGIN_REQUEST,
  CLIENT_LOGOUT,
  DEBUG,
]);
const SERVER_TYPES: ReadonlySet<number> = new Set([
  SERVER_SEQUENCED,
  SERVER_HEARTBEAT,
  SERVER_LOGIN_ACCEPTED,
  SERVER_LOGIN_REJECTED,
  SERVER_END_OF_SESSION,
  DEBUG,
]);

const TYPES = { in: CLIENT_TYPES, out: SERVER_TYPES } as const;

/** Where no packet starts in so many bytes, the first of them are given up. */
const UNFOUND_BYTES_MAX = 64 * 1024;
const UNFOUND_BYTES_KEPT = 8 * 1024;

/** A whole packet. `start` and `end` are its place in the stream; the bytes are valid until the call returns. */
export type OnPacket = (
  type: number,
  view: DataView,
  payloadOffset: number,
  payloadBytes: number,
  start: number,
  end: number,
) => void;

export class PacketCutter {
  /** Why nothing more comes of this stream; "" while it is sound. */
  problem = "";
  private readonly direction: Direction;
  private readonly onPacket: OnPacket;
  private isFound: boolean;
  private isFirst = true;
  private bytes = Buffer.alloc(4096);
  private view = viewOf(this.bytes);
  private used = 0;
  /** Where bytes[0] is in the stream. */
  private position = 0;
  private foundAt = 0;

  /** `isMid`: the stream may begin in the middle of a packet. */
  constructor(direction: Direction, isMid: boolean, onPacket: OnPacket) {
    this.direction = direction;
    this.onPacket = onPacket;
    this.isFound = !isMid;
  }

  /** What is there of a packet whose rest has not come. */
  get pendingBytes(): number {
    return this.used;
  }

  /** Bytes before the first packet that could be found; all of them, while there is none. */
  get skippedBytes(): number {
    return this.isFound ? this.foundAt : this.position + this.used;
  }

  add(chunk: Buffer): void {
    if (this.problem !== "") return;
    this.take(chunk);
    if (!this.isFound) this.find();
    if (this.isFound) this.cut();
  }

  /** Bytes are missing here: nothing behind them can be read. */
  lose(problem: string): void {
    this.problem ||= problem;
  }

  private take(chunk: Buffer): void {
    const needed = this.used + chunk.length + SPARE_BYTES;
    if (needed > this.bytes.length) {
      const larger = Buffer.alloc(2 * needed);
      this.bytes.copy(larger, 0, 0, this.used);
      this.bytes = larger;
      this.view = viewOf(larger);
    }
    chunk.copy(this.bytes, this.used);
    this.used += chunk.length;
  }

  private find(): void {
    const start = findPacketStart(this.bytes.subarray(0, this.used), this.direction);
    if (start >= 0) {
      this.drop(start);
      this.isFound = true;
      this.foundAt = this.position;
    } else if (this.used > UNFOUND_BYTES_MAX) this.drop(this.used - UNFOUND_BYTES_KEPT);
  }

  private drop(bytes: number): void {
    this.bytes.copyWithin(0, bytes, this.used);
    this.used -= bytes;
    this.position += bytes;
  }

  private cut(): void {
    let offset = 0;
    while (this.used - offset >= PACKET_BYTES_BYTES) {
      const packetBytes = packetBytesAt(this.bytes, offset);
      if (packetBytes === 0) {
        this.problem = "a packet of length 0";
        break;
      }
      if (this.used - offset < PACKET_HEADER_BYTES) break;
      const type = packetTypeAt(this.bytes, offset);
      if (this.isFirst && !TYPES[this.direction].has(type)) {
        this.problem = "it does not begin as SoupBinTCP does";
        break;
      }
      const next = offset + wireBytes(packetBytes);
      if (next > this.used) break;
      this.isFirst = false;
      const payloadOffset = offset + PACKET_HEADER_BYTES;
      const { position } = this;
      const payloadBytes = next - payloadOffset;
      this.onPacket(
        type,
        this.view,
        payloadOffset,
        payloadBytes,
        position + offset,
        position + next,
      );
      offset = next;
    }
    this.drop(offset);
  }
}

const viewOf = (bytes: Buffer): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
