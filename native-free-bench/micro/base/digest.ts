// What the running digest costs per output message, and per word; beside it zlib's checksum of the same bytes.
// Run: node native-free-bench/micro/base/digest.ts

import { crc32 } from "node:zlib";
import { Digest } from "../../../src/base/digest.ts";
import { type BenchCase, type BenchSize, measure } from "../../harness/measure.ts";
import { printResults } from "../../harness/print.ts";

const MESSAGE_BYTES = 67; // an Order Accepted with its packet header
const MESSAGES = 64; // different ones, so that nothing can be worked out beforehand

const bytes = Buffer.from(
  Uint8Array.from({ length: MESSAGES * MESSAGE_BYTES }, (_, index) => (index * 131) >> 3),
);

const overMessages = (name: string, add: (digest: Digest, offset: number) => void): BenchCase => ({
  name,
  run(count) {
    const digest = new Digest();
    let offsets = 0;
    for (let index = 0; index < count; index++) {
      const offset = (index % MESSAGES) * MESSAGE_BYTES;
      add(digest, offset);
      offsets = (offsets + offset) | 0;
    }
    return offsets ^ digest.low;
  },
});

const zlibCase: BenchCase = {
  name: `crc32 of a message of ${MESSAGE_BYTES} bytes`,
  run(count) {
    let sum = 0;
    for (let index = 0; index < count; index++) {
      const offset = (index % MESSAGES) * MESSAGE_BYTES;
      sum = crc32(bytes.subarray(offset, offset + MESSAGE_BYTES), sum);
    }
    return sum | 0;
  },
};

export const DIGEST_CASES: readonly BenchCase[] = [
  overMessages("empty", () => undefined),
  overMessages("one word", (digest, offset) => digest.addWord(offset)),
  overMessages(`a message of ${MESSAGE_BYTES} bytes`, (digest, offset) =>
    digest.addBytes(bytes, offset, MESSAGE_BYTES),
  ),
  zlibCase,
];

if (import.meta.main) {
  const size: BenchSize = { count: 2_000_000, rounds: 9 };
  printResults(size, await measure(DIGEST_CASES, size));
}
