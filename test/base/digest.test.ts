import assert from "node:assert/strict";
import { test } from "node:test";
import { Digest } from "../../src/base/digest.ts";
import { fuzzSeed, SeededRandom } from "../support/seeded-random.ts";

const digestOf = (...pieces: Uint8Array[]): string => {
  const digest = new Digest();
  for (const piece of pieces) digest.addBytes(piece, 0, piece.length);
  return digest.hex();
};

test("the digest of fixed bytes never changes: recorded runs are compared by it", () => {
  const digest = new Digest();
  assert.equal(digest.hex(), "0000000000000000");
  digest.addWord(1);
  digest.addWord(0xffffffff);
  digest.addWord(0x41);
  digest.addBytes(Buffer.from("order entry"), 0, 11);
  assert.equal(digest.hex(), "944445a62f95adcf");
});

test("every single changed byte changes the digest, wherever it stands", () => {
  const bytes = Uint8Array.from({ length: 37 }, (_, index) => index * 7);
  const unchanged = digestOf(bytes);
  for (let index = 0; index < bytes.length; index++) {
    for (let flip = 1; flip < 256; flip++) {
      bytes[index]! ^= flip;
      assert.notEqual(digestOf(bytes), unchanged, `byte ${index} flipped by ${flip}`);
      bytes[index]! ^= flip;
    }
  }
});

test("pieces cut elsewhere, swapped, or of zeros of another length differ", () => {
  const text = Buffer.from("abcdefgh");
  assert.notEqual(digestOf(text.subarray(0, 4), text.subarray(4)), digestOf(text));
  assert.notEqual(
    digestOf(text.subarray(0, 4), text.subarray(4)),
    digestOf(text.subarray(4), text.subarray(0, 4)),
  );
  const zeros = Array.from({ length: 20 }, (_, length) => digestOf(new Uint8Array(length)));
  assert.equal(new Set(zeros).size, zeros.length);
});

test("a digest goes on from the two halves of another", () => {
  const whole = new Digest();
  whole.addWord(0xdeadbeef);
  const second = new Digest();
  second.reset(whole.high, whole.low);
  whole.addWord(5);
  second.addWord(5);
  assert.equal(second.hex(), whole.hex());
});

test("bytes are found by offset and length, not by where their buffer begins", () => {
  const padded = Buffer.from("xxorderyy");
  const digest = new Digest();
  digest.addBytes(padded, 2, 5);
  assert.equal(digest.hex(), digestOf(Buffer.from("order")));
});

const seed = fuzzSeed();

test(`a flipped bit turns about half of the digest's bits (FUZZ_SEED=${seed})`, () => {
  const random = new SeededRandom(seed);
  const flips = new Uint32Array(64);
  const rounds = 4000;
  for (let round = 0; round < rounds; round++) {
    const bytes = Uint8Array.from({ length: 24 }, () => random.below(256));
    const before = BigInt(`0x${digestOf(bytes)}`);
    const index = random.below(16);
    bytes[index]! ^= 1 << random.below(8);
    const changed = before ^ BigInt(`0x${digestOf(bytes)}`);
    for (let bit = 0; bit < 64; bit++) if ((changed >> BigInt(bit)) & 1n) flips[bit]!++;
  }
  for (const [bit, count] of flips.entries()) {
    assert.ok(Math.abs(count / rounds - 0.5) < 0.06, `bit ${bit} turned ${count} of ${rounds}`);
  }
});
