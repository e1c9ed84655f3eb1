// Capture records on their way from the gate to the scribe (E36): one behind the other in a ring of bytes, each whole,
// in the layout of the file. The gate never waits: without room, what it has is dropped and counted.
//
//   place    written by   read by   order
//   TAIL     gate         scribe    stored after a record's bytes: hands it over
//   HEAD     scribe       gate      stored after the file has the records: hands them back
//   counts   gate         others    plain doubles, count up
//   data     gate         scribe    plain; owned by whoever the two words say
//
// TAIL and HEAD are positions in bytes that wrap at 2^32. A record that does not fit before the end of the ring begins at
// its start; FILLER stands where it would have been.

import { assert } from "../base/assert.ts";
import { WORDS_APART } from "../memory/ring-layout.ts";
import { CAPTURE_HEADER_BYTES } from "./capture-record.ts";
import { paddedBytes, recordBytesAt, writeRecordHeader } from "./capture-record-layout.ts";

const TAIL = 0; // word
const HEAD = TAIL + WORDS_APART; // word
const COUNTS = (HEAD + WORDS_APART) >> 1; // doubles, CAPTURE_COUNT
const HEADER_BYTES = (HEAD + 2 * WORDS_APART) * Int32Array.BYTES_PER_ELEMENT;
const FILLER = 0xffffffff;

export const CAPTURE_COUNT = { CHUNKS: 0, BYTES: 1, LOST_CHUNKS: 2, LOST_BYTES: 3 } as const;

/** `dataBytes` is a power of two. Memory is touched when records come, and not before. */
export function createCaptureRing(dataBytes: number): SharedArrayBuffer {
  assert(dataBytes >= 1024 && (dataBytes & (dataBytes - 1)) === 0, "size is no power of two");
  return new SharedArrayBuffer(HEADER_BYTES + dataBytes);
}

/** As if it was new: for the next capture, when neither end of the one before touches it any more. */
export function emptyCaptureRing(memory: SharedArrayBuffer): SharedArrayBuffer {
  new Uint8Array(memory, 0, HEADER_BYTES).fill(0);
  return memory;
}

export const CAPTURE_FULL = -1;

/** Any thread. */
export const captureCount = (memory: SharedArrayBuffer, count: number): number =>
  new Float64Array(memory)[COUNTS + count]!;

/** The gate's end. */
export class CaptureRingProducer {
  /** Over all of the ring: offsets that claim() returns are offsets in it. */
  readonly bytes: Buffer;
  private readonly words: Int32Array;
  private readonly counts: Float64Array;
  private readonly view: DataView;
  private readonly dataBytes: number;
  private tail: number;
  private headSeen: number;
  private claimedBytes = 0;
  /** It was full, and is not half empty yet: one long gap tells more than many small ones. */
  private isClosed = false;

  constructor(memory: SharedArrayBuffer) {
    this.words = new Int32Array(memory);
    this.counts = new Float64Array(memory);
    this.bytes = Buffer.from(memory as unknown as ArrayBuffer);
    this.view = new DataView(memory);
    this.dataBytes = memory.byteLength - HEADER_BYTES;
    this.tail = Atomics.load(this.words, TAIL);
    this.headSeen = Atomics.load(this.words, HEAD);
  }

  /** Where the payload of a record goes, whose header is written; or CAPTURE_FULL. publish() follows. */
  claim(
    payloadBytes: number,
    kind: number,
    flags: number,
    connection: number,
    detail: number,
    atNs: number,
  ): number {
    const recordBytes = paddedBytes(CAPTURE_HEADER_BYTES + payloadBytes);
    const place = this.tail & (this.dataBytes - 1);
    const fillerBytes = place + recordBytes > this.dataBytes ? this.dataBytes - place : 0;
    if (this.isClosed || this.freeBytes() < fillerBytes + recordBytes) {
      if (!this.hasRoom(fillerBytes + recordBytes)) return CAPTURE_FULL;
    }
    let offset = HEADER_BYTES + place;
    if (fillerBytes > 0) {
      this.view.setUint32(offset, FILLER, true);
      offset = HEADER_BYTES;
    }
    // What is left of an earlier round behind the payload is nobody's.
    this.view.setFloat64(offset + recordBytes - 8, 0, true);
    writeRecordHeader(this.view, offset, payloadBytes, kind, flags, connection, detail, atNs);
    this.claimedBytes = fillerBytes + recordBytes;
    return offset + CAPTURE_HEADER_BYTES;
  }

  /** Hands over what was claimed: its payload is written. */
  publish(): void {
    this.tail = (this.tail + this.claimedBytes) | 0;
    Atomics.store(this.words, TAIL, this.tail);
  }

  countTaken(bytes: number): void {
    this.counts[COUNTS + CAPTURE_COUNT.CHUNKS]! += 1;
    this.counts[COUNTS + CAPTURE_COUNT.BYTES]! += bytes;
  }
  countLost(bytes: number): void {
    this.counts[COUNTS + CAPTURE_COUNT.LOST_CHUNKS]! += 1;
    this.counts[COUNTS + CAPTURE_COUNT.LOST_BYTES]! += bytes;
  }

  /** Takes what there is room for, however little that is: for last words. */
  reopen(): void {
    this.isClosed = false;
  }

  private freeBytes(): number {
    return this.dataBytes - ((this.tail - this.headSeen) | 0);
  }

  private hasRoom(bytes: number): boolean {
    this.headSeen = Atomics.load(this.words, HEAD);
    const free = this.freeBytes();
    this.isClosed = free < bytes || (this.isClosed && free < this.dataBytes >>> 1);
    return !this.isClosed;
  }
}

/** The scribe's end; a new scribe goes on where the old one stopped (E22). */
export class CaptureRingReader {
  private readonly words: Int32Array;
  private readonly view: DataView;
  private readonly bytes: Buffer;
  private readonly dataBytes: number;
  private next: number; // position that is read next

  constructor(memory: SharedArrayBuffer) {
    this.words = new Int32Array(memory);
    this.view = new DataView(memory);
    this.bytes = Buffer.from(memory as unknown as ArrayBuffer);
    this.dataBytes = memory.byteLength - HEADER_BYTES;
    this.next = Atomics.load(this.words, HEAD);
  }

  /** Bytes that wait, fillers among them. */
  get waitingBytes(): number {
    return (Atomics.load(this.words, TAIL) - this.next) | 0;
  }

  /**
   * Shows records, oldest first, until so many bytes are reached: rows of whole records as they lie, each with the
   * position of its first. Returns how many bytes. handBack() follows when they have been put away.
   */
  read(
    bytesMax: number,
    visit: (bytes: Buffer, start: number, end: number, position: number) => void,
  ): number {
    const waiting = this.waitingBytes;
    const first = this.next;
    let done = 0;
    while (done < waiting && done < bytesMax) {
      const place = this.next & (this.dataBytes - 1);
      const rowMax = Math.min(waiting - done, this.dataBytes - place, bytesMax - done);
      const rowBytes = this.rowBytes(place, rowMax);
      if (rowBytes > 0) {
        const start = HEADER_BYTES + place;
        visit(this.bytes, start, start + rowBytes, this.next);
        this.next = (this.next + rowBytes) | 0;
      } else this.next = (this.next + this.dataBytes - place) | 0;
      done = (this.next - first) | 0;
    }
    return done;
  }

  /** What was read is the gate's again. */
  handBack(): void {
    Atomics.store(this.words, HEAD, this.next);
  }

  /** What was read and not handed back is read once more. */
  takeBack(): void {
    this.next = Atomics.load(this.words, HEAD);
  }

  /** What lies before that position has been put away already. Nothing happens when it is not among what waits. */
  skipTo(position: number): void {
    const bytes = (position - this.next) | 0;
    if (bytes > 0 && bytes <= this.waitingBytes) this.next = position | 0;
  }

  /** Of the records from there on, at least one; 0: a filler stands there. */
  private rowBytes(place: number, rowMax: number): number {
    let bytes = 0;
    while (bytes < rowMax) {
      const recordBytes = recordBytesAt(this.view, HEADER_BYTES + place + bytes);
      if (recordBytes === FILLER) break;
      bytes += paddedBytes(recordBytes);
    }
    return bytes;
  }
}

assert(
  (HEAD + WORDS_APART) % 2 === 0 && HEADER_BYTES % 8 === 0,
  "the ring's doubles are not aligned",
);
