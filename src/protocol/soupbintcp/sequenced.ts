// Sequenced Data, server → client: one OUCH outbound message. Its number is counted, never sent.

import { PACKET_HEADER_BYTES, writePacketHeader } from "./packet-header.ts";
import { SERVER_SEQUENCED } from "./packet-type.ts";

export const SEQUENCED_HEADER_BYTES = PACKET_HEADER_BYTES;

/** The message follows the header. Returns the packet's bytes on the wire. */
export const writeSequencedHeader = (
  view: DataView,
  offset: number,
  messageBytes: number,
): number => writePacketHeader(view, offset, SERVER_SEQUENCED, messageBytes);
