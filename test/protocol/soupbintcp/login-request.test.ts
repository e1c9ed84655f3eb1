import assert from "node:assert/strict";
import { test } from "node:test";
import {
  isLoginRequestBytes,
  LOGIN_REQUEST_410_BYTES,
  LOGIN_REQUEST_BYTES,
  LOGIN_REQUEST_PACKET_BYTES_MAX,
  LoginRequest,
  writeLoginRequest,
} from "../../../src/protocol/soupbintcp/login-request.ts";
import { PACKET_HEADER_BYTES } from "../../../src/protocol/soupbintcp/packet-header.ts";
import { bytesOf, hexOf, viewOf, withoutSpaces } from "../../support/hex.ts";
import { randomBytes } from "../../support/random-cases.ts";
import { fuzzSeed, SeededRandom } from "../../support/seeded-random.ts";
import { PACKET_VECTORS } from "../../vectors/soupbintcp.ts";

const fieldsOf = (packet: Buffer): object => {
  const payloadBytes = packet.length - PACKET_HEADER_BYTES;
  const login = new LoginRequest().wrap(viewOf(packet), PACKET_HEADER_BYTES, payloadBytes);
  const { userName, password, requestedSession, requestedSequence, heartbeatTimeoutMs } = login;
  return { userName, password, requestedSession, requestedSequence, heartbeatTimeoutMs };
};

/** A login of version 3.00 whose four fields are exactly these bytes. */
const loginOf = (userName: string, password: string, session: string, sequence: string): Buffer => {
  assert.equal(`${userName}${password}${session}${sequence}`.length, LOGIN_REQUEST_BYTES);
  return Buffer.from(`\0\x2fL${userName}${password}${session}${sequence}`, "latin1");
};

const EXPECTED = {
  login: {
    userName: "user1",
    password: "secret",
    requestedSession: "",
    requestedSequence: 1,
    heartbeatTimeoutMs: 0,
  },
  loginResume: {
    userName: "user1",
    password: "secret",
    requestedSession: "SESS01",
    requestedSequence: 42,
    heartbeatTimeoutMs: 0,
  },
  login410: {
    userName: "user1",
    password: "secret",
    requestedSession: "",
    requestedSequence: 0,
    heartbeatTimeoutMs: 5000,
  },
} as const;

for (const name of ["login", "loginResume", "login410"] as const) {
  test(`${name} reads and writes as its bytes`, () => {
    const packet = bytesOf(PACKET_VECTORS[name]);
    assert.deepEqual(fieldsOf(packet), EXPECTED[name]);

    const { heartbeatTimeoutMs, ...login } = EXPECTED[name];
    const view = new DataView(new ArrayBuffer(LOGIN_REQUEST_PACKET_BYTES_MAX + 1));
    const written = writeLoginRequest(
      view,
      1,
      heartbeatTimeoutMs === 0 ? login : { ...login, heartbeatTimeoutMs },
    );
    assert.equal(hexOf(view, 1, 1 + written), withoutSpaces(PACKET_VECTORS[name]));
  });
}

test("a login has 46 bytes, or 51 with a heartbeat timeout, and no other size", () => {
  assert.equal(LOGIN_REQUEST_BYTES, 46);
  assert.equal(LOGIN_REQUEST_410_BYTES, 51);
  const sizes = Array.from({ length: 80 }, (_, bytes) => bytes).filter(isLoginRequestBytes);
  assert.deepEqual(sizes, [46, 51]);
});

test("fields are padded on either side, with spaces or with NUL", () => {
  const right = loginOf("USER  ", "PASS\0\0\0\0\0\0", "S1        ", "7".padEnd(20));
  const left = loginOf("\0\0USER", "      PASS", "\0\0\0 \0\0\0\0S1", "7".padStart(20, "\0"));
  for (const packet of [right, left]) {
    assert.deepEqual(fieldsOf(packet), {
      userName: "USER",
      password: "PASS",
      requestedSession: "S1",
      requestedSequence: 7,
      heartbeatTimeoutMs: 0,
    });
  }
});

test("a password keeps the spaces within it", () => {
  const packet = loginOf("USER  ", "  a b c   ", " ".repeat(10), "1".padStart(20));
  assert.deepEqual(new LoginRequest().wrap(viewOf(packet), PACKET_HEADER_BYTES).password, "a b c");
});

const sequences: readonly (readonly [string, number])[] = [
  ["", -1],
  ["0", 0],
  ["00000000000000000001", 1],
  ["9007199254740991", Number.MAX_SAFE_INTEGER],
  ["9007199254740992", Number.MAX_SAFE_INTEGER],
  ["99999999999999999999", Number.MAX_SAFE_INTEGER],
  ["-1", -1],
  ["+1", -1],
  ["1 2", -1],
  ["1.0", -1],
  ["1e3", -1],
  ["0x10", -1],
  ["\xb2", -1],
];
for (const [text, expected] of sequences) {
  test(`requested sequence ${JSON.stringify(text)} reads as ${expected}`, () => {
    const packet = loginOf("USER  ", "PASSWORD  ", " ".repeat(10), text.padStart(20));
    const login = new LoginRequest().wrap(viewOf(packet), PACKET_HEADER_BYTES);
    assert.equal(login.requestedSequence, expected);
  });
}

test("a heartbeat timeout that is no number says so", () => {
  const packet = bytesOf(PACKET_VECTORS.login410);
  packet.write("  5s ", PACKET_HEADER_BYTES + LOGIN_REQUEST_BYTES, "latin1");
  const login = new LoginRequest().wrap(viewOf(packet), PACKET_HEADER_BYTES, 51);
  assert.equal(login.heartbeatTimeoutMs, -1);
});

test("a wiped password is gone and the rest stays", () => {
  const packet = bytesOf(PACKET_VECTORS.loginResume);
  new LoginRequest().wrap(viewOf(packet), PACKET_HEADER_BYTES).wipePassword();
  assert.deepEqual(fieldsOf(packet), { ...EXPECTED.loginResume, password: "" });
  assert.ok(!packet.includes("secret"));
});

const seed = fuzzSeed();
test(`any 46 bytes are a login (FUZZ_SEED=${seed})`, () => {
  const random = new SeededRandom(seed);
  for (let round = 0; round < 2_000; round++) {
    const payload = randomBytes(random, LOGIN_REQUEST_BYTES);
    const login = new LoginRequest().wrap(viewOf(payload), 0);
    assert.ok(login.userName.length <= 6);
    assert.ok(login.password.length <= 10);
    assert.ok(login.requestedSession.length <= 10);
    assert.ok(Number.isSafeInteger(login.requestedSequence), `round ${round}`);
  }
});
