import assert from "node:assert/strict";
import { test } from "node:test";
import { LoginBlanker } from "../../src/capture/login-blanker.ts";
import { writeLoginRequest } from "../../src/protocol/soupbintcp/login-request.ts";
import { fuzzSeed, SeededRandom } from "../support/seeded-random.ts";

const PASSWORD = "pAsSwOrD~!";

function loginPacket(password = PASSWORD, heartbeatTimeoutMs?: number): Buffer {
  const bytes = Buffer.alloc(100);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const fields = { userName: "ALICE", password, requestedSession: "", requestedSequence: 0 };
  const timeout = heartbeatTimeoutMs === undefined ? {} : { heartbeatTimeoutMs };
  return bytes.subarray(0, writeLoginRequest(view, 0, { ...fields, ...timeout }));
}
function packet(type: string, payload: Buffer | string): Buffer {
  const body = Buffer.from(payload);
  const header = Buffer.from([0, 0, type.charCodeAt(0)]);
  header.writeUInt16BE(body.length + 1);
  return Buffer.concat([header, body]);
}
/** The stream as it is kept when it comes in these pieces. */
function keptOf(stream: Buffer, cuts: readonly number[] = [], isLoggedIn = false): Buffer {
  const blanker = new LoginBlanker({ isLoggedIn });
  const kept = Buffer.from(stream);
  let start = 0;
  for (const cut of [...cuts, stream.length]) {
    blanker.blank(kept, start, cut);
    start = cut;
  }
  return kept;
}
const blanked = (stream: Buffer, password = PASSWORD): Buffer =>
  Buffer.from(
    stream.toString("latin1").replaceAll(password, " ".repeat(password.length)),
    "latin1",
  );

test("of a login the password is blanked and nothing else, wherever it is cut in two or three", () => {
  for (const login of [loginPacket(), loginPacket(PASSWORD, 5000)]) {
    const stream = Buffer.concat([login, packet("U", "an order"), packet("R", "")]);
    const expected = blanked(stream);
    assert.notDeepEqual(stream, expected);
    for (let first = 0; first <= stream.length; first++) {
      assert.deepEqual(keptOf(stream, [first]), expected, `cut at ${first}`);
      for (let second = first; second <= login.length; second++) {
        assert.deepEqual(
          keptOf(stream, [first, second]),
          expected,
          `cut at ${first} and ${second}`,
        );
      }
    }
  }
});

test("a second login is blanked as the first one", () => {
  const stream = Buffer.concat([
    loginPacket(),
    packet("U", "an order"),
    loginPacket("0THERWORD!"),
    packet("O", ""),
  ]);
  assert.deepEqual(keptOf(stream), blanked(blanked(stream), "0THERWORD!"));
});

test("a login that nobody copies leaves the framing where it is", () => {
  const blanker = new LoginBlanker({ isLoggedIn: false });
  const lost = loginPacket();
  const before = Buffer.from(lost);
  blanker.follow(lost, 0, lost.length);
  assert.deepEqual(lost, before);
  const kept = packet("U", "an order");
  blanker.blank(kept, 0, kept.length);
  assert.deepEqual(kept, packet("U", "an order"));
});

test("a login of another size is blanked whole, with all that follows", () => {
  const wrong = packet("L", `ALICE ${PASSWORD}`);
  const stream = Buffer.concat([wrong, packet("U", PASSWORD)]);
  const kept = keptOf(stream);
  assert.deepEqual(kept.subarray(0, 3), wrong.subarray(0, 3));
  assert.equal(kept.subarray(3).toString(), " ".repeat(stream.length - 3));
});

test("a login within what looks like a login is blanked with all that follows", () => {
  const stream = Buffer.concat([Buffer.from("002f4c90962d2a", "hex"), loginPacket()]);
  const kept = keptOf(stream);
  assert.deepEqual(kept.subarray(0, 3), stream.subarray(0, 3));
  assert.equal(kept.subarray(10).toString(), " ".repeat(stream.length - 10));
});

test("whoever is logged in already is followed from a whole packet on", () => {
  const stream = Buffer.concat([packet("U", "an order"), packet("+", "text"), loginPacket()]);
  assert.deepEqual(keptOf(stream, [2, 9], true), blanked(stream));
});

test("behind bytes that were not seen nothing is let pass", () => {
  const blanker = new LoginBlanker({ isLoggedIn: true });
  blanker.lose();
  const kept = packet("U", PASSWORD);
  blanker.blank(kept, 0, kept.length);
  assert.equal(kept.toString(), " ".repeat(kept.length));
});

const seed = fuzzSeed();
test(`no junk before a login lets a byte of the password pass, seed ${seed}`, () => {
  const random = new SeededRandom(seed);
  for (let round = 0; round < 20_000; round++) {
    const junk = random.chance(3)
      ? packet(random.pick(["+", "U", "R", "X", "L"]), random.bytes(random.below(60)))
      : random.bytes(random.below(12));
    if (random.chance(4) && junk.length > 0) junk[0] = 0;
    // Bytes that stand nowhere else can be looked for one by one.
    const password = Buffer.from("~}|{zyxwvu");
    const login = loginPacket(password.toString());
    const stream = Buffer.concat([junk, login, login]);
    const passwords = [junk.length + 9, junk.length + login.length + 9];
    const cuts = [random.below(stream.length), random.below(stream.length)].sort((a, b) => a - b);
    const kept = keptOf(stream, cuts);
    for (const from of passwords) {
      for (let index = from; index < from + 10; index++) {
        assert.equal(kept[index], 0x20, `round ${round}, junk ${junk.toString("hex")}`);
      }
    }
  }
});
