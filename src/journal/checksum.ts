// CRC-32 (the polynomial of zlib) over whole words. Short pieces are summed here: a call of zlib's costs more than they
// do, and needs a view of its own. Lane thread, and whoever reads.

import { crc32 } from "node:zlib";
import { assert } from "../base/assert.ts";
import type { JournalMemory } from "./journal-memory.ts";

/** Up to here our own loop is the faster one. */
const SHORT_BYTES = 1024;
const POLYNOMIAL = 0xedb88320;
const STEPS = 256;

/** Table `n` moves a byte's share `n` bytes further: four bytes in one step. */
function makeTables(): readonly Int32Array[] {
  const tables = Array.from({ length: 4 }, () => new Int32Array(STEPS));
  for (let byte = 0; byte < STEPS; byte++) {
    let share = byte;
    for (let bit = 0; bit < 8; bit++) share = (share >>> 1) ^ (share & 1 ? POLYNOMIAL : 0);
    tables[0]![byte] = share;
  }
  for (let byte = 0; byte < STEPS; byte++) {
    for (let table = 1; table < tables.length; table++) {
      const before = tables[table - 1]![byte]!;
      tables[table]![byte] = (before >>> 8) ^ tables[0]![before & 0xff]!;
    }
  }
  return tables;
}

const [TABLE_0, TABLE_1, TABLE_2, TABLE_3] = makeTables() as [
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
];

/** Of `length` bytes from `offset` on, both whole fours. */
export function checksumOf(memory: JournalMemory, offset: number, length: number): number {
  assert(((offset | length) & 3) === 0, "a checksum is over whole words");
  return length <= SHORT_BYTES
    ? checksumOfWords(memory.words, offset >> 2, (offset + length) >> 2, 0)
    : crc32(memory.bytes.subarray(offset, offset + length));
}

/** Goes on from `before`, the checksum of the bytes in front; 0 = none. */
function checksumOfWords(words: Uint32Array, start: number, end: number, before: number): number {
  let sum = ~before;
  for (let index = start; index < end; index++) {
    sum ^= words[index]!;
    sum =
      TABLE_3[sum & 0xff]! ^
      TABLE_2[(sum >>> 8) & 0xff]! ^
      TABLE_1[(sum >>> 16) & 0xff]! ^
      TABLE_0[sum >>> 24]!;
  }
  return ~sum >>> 0;
}

/** Checksums of what grows from one place on: its views of whole kilobytes exist beforehand. */
export class PrefixChecksum {
  private readonly memory: JournalMemory;
  private readonly start: number;
  private readonly prefixes: Buffer[] = [];

  constructor(memory: JournalMemory, start: number) {
    this.memory = memory;
    this.start = start;
    for (let end = start; end <= memory.bytes.length; end += SHORT_BYTES) {
      this.prefixes.push(memory.bytes.subarray(start, end));
    }
  }

  /** Of the first `length` bytes, a whole four. */
  of(length: number): number {
    const whole = Math.floor(length / SHORT_BYTES);
    const before = whole === 0 ? 0 : crc32(this.prefixes[whole]!);
    const from = this.start + whole * SHORT_BYTES;
    return checksumOfWords(this.memory.words, from >> 2, (this.start + length) >> 2, before);
  }
}
