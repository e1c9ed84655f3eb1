import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32 } from "node:zlib";
import { checksumOf, PrefixChecksum } from "../../src/journal/checksum.ts";
import { JournalMemory } from "../../src/journal/journal-memory.ts";
import { fuzzSeed, SeededRandom } from "../support/seeded-random.ts";

const seed = fuzzSeed();

test(`checksums are zlib's, long and short (seed ${seed})`, () => {
  const random = new SeededRandom(seed);
  const memory = new JournalMemory(16 * 1024);
  random.bytes(memory.bytes.length).copy(memory.bytes);
  const prefix = new PrefixChecksum(memory, 48);
  const lengths = [0, 4, 8, 40, 1020, 1024, 1028, 2048, 16 * 1024 - 48];
  while (lengths.length < 300) lengths.push(4 * random.below(4 * 1024 - 12));
  for (const length of lengths) {
    const wanted = crc32(memory.bytes.subarray(48, 48 + length));
    assert.equal(checksumOf(memory, 48, length), wanted, `${length} bytes`);
    assert.equal(prefix.of(length), wanted, `${length} bytes of a prefix`);
  }
});
