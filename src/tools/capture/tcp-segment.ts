// Finds the TCP segment in a captured frame.

import type { CapturedPacket } from "./captured-packet.ts";
import {
  ETHER_TYPE,
  ETHER_TYPE_BYTES,
  ETHER_TYPE_OFFSET,
  IP_PROTOCOL_TCP,
  IP_VERSION_OFFSET,
  IP4_ADDRESS_BYTES,
  IP4_FRAGMENT_MASK,
  IP4_FRAGMENT_OFFSET,
  IP4_HEADER_BYTES,
  IP4_PROTOCOL_OFFSET,
  IP4_SOURCE_OFFSET,
  IP4_TARGET_OFFSET,
  IP4_TOTAL_BYTES_OFFSET,
  IP6_ADDRESS_BYTES,
  IP6_AUTHENTICATION,
  IP6_EXTENSION_BYTES_MIN,
  IP6_EXTENSION_LENGTH_OFFSET,
  IP6_EXTENSIONS,
  IP6_FRAGMENT,
  IP6_FRAGMENT_FIELD_OFFSET,
  IP6_FRAGMENT_MASK,
  IP6_HEADER_BYTES,
  IP6_PAYLOAD_BYTES_OFFSET,
  IP6_PROTOCOL_OFFSET,
  IP6_SOURCE_OFFSET,
  IP6_TARGET_OFFSET,
  LINK_TYPE,
  NULL_HEADER_BYTES,
  SLL_TYPE_OFFSET,
  SLL2_HEADER_BYTES,
  SLL2_TYPE_OFFSET,
  TCP_ACK_OFFSET,
  TCP_FLAGS_OFFSET,
  TCP_HEADER_BYTES,
  TCP_SEQUENCE_OFFSET,
  TCP_SOURCE_OFFSET,
  TCP_TARGET_OFFSET,
  TCP_WORDS_OFFSET,
  VLAN_BYTES,
  VLAN_TYPES,
} from "./frame-layout.ts";

export interface TcpSegment {
  /** Address and port of an end, as a key: their bytes. See endText(). */
  readonly source: string;
  readonly target: string;
  readonly sequence: number;
  readonly ack: number;
  readonly flags: number;
  /** What was kept of the payload. Valid as long as the packet is. */
  readonly payload: Buffer;
  /** Bytes behind it that the capture cut off. */
  readonly missingBytes: number;
}

/** Why a packet is not used. */
export const NO_SEGMENT = {
  UNKNOWN_LINK: "link",
  /** Not IP, or not TCP. */
  OTHER: "other",
  FRAGMENT: "fragment",
  /** Too short for its own headers. */
  CUT_OFF: "cut off",
} as const;
export type NoSegment = (typeof NO_SEGMENT)[keyof typeof NO_SEGMENT];

const { UNKNOWN_LINK, OTHER, FRAGMENT, CUT_OFF } = NO_SEGMENT;
const PORT_BYTES = 2;

export function tcpSegmentOf({ linkType, bytes }: CapturedPacket): TcpSegment | NoSegment {
  const ipOffset = ipOffsetOf(linkType, bytes);
  if (typeof ipOffset !== "number") return ipOffset;
  if (ipOffset >= bytes.length) return CUT_OFF;
  const version = bytes.readUInt8(ipOffset + IP_VERSION_OFFSET) >> 4;
  const packet = bytes.subarray(ipOffset);
  if (version === 4) return segmentInIp4(packet);
  if (version === 6) return segmentInIp6(packet);
  return OTHER;
}

function ipOffsetOf(linkType: number, bytes: Buffer): number | NoSegment {
  switch (linkType) {
    case LINK_TYPE.ETHERNET:
      return behindTypes(bytes, ETHER_TYPE_OFFSET);
    case LINK_TYPE.LINUX_SLL:
      return behindTypes(bytes, SLL_TYPE_OFFSET);
    case LINK_TYPE.LINUX_SLL2: {
      if (bytes.length < SLL2_HEADER_BYTES) return CUT_OFF;
      const type = bytes.readUInt16BE(SLL2_TYPE_OFFSET);
      if (VLAN_TYPES.includes(type)) {
        return behindTypes(bytes, SLL2_HEADER_BYTES + VLAN_BYTES - ETHER_TYPE_BYTES);
      }
      return isIp(type) ? SLL2_HEADER_BYTES : OTHER;
    }
    case LINK_TYPE.NULL:
    case LINK_TYPE.LOOP:
      return NULL_HEADER_BYTES;
    case LINK_TYPE.RAW:
    case LINK_TYPE.RAW_BSD:
    case LINK_TYPE.RAW_OPENBSD:
    case LINK_TYPE.IPV4:
    case LINK_TYPE.IPV6:
      return 0;
    default:
      return UNKNOWN_LINK;
  }
}

const isIp = (type: number): boolean => type === ETHER_TYPE.IPV4 || type === ETHER_TYPE.IPV6;

/** An Ethernet type, perhaps behind VLAN tags, and then the packet. */
function behindTypes(bytes: Buffer, firstOffset: number): number | NoSegment {
  for (let offset = firstOffset; offset + ETHER_TYPE_BYTES <= bytes.length; offset += VLAN_BYTES) {
    const type = bytes.readUInt16BE(offset);
    if (isIp(type)) return offset + ETHER_TYPE_BYTES;
    if (!VLAN_TYPES.includes(type)) return OTHER;
  }
  return CUT_OFF;
}

function segmentInIp4(packet: Buffer): TcpSegment | NoSegment {
  if (packet.length < IP4_HEADER_BYTES) return CUT_OFF;
  const headerBytes = (packet.readUInt8(IP_VERSION_OFFSET) & 0x0f) * 4;
  if (headerBytes < IP4_HEADER_BYTES) return OTHER;
  if (packet.readUInt8(IP4_PROTOCOL_OFFSET) !== IP_PROTOCOL_TCP) return OTHER;
  if ((packet.readUInt16BE(IP4_FRAGMENT_OFFSET) & IP4_FRAGMENT_MASK) !== 0) return FRAGMENT;
  // A capture before the network card cuts a large write into packets has lengths that do not fit: then 0.
  const end = packet.readUInt16BE(IP4_TOTAL_BYTES_OFFSET) || packet.length;
  const address = IP4_ADDRESS_BYTES;
  return segmentAt(packet, headerBytes, end, IP4_SOURCE_OFFSET, IP4_TARGET_OFFSET, address);
}

function segmentInIp6(packet: Buffer): TcpSegment | NoSegment {
  if (packet.length < IP6_HEADER_BYTES) return CUT_OFF;
  const payloadBytes = packet.readUInt16BE(IP6_PAYLOAD_BYTES_OFFSET);
  const end = payloadBytes === 0 ? packet.length : IP6_HEADER_BYTES + payloadBytes;
  let protocol = packet.readUInt8(IP6_PROTOCOL_OFFSET);
  let offset = IP6_HEADER_BYTES;
  while (protocol !== IP_PROTOCOL_TCP) {
    const isFragment = protocol === IP6_FRAGMENT;
    const isAuthentication = protocol === IP6_AUTHENTICATION;
    if (!isFragment && !isAuthentication && !IP6_EXTENSIONS.includes(protocol)) return OTHER;
    if (offset + IP6_EXTENSION_BYTES_MIN > packet.length) return CUT_OFF;
    const field = packet.readUInt16BE(offset + IP6_FRAGMENT_FIELD_OFFSET);
    if (isFragment && (field & IP6_FRAGMENT_MASK) !== 0) return FRAGMENT;
    protocol = packet.readUInt8(offset);
    const length = packet.readUInt8(offset + IP6_EXTENSION_LENGTH_OFFSET);
    if (isAuthentication) offset += (length + 2) * 4;
    else offset += isFragment ? IP6_EXTENSION_BYTES_MIN : (length + 1) * IP6_EXTENSION_BYTES_MIN;
  }
  const address = IP6_ADDRESS_BYTES;
  return segmentAt(packet, offset, end, IP6_SOURCE_OFFSET, IP6_TARGET_OFFSET, address);
}

function segmentAt(
  packet: Buffer,
  tcpOffset: number,
  end: number,
  sourceOffset: number,
  targetOffset: number,
  addressBytes: number,
): TcpSegment | NoSegment {
  if (tcpOffset + TCP_HEADER_BYTES > Math.min(packet.length, end)) return CUT_OFF;
  const headerBytes = (packet.readUInt8(tcpOffset + TCP_WORDS_OFFSET) >> 4) * 4;
  const payloadOffset = tcpOffset + headerBytes;
  if (headerBytes < TCP_HEADER_BYTES || payloadOffset > end) return CUT_OFF;
  const endOf = (addressOffset: number, portOffset: number): string =>
    packet.toString("latin1", addressOffset, addressOffset + addressBytes) +
    packet.toString("latin1", tcpOffset + portOffset, tcpOffset + portOffset + PORT_BYTES);
  // Ethernet's padding stands behind the segment; a capture with a limit ends before its end.
  const payload = packet.subarray(Math.min(payloadOffset, packet.length), end);
  return {
    source: endOf(sourceOffset, TCP_SOURCE_OFFSET),
    target: endOf(targetOffset, TCP_TARGET_OFFSET),
    sequence: packet.readUInt32BE(tcpOffset + TCP_SEQUENCE_OFFSET),
    ack: packet.readUInt32BE(tcpOffset + TCP_ACK_OFFSET),
    flags: packet.readUInt8(tcpOffset + TCP_FLAGS_OFFSET),
    payload,
    missingBytes: end - payloadOffset - payload.length,
  };
}

export const portOf = (end: string): number =>
  (end.charCodeAt(end.length - 2) << 8) | end.charCodeAt(end.length - 1);

/** The address of an end as people write it. */
export function addressOf(end: string): string {
  const bytes = Buffer.from(end.slice(0, -PORT_BYTES), "latin1");
  if (bytes.length === IP4_ADDRESS_BYTES) return bytes.join(".");
  const words = Array.from({ length: IP6_ADDRESS_BYTES / 2 }, (_, index) =>
    bytes.readUInt16BE(index * 2).toString(16),
  );
  return new URL(`http://[${words.join(":")}]`).hostname.slice(1, -1);
}

/** "127.0.0.1:26400", "[::1]:26400" */
export function endText(end: string): string {
  const address = addressOf(end);
  return `${address.includes(":") ? `[${address}]` : address}:${portOf(end)}`;
}
