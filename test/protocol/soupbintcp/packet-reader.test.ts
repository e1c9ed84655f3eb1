import assert from "node:assert/strict";
import { test } from "node:test";
import {
  PACKET_EMPTY,
  PACKET_TOO_LONG,
  PacketReader,
  type PacketSink,
} from "../../../src/protocol/soupbintcp/packet-reader.ts";
import { bytesOf, viewOf } from "../../support/hex.ts";
import { oneIn, randomBytes } from "../../support/random-cases.ts";
import { fuzzSeed, SeededRandom } from "../../support/seeded-random.ts";
import { PACKET_VECTORS } from "../../vectors/soupbintcp.ts";

class SeenPackets implements PacketSink {
  readonly packets: string[] = [];
  takeMax = Number.POSITIVE_INFINITY;

  onPacket(type: number, bytes: Buffer, view: DataView, offset: number, count: number): boolean {
    if (this.packets.length === this.takeMax) return false;
    assert.ok(offset + count <= bytes.length, "payload ends within the buffer");
    if (count > 0) assert.equal(view.getUint8(offset), bytes[offset], "one address");
    const payload = bytes.toString("hex", offset, offset + count);
    this.packets.push(`${String.fromCharCode(type)}:${payload}`);
    return true;
  }
}

const read = (reader: PacketReader, bytes: Buffer, start: number, end: number, sink: PacketSink) =>
  reader.read(bytes, viewOf(bytes), start, end, sink);

test("packets are the same wherever TCP cuts the stream", () => {
  const bytes = bytesOf(Object.values(PACKET_VECTORS).join(""));
  const reader = new PacketReader(64);
  const whole = new SeenPackets();
  assert.equal(read(reader, bytes, 0, bytes.length, whole), bytes.length);
  assert.equal(whole.packets.length, Object.keys(PACKET_VECTORS).length);
  for (let cut = 0; cut <= bytes.length; cut++) {
    const seen = new SeenPackets();
    const unread = read(reader, bytes, 0, cut, seen);
    assert.ok(unread <= cut, `cut at ${cut}`);
    assert.equal(read(reader, bytes, unread, bytes.length, seen), bytes.length, `cut at ${cut}`);
    assert.deepEqual(seen.packets, whole.packets, `cut at ${cut}`);
  }
});

test("a packet of a heartbeat's three bytes has an empty payload", () => {
  const seen = new SeenPackets();
  read(new PacketReader(64), bytesOf(PACKET_VECTORS.clientHeartbeat), 0, 3, seen);
  assert.deepEqual(seen.packets, ["R:"]);
});

test("the longest packet is read and one byte more is refused before its body arrives", () => {
  const seen = new SeenPackets();
  const reader = new PacketReader(1024);
  const longest = Buffer.concat([bytesOf("0400 55"), Buffer.alloc(1023)]);
  assert.equal(read(reader, longest, 0, longest.length, seen), longest.length);
  assert.equal(seen.packets.length, 1);
  assert.equal(read(reader, bytesOf("0401"), 0, 2, seen), PACKET_TOO_LONG);
  assert.equal(read(reader, bytesOf("ffff"), 0, 2, seen), PACKET_TOO_LONG);
  assert.equal(seen.packets.length, 1);
});

test("half a length is no length yet", () => {
  assert.equal(read(new PacketReader(64), bytesOf("00"), 0, 1, new SeenPackets()), 0);
});

test("a length of 0 is refused, after the packets before it were handed on", () => {
  const seen = new SeenPackets();
  assert.equal(read(new PacketReader(64), bytesOf("0001 52 0000"), 0, 5, seen), PACKET_EMPTY);
  assert.deepEqual(seen.packets, ["R:"]);
});

test("a packet that is not taken stays unread, and so does all that follows", () => {
  const bytes = bytesOf("0001 52 0002 55 51 0001 4f");
  const reader = new PacketReader(64);
  const seen = new SeenPackets();
  seen.takeMax = 1;
  assert.equal(read(reader, bytes, 0, bytes.length, seen), 3);
  assert.deepEqual(seen.packets, ["R:"]);
  seen.takeMax = 3;
  assert.equal(read(reader, bytes, 3, bytes.length, seen), bytes.length);
  assert.deepEqual(seen.packets, ["R:", "U:51", "O:"]);
});

test("bytes before the start and behind the end are not looked at", () => {
  const bytes = bytesOf("ffff 0001 52 ffff");
  const seen = new SeenPackets();
  assert.equal(read(new PacketReader(64), bytes, 2, 5, seen), 5);
  assert.deepEqual(seen.packets, ["R:"]);
});

const seed = fuzzSeed();
test(`a stream in any pieces gives what was put in (FUZZ_SEED=${seed})`, () => {
  const random = new SeededRandom(seed);
  for (let round = 0; round < 300; round++) {
    const expected: string[] = [];
    const parts: Buffer[] = [];
    for (let count = random.below(20); count > 0; count--) {
      const type = 0x41 + random.below(26);
      const payload = randomBytes(random, random.below(oneIn(random, 5) ? 63 : 4));
      parts.push(Buffer.from([0, 1 + payload.length, type]), payload);
      expected.push(`${String.fromCharCode(type)}:${payload.toString("hex")}`);
    }
    const bytes = Buffer.concat([...parts, Buffer.alloc(0)]);
    const seen = new SeenPackets();
    let unread = 0;
    for (let arrived = 0; arrived < bytes.length; ) {
      arrived = Math.min(bytes.length, arrived + 1 + random.below(40));
      unread = read(new PacketReader(64), bytes, unread, arrived, seen);
      assert.ok(unread >= 0 && unread <= arrived, `round ${round}`);
    }
    assert.deepEqual(seen.packets, expected, `round ${round}`);
  }
});

test(`any bytes at all are read without harm (FUZZ_SEED=${seed})`, () => {
  const random = new SeededRandom(seed);
  const reader = new PacketReader(40);
  const answers = new Set<string>();
  for (let round = 0; round < 3_000; round++) {
    const bytes = randomBytes(random, random.below(100));
    // Small lengths, so that some packets are whole.
    for (let offset = 0; offset < bytes.length; offset += 1 + random.below(8)) bytes[offset] = 0;
    const unread = read(reader, bytes, 0, bytes.length, new SeenPackets());
    assert.ok(unread <= bytes.length && unread >= PACKET_TOO_LONG, `round ${round}`);
    answers.add(unread < 0 ? String(unread) : unread === bytes.length ? "whole" : "part");
  }
  assert.deepEqual([...answers].sort(), ["-1", "-2", "part", "whole"], "each answer is tried");
});
