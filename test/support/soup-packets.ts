// SoupBinTCP packets as a client sends and reads them, for tests.

import {
  LOGIN_REQUEST_PACKET_BYTES_MAX,
  type LoginFields,
  writeLoginRequest,
} from "../../src/protocol/soupbintcp/login-request.ts";
import {
  packetBytesAt,
  packetTypeAt,
  wireBytes,
} from "../../src/protocol/soupbintcp/packet-header.ts";

export const packet = (type: string, payload: Buffer | string = ""): Buffer => {
  const body = Buffer.from(payload as string, "latin1");
  const head = Buffer.alloc(3);
  head.writeUInt16BE(1 + body.length);
  head.write(type, 2, "latin1");
  return Buffer.concat([head, body]);
};

export const login = (fields: Partial<LoginFields> = {}): Buffer => {
  const bytes = Buffer.alloc(LOGIN_REQUEST_PACKET_BYTES_MAX);
  const length = writeLoginRequest(new DataView(bytes.buffer, bytes.byteOffset), 0, {
    userName: "ALICE",
    password: "DEMO",
    requestedSession: "",
    requestedSequence: 1,
    ...fields,
  });
  return bytes.subarray(0, length);
};

/** "S:text" for each whole packet. Anything behind the last one is "rest:hex". */
export function packetsIn(bytes: Buffer): string[] {
  const found: string[] = [];
  let offset = 0;
  while (bytes.length - offset >= 3) {
    const next = offset + wireBytes(packetBytesAt(bytes, offset));
    if (next > bytes.length) break;
    const type = String.fromCharCode(packetTypeAt(bytes, offset));
    found.push(`${type}:${bytes.toString("latin1", offset + 3, next)}`);
    offset = next;
  }
  if (offset < bytes.length) found.push(`rest:${bytes.toString("hex", offset)}`);
  return found;
}
