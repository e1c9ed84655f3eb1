// Unsequenced Data, client → server: one OUCH inbound message.

import { PACKET_HEADER_BYTES, writePacketHeader } from "./packet-header.ts";
import { CLIENT_UNSEQUENCED } from "./packet-type.ts";

export const UNSEQUENCED_HEADER_BYTES = PACKET_HEADER_BYTES;

/** The message follows the header. Returns the packet's bytes on the wire. */
export const writeUnsequencedHeader = (
  view: DataView,
  offset: number,
  messageBytes: number,
): number => writePacketHeader(view, offset, CLIENT_UNSEQUENCED, messageBytes);
