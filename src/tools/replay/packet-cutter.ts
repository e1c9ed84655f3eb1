// Cuts one direction of a captured connection into packets, chunk after chunk. A stream that is caught in the middle
// is taken up at the first place from which packets follow each other to the end of a chunk.

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
import { SPARE_BYTES } from "./request-reader.ts";

export const CLIENT_TYPES: ReadonlySet<number> = new Set([
  CLIENT_UNSEQUENCED,
  CLIENT_HEARTBEAT,
  CLIENT_LOGIN_REQUEST,
  CLIENT_LOGOUT,
  DEBUG,
]);
export const SERVER_TYPES: ReadonlySet<number> = new Set([
  SERVER_SEQUENCED,
  SERVER_HEARTBEAT,
  SERVER_LOGIN_ACCEPTED,
  SERVER_LOGIN_REJECTED,
  SERVER_END_OF_SESSION,
  DEBUG,
]);

/** Only while looking for a beginning: longer packets are no sign of one. */
const PLAUSIBLE_BYTES_MAX = 1024;

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
  /** Bytes before the first packet that could be found. */
  skippedBytes = 0;
  private readonly types: ReadonlySet<number>;
  private readonly onPacket: OnPacket;
  private isFound: boolean;
  private isFirst = true;
  private bytes = Buffer.alloc(4096);
  private view = viewOf(this.bytes);
  private used = 0;
  /** Where bytes[0] is in the stream. */
  private position = 0;

  /** `isMid`: the stream may begin in the middle of a packet. */
  constructor(types: ReadonlySet<number>, isMid: boolean, onPacket: OnPacket) {
    this.types = types;
    this.onPacket = onPacket;
    this.isFound = !isMid;
  }

  /** What is there of a packet whose rest has not come. */
  get pendingBytes(): number {
    return this.used;
  }

  add(chunk: Buffer): void {
    if (this.problem !== "") return;
    let from = 0;
    if (!this.isFound) {
      from = this.beginning(chunk);
      this.skippedBytes += from;
      this.position += from;
      if (from === chunk.length) return;
      this.isFound = true;
    }
    this.take(chunk, from);
    this.cut();
  }

  /** Bytes are missing here: nothing behind them can be read. */
  lose(problem: string): void {
    this.problem ||= problem;
  }

  private take(chunk: Buffer, from: number): void {
    const needed = this.used + chunk.length - from + SPARE_BYTES;
    if (needed > this.bytes.length) {
      const larger = Buffer.alloc(2 * needed);
      this.bytes.copy(larger, 0, 0, this.used);
      this.bytes = larger;
      this.view = viewOf(larger);
    }
    chunk.copy(this.bytes, this.used, from);
    this.used += chunk.length - from;
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
      if (this.isFirst && !this.types.has(type)) {
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
    this.bytes.copyWithin(0, offset, this.used);
    this.used -= offset;
    this.position += offset;
  }

  /** The first offset from which the chunk is packets to its end, or its length. */
  private beginning(chunk: Buffer): number {
    for (let offset = 0; offset < chunk.length; offset++) {
      if (this.isChain(chunk, offset)) return offset;
    }
    return chunk.length;
  }

  private isChain(chunk: Buffer, start: number): boolean {
    let offset = start;
    let packets = 0;
    while (chunk.length - offset >= PACKET_HEADER_BYTES) {
      const packetBytes = packetBytesAt(chunk, offset);
      if (packetBytes === 0 || packetBytes > PLAUSIBLE_BYTES_MAX) return false;
      if (!this.types.has(packetTypeAt(chunk, offset))) return false;
      offset += wireBytes(packetBytes);
      if (offset <= chunk.length) packets++;
    }
    return packets > 0;
  }
}

const viewOf = (bytes: Buffer): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
