// A ring of fixed-size records from one thread to the scribe: log records, events, traces. The writer never waits:
// a full ring drops the newest, counted. The scribe's cursor lies here too, so that a new scribe goes on where the
// old one stopped (E22).
//
//   place    written by   read by   order
//   TAIL     the thread   scribe    stored after the record's bytes: hands it over
//   HEAD     scribe       thread    stored after records are handled: hands them back
//   TOLD     scribe       scribe    plain double: of what was dropped, so much has been reported
//   LOST     scribe       scribe    plain double, counts up: handed back, and no file took it
//   DROPPED  the thread   scribe    plain double, counts up
//   OPEN     the thread   scribe    1 = nothing is taken until the ring is half empty
//
// TAIL and HEAD are sequences that wrap at 2^32.

import { assert } from "../base/assert.ts";

const WORDS_APART = 128 / Int32Array.BYTES_PER_ELEMENT;
const TAIL = 0; // word
const HEAD = TAIL + WORDS_APART; // word
const TOLD = (HEAD + 2) >> 1; // double, beside HEAD
const LOST = TOLD + 1; // double
const OPEN = HEAD + WORDS_APART; // word
const DROPPED = (OPEN + 2) >> 1; // double, beside OPEN
const HEADER_BYTES = (OPEN + WORDS_APART) * Int32Array.BYTES_PER_ELEMENT;

export function createRecordRing(recordCount: number, recordBytes: number): SharedArrayBuffer {
  assert(recordCount >= 64 && (recordCount & (recordCount - 1)) === 0, "count is no power of two");
  assert(recordBytes % 8 === 0, "records are not aligned");
  return new SharedArrayBuffer(HEADER_BYTES + recordCount * recordBytes);
}

export const RECORD_DROPPED = -1;

/** The one thread that writes. */
export class RecordRingWriter {
  readonly words: Int32Array;
  readonly doubles: Float64Array;
  readonly bytes: Buffer;
  private readonly recordBytes: number;
  private readonly recordCount: number;
  private readonly mask: number;
  /** Below this many free records it closes, until it is half empty: one long gap tells more than many small ones. */
  private readonly freeMin: number;
  private tail: number;
  private headSeen: number;
  private isOpen: boolean;

  constructor(memory: SharedArrayBuffer, recordBytes: number) {
    this.words = new Int32Array(memory);
    this.doubles = new Float64Array(memory);
    this.bytes = Buffer.from(memory as unknown as ArrayBuffer);
    this.recordBytes = recordBytes;
    this.recordCount = (memory.byteLength - HEADER_BYTES) / recordBytes;
    this.mask = this.recordCount - 1;
    this.freeMin = this.recordCount >>> 6;
    this.tail = Atomics.load(this.words, TAIL);
    this.headSeen = Atomics.load(this.words, HEAD);
    this.isOpen = Atomics.load(this.words, OPEN) === 1;
  }

  /** Byte offset of a free record, or RECORD_DROPPED: counted, and the caller writes nothing. */
  claim(): number {
    if (this.isOpen || this.recordCount - ((this.tail - this.headSeen) | 0) <= this.freeMin) {
      if (!this.hasRoom()) return RECORD_DROPPED;
    }
    return HEADER_BYTES + (this.tail & this.mask) * this.recordBytes;
  }

  /** Hands over what was claimed, and what was kept back. */
  publish(): void {
    this.keepBack();
    this.handOver();
  }

  /** What was claimed is complete, and is handed over with others: a store that all threads see costs as much as the rest. */
  keepBack(): void {
    this.tail = (this.tail + 1) | 0;
  }
  handOver(): void {
    Atomics.store(this.words, TAIL, this.tail);
  }

  get droppedCount(): number {
    return this.doubles[DROPPED]!;
  }
  /** Nothing is taken: the reader is far behind. */
  get isBreakerOpen(): boolean {
    return this.isOpen;
  }

  private hasRoom(): boolean {
    this.headSeen = Atomics.load(this.words, HEAD);
    const free = this.recordCount - ((this.tail - this.headSeen) | 0);
    const isOpen = this.isOpen ? free < this.recordCount >>> 1 : free <= this.freeMin;
    if (isOpen !== this.isOpen) {
      this.isOpen = isOpen;
      Atomics.store(this.words, OPEN, isOpen ? 1 : 0);
    }
    if (isOpen) this.doubles[DROPPED]! += 1;
    return !isOpen;
  }
}

/** The scribe's end. */
export class RecordRingReader {
  readonly words: Int32Array;
  readonly doubles: Float64Array;
  readonly bytes: Buffer;
  readonly recordCount: number;
  private readonly recordBytes: number;
  private readonly mask: number;
  private head: number;

  constructor(memory: SharedArrayBuffer, recordBytes: number) {
    this.words = new Int32Array(memory);
    this.doubles = new Float64Array(memory);
    this.bytes = Buffer.from(memory as unknown as ArrayBuffer);
    this.recordBytes = recordBytes;
    this.recordCount = (memory.byteLength - HEADER_BYTES) / recordBytes;
    this.mask = this.recordCount - 1;
    this.head = Atomics.load(this.words, HEAD);
  }

  /** Records that wait. */
  get waitingCount(): number {
    return (Atomics.load(this.words, TAIL) - this.head) | 0;
  }
  get droppedCount(): number {
    return this.doubles[DROPPED]!;
  }
  get isBreakerOpen(): boolean {
    return Atomics.load(this.words, OPEN) === 1;
  }
  /** Of what was dropped, so much has been reported: kept here, so that a new scribe knows. */
  get toldCount(): number {
    return this.doubles[TOLD]!;
  }
  set toldCount(value: number) {
    this.doubles[TOLD] = value;
  }
  /** Of what was handed back, so much is nowhere: kept here, because counters of a new scribe must not fall. */
  get lostCount(): number {
    return this.doubles[LOST]!;
  }
  set lostCount(value: number) {
    this.doubles[LOST] = value;
  }

  /** Shows at most so many records, oldest first, then hands them back. Returns how many. */
  drain(recordsMax: number, visit: (offset: number) => void): number {
    const count = this.read(recordsMax, visit);
    this.handBack(count);
    return count;
  }

  /** As above, for who must have put them away before they are gone: handBack() follows, with what this returns. */
  read(recordsMax: number, visit: (offset: number) => void): number {
    const count = Math.min(this.waitingCount, recordsMax);
    for (let index = 0; index < count; index++) {
      visit(HEADER_BYTES + ((this.head + index) & this.mask) * this.recordBytes);
    }
    return count;
  }

  handBack(count: number): void {
    if (count === 0) return;
    this.head = (this.head + count) | 0;
    Atomics.store(this.words, HEAD, this.head);
  }
}

assert(TOLD * 2 < OPEN, "the header's doubles overrun it");
assert(DROPPED * 2 < OPEN + WORDS_APART, "the header's doubles overrun it");
