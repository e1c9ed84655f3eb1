// The packets that are written whole and have little or nothing to read.

import assert from "node:assert/strict";
import { test } from "node:test";
import { writeDebug } from "../../../src/protocol/soupbintcp/debug.ts";
import {
  LOGIN_ACCEPTED_PACKET_BYTES,
  LoginAccepted,
  writeLoginAccepted,
} from "../../../src/protocol/soupbintcp/login-accepted.ts";
import {
  LOGIN_REJECT_REASON,
  LOGIN_REJECTED_PACKET_BYTES,
  LoginRejected,
  writeLoginRejected,
} from "../../../src/protocol/soupbintcp/login-rejected.ts";
import { PACKET_HEADER_BYTES } from "../../../src/protocol/soupbintcp/packet-header.ts";
import {
  SEQUENCED_HEADER_BYTES,
  writeSequencedHeader,
} from "../../../src/protocol/soupbintcp/sequenced.ts";
import {
  SIMPLE_PACKET_BYTES,
  writeClientHeartbeat,
  writeEndOfSession,
  writeLogout,
  writeServerHeartbeat,
} from "../../../src/protocol/soupbintcp/simple-packets.ts";
import {
  UNSEQUENCED_HEADER_BYTES,
  writeUnsequencedHeader,
} from "../../../src/protocol/soupbintcp/unsequenced.ts";
import { bytesOf, hexOf, viewOf, withoutSpaces } from "../../support/hex.ts";
import { OUTBOUND_VECTORS } from "../../vectors/ouch50.ts";
import { PACKET_VECTORS } from "../../vectors/soupbintcp.ts";

/** Where packets are written, so that an offset that was forgotten is found. */
const OFFSET = 3;

function checkWritten(write: (view: DataView, offset: number) => number, vector: string): void {
  const view = viewOf(Buffer.alloc(64, 0xee));
  const end = OFFSET + write(view, OFFSET);
  const untouched = "ee".repeat(view.byteLength - end);
  assert.equal(hexOf(view), `eeeeee${withoutSpaces(vector)}${untouched}`);
}

test("packets without payload are written as their bytes", () => {
  checkWritten(writeServerHeartbeat, PACKET_VECTORS.serverHeartbeat);
  checkWritten(writeClientHeartbeat, PACKET_VECTORS.clientHeartbeat);
  checkWritten(writeLogout, PACKET_VECTORS.logout);
  checkWritten(writeEndOfSession, PACKET_VECTORS.endOfSession);
  assert.equal(SIMPLE_PACKET_BYTES, 3);
});

test("Login Accepted is padded on the left", () => {
  checkWritten(
    (view, offset) => writeLoginAccepted(view, offset, "SESS01", 1),
    PACKET_VECTORS.loginAccepted,
  );
  assert.equal(LOGIN_ACCEPTED_PACKET_BYTES, 33);
});

test("Login Accepted reads as it was written, up to the largest number", () => {
  const view = new DataView(new ArrayBuffer(LOGIN_ACCEPTED_PACKET_BYTES));
  writeLoginAccepted(view, 0, "20261121AB", Number.MAX_SAFE_INTEGER);
  const answer = new LoginAccepted().wrap(view, PACKET_HEADER_BYTES);
  assert.equal(answer.session, "20261121AB");
  assert.equal(answer.sequence, Number.MAX_SAFE_INTEGER);
});

test("Login Accepted of a server that pads on the right is read too", () => {
  const payload = Buffer.from(`${"S1".padEnd(10)}${"12".padEnd(20)}`, "latin1");
  const answer = new LoginAccepted().wrap(viewOf(payload), 0);
  assert.equal(answer.session, "S1");
  assert.equal(answer.sequence, 12);
});

test("Login Rejected carries one of its two reasons", () => {
  const { NOT_AUTHORIZED, SESSION_NOT_AVAILABLE } = LOGIN_REJECT_REASON;
  checkWritten(
    (view, offset) => writeLoginRejected(view, offset, NOT_AUTHORIZED),
    PACKET_VECTORS.loginNotAuthorized,
  );
  checkWritten(
    (view, offset) => writeLoginRejected(view, offset, SESSION_NOT_AVAILABLE),
    PACKET_VECTORS.loginNoSession,
  );
  assert.equal(LOGIN_REJECTED_PACKET_BYTES, 4);
  const packet = bytesOf(PACKET_VECTORS.loginNoSession);
  const answer = new LoginRejected().wrap(viewOf(packet), PACKET_HEADER_BYTES);
  assert.equal(answer.reason, SESSION_NOT_AVAILABLE);
});

test("data packets are a header and the message behind it", () => {
  const message = bytesOf(OUTBOUND_VECTORS.startOfDay);
  checkWritten((view, offset) => {
    Buffer.from(view.buffer).set(message, offset + SEQUENCED_HEADER_BYTES);
    return writeSequencedHeader(view, offset, message.length);
  }, PACKET_VECTORS.sequencedStartOfDay);
  checkWritten((view, offset) => {
    view.setUint8(offset + UNSEQUENCED_HEADER_BYTES, 0x51);
    return writeUnsequencedHeader(view, offset, 1);
  }, PACKET_VECTORS.unsequencedQuery);
});

const writeText = (text: string, textBytesMax: number) => (view: DataView, offset: number) =>
  writeDebug(Buffer.from(view.buffer), view, offset, text, textBytesMax);

test("Debug is written as its bytes", () => {
  checkWritten(writeText("hello", 100), PACKET_VECTORS.debugHello);
  checkWritten(writeText("", 100), "0001 2b");
});

test("a long Debug text is cut where the caller or the buffer ends", () => {
  checkWritten(writeText("hello, world", 5), PACKET_VECTORS.debugHello);
  const view = viewOf(Buffer.alloc(8));
  const bytes = Buffer.from(view.buffer);
  assert.equal(writeDebug(bytes, view, 0, "hello, world", 100), 8);
  assert.equal(hexOf(view), withoutSpaces(PACKET_VECTORS.debugHello));
});

test("Debug carries ASCII only, so that a peer's bytes cannot write lines of their own", () => {
  checkWritten(writeText("a\nb\x7fé", 100), "0006 2b 61 3f 62 3f 3f");
});
