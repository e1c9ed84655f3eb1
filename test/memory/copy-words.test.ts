import assert from "node:assert/strict";
import { test } from "node:test";
import { copyIntoWords, copyWords } from "../../src/memory/copy-words.ts";
import { SLOT_BYTES, SlotMemory } from "../../src/memory/slot-memory.ts";
import { fuzzSeed, SeededRandom } from "../support/seeded-random.ts";

const seed = fuzzSeed();
const ROUNDS = 2000;

const noise = (random: SeededRandom): SlotMemory => {
  const memory = new SlotMemory(new SharedArrayBuffer(SLOT_BYTES));
  for (let at = 0; at < SLOT_BYTES; at++) memory.bytes[at] = random.below(256);
  return memory;
};

/** Some bytes to copy to a whole word of a target that is full of noise, as the source is. */
function trial(random: SeededRandom) {
  const target = noise(random);
  return {
    source: noise(random),
    target,
    before: Buffer.from(target.bytes),
    bytes: random.below(65),
    to: random.below(32) * 4,
  };
}

/** What is in front of a copy, and behind its last word, is as it was. */
function assertUntouched(target: SlotMemory, before: Buffer, to: number, end: number): void {
  assert.deepEqual(target.bytes.subarray(0, to), before.subarray(0, to));
  assert.deepEqual(target.bytes.subarray(end), before.subarray(end));
}

test(`words from whole words are what Buffer.copy makes of them (FUZZ_SEED=${seed})`, () => {
  const random = new SeededRandom(seed);
  for (let round = 0; round < ROUNDS; round++) {
    const { source, target, before, bytes, to } = trial(random);
    const from = random.below(32) * 4;
    copyWords(source.words, from, target.words, to, bytes);
    const expected = Buffer.alloc(bytes);
    source.bytes.copy(expected, 0, from, from + bytes);
    assert.deepEqual(Buffer.from(target.bytes.subarray(to, to + bytes)), expected);
    assertUntouched(target, before, to, to + Math.ceil(bytes / 4) * 4);
  }
});

test(`words from anywhere are what Buffer.copy makes of them, and zeros (FUZZ_SEED=${seed})`, () => {
  const random = new SeededRandom(seed);
  for (let round = 0; round < ROUNDS; round++) {
    const { source, target, before, bytes, to } = trial(random);
    // Up to the last byte of the source: nothing behind it is read.
    const from = round % 2 === 0 ? SLOT_BYTES - bytes : random.below(128);
    copyIntoWords(source.view, from, target.words, to, bytes);
    const end = to + Math.ceil(bytes / 4) * 4;
    const expected = Buffer.alloc(end - to);
    source.bytes.copy(expected, 0, from, from + bytes);
    assert.deepEqual(Buffer.from(target.bytes.subarray(to, end)), expected);
    assertUntouched(target, before, to, end);
  }
});
