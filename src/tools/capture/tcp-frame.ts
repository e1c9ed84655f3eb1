// Frames that a network could have carried: Ethernet, IP and TCP with lengths and checksums as they must be.

import {
  ETHER_TYPE,
  ETHER_TYPE_OFFSET,
  ETHERNET_HEADER_BYTES,
  IP_PROTOCOL_TCP,
  IP_VERSION_OFFSET,
  IP4_ADDRESS_BYTES,
  IP4_CHECKSUM_OFFSET,
  IP4_HEADER_BYTES,
  IP4_ID_OFFSET,
  IP4_LIFE_OFFSET,
  IP4_PROTOCOL_OFFSET,
  IP4_SOURCE_OFFSET,
  IP4_TARGET_OFFSET,
  IP4_TOTAL_BYTES_OFFSET,
  IP6_HEADER_BYTES,
  IP6_LIFE_OFFSET,
  IP6_PAYLOAD_BYTES_OFFSET,
  IP6_PROTOCOL_OFFSET,
  IP6_SOURCE_OFFSET,
  IP6_TARGET_OFFSET,
  TCP_ACK_OFFSET,
  TCP_CHECKSUM_OFFSET,
  TCP_FLAGS_OFFSET,
  TCP_HEADER_BYTES,
  TCP_SEQUENCE_OFFSET,
  TCP_SOURCE_OFFSET,
  TCP_TARGET_OFFSET,
  TCP_WINDOW_OFFSET,
  TCP_WORDS_OFFSET,
} from "./frame-layout.ts";

export interface TcpEnd {
  /** 4 or 16 bytes. */
  readonly address: Buffer;
  readonly port: number;
  /** The sequence number of its next byte. */
  next: number;
}

const HOPS = 64;
const WINDOW = 0xffff;
const IP4_VERSION_AND_WORDS = 0x40 | (IP4_HEADER_BYTES / 4);
const IP6_VERSION = 0x60;

/** One segment, both ends of one family; `acknowledges`: the flag is set and says what the target sent so far. */
export function tcpFrame(
  source: TcpEnd,
  target: TcpEnd,
  flags: number,
  acknowledges: boolean,
  payload: Buffer,
  packetId: number,
): Buffer {
  const isIp4 = source.address.length === IP4_ADDRESS_BYTES;
  const ipBytes = isIp4 ? IP4_HEADER_BYTES : IP6_HEADER_BYTES;
  const frame = Buffer.alloc(ETHERNET_HEADER_BYTES + ipBytes + TCP_HEADER_BYTES + payload.length);
  frame.writeUInt16BE(isIp4 ? ETHER_TYPE.IPV4 : ETHER_TYPE.IPV6, ETHER_TYPE_OFFSET);
  const ip = frame.subarray(ETHERNET_HEADER_BYTES);
  const tcp = ip.subarray(ipBytes);
  if (isIp4) {
    ip.writeUInt8(IP4_VERSION_AND_WORDS, IP_VERSION_OFFSET);
    ip.writeUInt16BE(ip.length, IP4_TOTAL_BYTES_OFFSET);
    ip.writeUInt16BE(packetId & 0xffff, IP4_ID_OFFSET);
    ip.writeUInt8(HOPS, IP4_LIFE_OFFSET);
    ip.writeUInt8(IP_PROTOCOL_TCP, IP4_PROTOCOL_OFFSET);
    ip.set(source.address, IP4_SOURCE_OFFSET);
    ip.set(target.address, IP4_TARGET_OFFSET);
    ip.writeUInt16BE(checksum(ip.subarray(0, ipBytes), 0), IP4_CHECKSUM_OFFSET);
  } else {
    ip.writeUInt8(IP6_VERSION, IP_VERSION_OFFSET);
    ip.writeUInt16BE(tcp.length, IP6_PAYLOAD_BYTES_OFFSET);
    ip.writeUInt8(IP_PROTOCOL_TCP, IP6_PROTOCOL_OFFSET);
    ip.writeUInt8(HOPS, IP6_LIFE_OFFSET);
    ip.set(source.address, IP6_SOURCE_OFFSET);
    ip.set(target.address, IP6_TARGET_OFFSET);
  }
  tcp.writeUInt16BE(source.port, TCP_SOURCE_OFFSET);
  tcp.writeUInt16BE(target.port, TCP_TARGET_OFFSET);
  tcp.writeUInt32BE(source.next, TCP_SEQUENCE_OFFSET);
  tcp.writeUInt32BE(acknowledges ? target.next : 0, TCP_ACK_OFFSET);
  tcp.writeUInt8((TCP_HEADER_BYTES / 4) << 4, TCP_WORDS_OFFSET);
  tcp.writeUInt8(flags, TCP_FLAGS_OFFSET);
  tcp.writeUInt16BE(WINDOW, TCP_WINDOW_OFFSET);
  tcp.set(payload, TCP_HEADER_BYTES);
  // The pseudo header: both addresses, the protocol and the length.
  const addresses = sumWords(source.address) + sumWords(target.address);
  const pseudo = addresses + IP_PROTOCOL_TCP + tcp.length;
  tcp.writeUInt16BE(checksum(tcp, pseudo), TCP_CHECKSUM_OFFSET);
  return frame;
}

function sumWords(bytes: Buffer): number {
  let sum = 0;
  for (let offset = 0; offset < bytes.length; offset += 2) {
    sum += (bytes.readUInt8(offset) << 8) | (bytes[offset + 1] ?? 0);
  }
  return sum;
}

function checksum(bytes: Buffer, start: number): number {
  let sum = start + sumWords(bytes);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
