// What every SoupBinTCP packet begins with: its length and its type (SoupBinTCP 3.00 §1.1). Big-endian.

const PACKET_BYTES_OFFSET = 0; // u16, the type and the payload; its own two bytes do not count
export const PACKET_BYTES_BYTES = 2;
const TYPE_OFFSET = PACKET_BYTES_OFFSET + PACKET_BYTES_BYTES; // 1, see packet-type.ts
const TYPE_BYTES = 1;

/** From a packet's first byte to its payload. */
export const PACKET_HEADER_BYTES = TYPE_OFFSET + TYPE_BYTES;

/** Bytes on the wire of a packet whose length field is `packetBytes`. */
export const wireBytes = (packetBytes: number): number => PACKET_BYTES_BYTES + packetBytes;

/** The length field of a packet that starts at `offset`. */
export const packetBytesAt = (bytes: Buffer, offset: number): number =>
  (bytes[offset + PACKET_BYTES_OFFSET]! << 8) | bytes[offset + PACKET_BYTES_OFFSET + 1]!;

export const packetTypeAt = (bytes: Buffer, offset: number): number => bytes[offset + TYPE_OFFSET]!;

/** Writes the header of a packet and returns the packet's bytes on the wire. */
export function writePacketHeader(
  view: DataView,
  offset: number,
  type: number,
  payloadBytes: number,
): number {
  view.setUint16(offset + PACKET_BYTES_OFFSET, TYPE_BYTES + payloadBytes);
  view.setUint8(offset + TYPE_OFFSET, type);
  return PACKET_HEADER_BYTES + payloadBytes;
}
