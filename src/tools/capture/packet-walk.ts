// Recognizes SoupBinTCP with OUCH 5.0 in bytes that begin anywhere: whose side it is, and where a packet starts.

import { INBOUND_MESSAGES } from "../../protocol/ouch/inbound-messages.ts";
import { TYPE_OFFSET } from "../../protocol/ouch/message-header.ts";
import { OUTBOUND_MESSAGES } from "../../protocol/ouch/outbound-messages.ts";
import { LOGIN_ACCEPTED_BYTES } from "../../protocol/soupbintcp/login-accepted.ts";
import { LOGIN_REJECTED_BYTES } from "../../protocol/soupbintcp/login-rejected.ts";
import { isLoginRequestBytes } from "../../protocol/soupbintcp/login-request.ts";
import {
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

export type Direction = "in" | "out";

/** Neither protocol has longer ones, debug text aside. */
const PACKET_BYTES_MAX = 4096;
const MESSAGE_BYTES_MAX = 512;

const sizesOf = (messages: typeof INBOUND_MESSAGES): ReadonlyMap<number, number> =>
  new Map(messages.map(({ type, fixedBytes }) => [type, fixedBytes]));
const MESSAGE_BYTES = { in: sizesOf(INBOUND_MESSAGES), out: sizesOf(OUTBOUND_MESSAGES) } as const;

/** Whether a packet of that type may have a payload of that size. */
function isPayloadBytes(direction: Direction, type: number, payloadBytes: number): boolean {
  if (type === DEBUG) return true;
  if (direction === "in") {
    if (type === CLIENT_LOGIN_REQUEST) return isLoginRequestBytes(payloadBytes);
    if (type === CLIENT_UNSEQUENCED) return payloadBytes > 0 && payloadBytes <= MESSAGE_BYTES_MAX;
    return (type === CLIENT_HEARTBEAT || type === CLIENT_LOGOUT) && payloadBytes === 0;
  }
  if (type === SERVER_SEQUENCED) return payloadBytes > 0 && payloadBytes <= MESSAGE_BYTES_MAX;
  if (type === SERVER_LOGIN_ACCEPTED) return payloadBytes === LOGIN_ACCEPTED_BYTES;
  if (type === SERVER_LOGIN_REJECTED) return payloadBytes === LOGIN_REJECTED_BYTES;
  const isEmpty = type === SERVER_HEARTBEAT || type === SERVER_END_OF_SESSION;
  return isEmpty && payloadBytes === 0;
}

/** From `start` on: how many whole packets of that direction, or -1 when something is none; how many have a payload. */
function walk(bytes: Buffer, start: number, direction: Direction): { whole: number; full: number } {
  let whole = 0;
  let full = 0;
  let offset = start;
  while (bytes.length - offset >= PACKET_HEADER_BYTES) {
    const packetBytes = packetBytesAt(bytes, offset);
    const type = packetTypeAt(bytes, offset);
    const payloadBytes = packetBytes - (PACKET_HEADER_BYTES - wireBytes(0));
    const isPossible = packetBytes > 0 && packetBytes <= PACKET_BYTES_MAX;
    if (!isPossible || !isPayloadBytes(direction, type, payloadBytes)) return { whole: -1, full };
    const payloadOffset = offset + PACKET_HEADER_BYTES;
    if (type === CLIENT_UNSEQUENCED || type === SERVER_SEQUENCED) {
      if (payloadOffset >= bytes.length) break;
      const fixedBytes = MESSAGE_BYTES[direction].get(bytes.readUInt8(payloadOffset + TYPE_OFFSET));
      if (fixedBytes === undefined || fixedBytes > payloadBytes) return { whole: -1, full };
    }
    offset = payloadOffset + payloadBytes;
    if (offset > bytes.length) break;
    whole++;
    if (payloadBytes > 0) full++;
  }
  return { whole, full };
}

/** Whether the bytes begin with a packet of that direction, and go on so. */
export const isPackets = (bytes: Buffer, direction: Direction): boolean =>
  walk(bytes, 0, direction).whole > 0;

/** Where the first packet of a stream starts that is seen from somewhere on; -1 = there is none to be sure of yet. */
export function findPacketStart(bytes: Buffer, direction: Direction): number {
  const { whole } = walk(bytes, 0, direction);
  if (whole > 0) return 0;
  // The first one may be on its way.
  if (whole === 0) return -1;
  for (let offset = 1; offset + PACKET_HEADER_BYTES <= bytes.length; offset++) {
    const found = walk(bytes, offset, direction);
    // Three bytes of a heartbeat may well stand in a message.
    if (found.whole > 1 || (found.whole > 0 && found.full > 0)) return offset;
  }
  return -1;
}

/** Packets with a payload from the first start on: 0 when there is none, or something behind it is no packet. */
export function fullPacketsIn(bytes: Buffer, direction: Direction): number {
  const start = findPacketStart(bytes, direction);
  return start < 0 ? 0 : walk(bytes, start, direction).full;
}
