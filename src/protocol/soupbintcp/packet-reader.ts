// Cuts a TCP stream into SoupBinTCP packets where they lie. Any thread; no state between two reads.

import {
  PACKET_BYTES_BYTES,
  PACKET_HEADER_BYTES,
  packetBytesAt,
  packetTypeAt,
  wireBytes,
} from "./packet-header.ts";

/** A length of 0: there is no type. */
export const PACKET_EMPTY = -1;
/** A length above our limit, refused before the body arrives. */
export const PACKET_TOO_LONG = -2;

export interface PacketSink {
  /**
   * One whole packet. True: it is taken, go on. False: it is not taken; it and what follows stay unread,
   * and read() returns the offset at which this packet starts.
   */
  onPacket(
    type: number,
    bytes: Buffer,
    view: DataView,
    payloadOffset: number,
    payloadBytes: number,
  ): boolean;
}

export class PacketReader {
  private readonly packetBytesMax: number;

  /** `packetBytesMax` limits the length field: the type and the payload. */
  constructor(packetBytesMax: number) {
    this.packetBytesMax = packetBytesMax;
  }

  /**
   * Hands on each whole packet in [start, end). Returns the first unread offset, or PACKET_EMPTY or
   * PACKET_TOO_LONG; what came before the bad packet was handed on. `bytes` and `view` start at one address.
   */
  read(bytes: Buffer, view: DataView, start: number, end: number, sink: PacketSink): number {
    let offset = start;
    while (end - offset >= PACKET_BYTES_BYTES) {
      const packetBytes = packetBytesAt(bytes, offset);
      // The peer's length meets our limits before anything else trusts it.
      if (packetBytes === 0) return PACKET_EMPTY;
      if (packetBytes > this.packetBytesMax) return PACKET_TOO_LONG;

      const next = offset + wireBytes(packetBytes);
      if (next > end) break;

      const payloadOffset = offset + PACKET_HEADER_BYTES;
      const type = packetTypeAt(bytes, offset);
      if (!sink.onPacket(type, bytes, view, payloadOffset, next - payloadOffset)) break;
      offset = next;
    }
    return offset;
  }
}
