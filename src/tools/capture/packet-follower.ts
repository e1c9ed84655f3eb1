// Follows the packets of one direction of a captured connection, across its chunks.

import {
  PACKET_BYTES_BYTES,
  PACKET_HEADER_BYTES,
  packetBytesAt,
  packetTypeAt,
  wireBytes,
} from "../../protocol/soupbintcp/packet-header.ts";
import { type Direction, findPacketStart } from "./packet-walk.ts";

/** One whole packet; its payload is in [start, end) of the bytes, which are valid until the call returns. */
export type OnPacket = (type: number, bytes: Buffer, start: number, end: number) => void;

/** What is longer is no packet: the framing is lost, or the peer sent junk. */
const PACKET_BYTES_MAX = 16 * 1024;
const UNFRAMED_BYTES_MAX = 64 * 1024;

export class PacketFollower {
  private readonly direction: Direction;
  private readonly onPacket: OnPacket;
  private rest: Buffer = Buffer.alloc(0);
  private isFramed = true;

  /** The stream begins with a packet. */
  constructor(direction: Direction, onPacket: OnPacket) {
    this.direction = direction;
    this.onPacket = onPacket;
  }

  /** Of the packet that is on its way; undefined when nobody knows where packets start. */
  get partial(): Buffer | undefined {
    return this.isFramed ? this.rest : undefined;
  }

  add(chunk: Buffer): void {
    const bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    let offset = 0;
    if (!this.isFramed) {
      offset = findPacketStart(bytes, this.direction);
      if (offset < 0) {
        const kept = bytes.length > UNFRAMED_BYTES_MAX ? bytes.subarray(-PACKET_BYTES_MAX) : bytes;
        this.rest = Buffer.from(kept);
        return;
      }
      this.isFramed = true;
    }
    while (bytes.length - offset >= PACKET_BYTES_BYTES) {
      const packetBytes = packetBytesAt(bytes, offset);
      if (packetBytes === 0 || packetBytes > PACKET_BYTES_MAX) {
        this.lose();
        return;
      }
      const next = offset + wireBytes(packetBytes);
      if (next > bytes.length) break;
      this.onPacket(packetTypeAt(bytes, offset), bytes, offset + PACKET_HEADER_BYTES, next);
      offset = next;
    }
    this.rest = Buffer.from(bytes.subarray(offset));
  }

  /** Bytes are missing before what follows. */
  lose(): void {
    this.isFramed = false;
    this.rest = Buffer.alloc(0);
  }
}
