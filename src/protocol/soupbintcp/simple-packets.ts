// Packets without a payload.

import { PACKET_HEADER_BYTES, writePacketHeader } from "./packet-header.ts";
import {
  CLIENT_HEARTBEAT,
  CLIENT_LOGOUT,
  SERVER_END_OF_SESSION,
  SERVER_HEARTBEAT,
} from "./packet-type.ts";

export const SIMPLE_PACKET_BYTES = PACKET_HEADER_BYTES;

/** Each writes a whole packet and returns its bytes on the wire. */
export const writeServerHeartbeat = (view: DataView, offset: number): number =>
  writePacketHeader(view, offset, SERVER_HEARTBEAT, 0);

export const writeEndOfSession = (view: DataView, offset: number): number =>
  writePacketHeader(view, offset, SERVER_END_OF_SESSION, 0);

export const writeClientHeartbeat = (view: DataView, offset: number): number =>
  writePacketHeader(view, offset, CLIENT_HEARTBEAT, 0);

export const writeLogout = (view: DataView, offset: number): number =>
  writePacketHeader(view, offset, CLIENT_LOGOUT, 0);
