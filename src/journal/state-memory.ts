// State written into memory and read back from it: how a lane goes over to a changed configuration, and how tests look
// at what a checkpoint would hold. Any thread.

import { bytesOf, type Elements, type StateReader, type StateWriter } from "./state-stream.ts";

const CHUNK_BYTES = 2 ** 20;
const NUMBER_BYTES = Float64Array.BYTES_PER_ELEMENT;
const EMPTY = Buffer.alloc(0);

/** Whatever one call writes lies within one chunk: what the reader asks for never spans two. */
export class MemoryStateWriter implements StateWriter {
  private readonly full: Buffer[] = [];
  private chunk = Buffer.alloc(CHUNK_BYTES);
  private used = 0;

  mark(name: string): void {
    this.text(name);
  }

  number(value: number): void {
    const offset = this.claim(NUMBER_BYTES);
    this.chunk.writeDoubleLE(value, offset);
  }

  text(value: string): void {
    const bytes = Buffer.from(value, "utf8");
    this.number(bytes.length);
    this.array(bytes, 0, bytes.length);
  }

  array(values: Elements, start: number, count: number): void {
    const bytes = bytesOf(values, start, count);
    const offset = this.claim(bytes.length);
    this.chunk.set(bytes, offset);
  }

  /** All that was written, in one piece. */
  bytes(): Buffer {
    return Buffer.concat([...this.full, this.chunk.subarray(0, this.used)]);
  }

  /** Hands over what was written: nothing is left here. */
  toReader(): MemoryStateReader {
    this.close(0);
    return new MemoryStateReader(this.full.splice(0));
  }

  /** Offset of so many bytes within the chunk. */
  private claim(bytes: number): number {
    if (this.used + bytes > this.chunk.length) this.close(Math.max(bytes, CHUNK_BYTES));
    const offset = this.used;
    this.used += bytes;
    return offset;
  }

  private close(nextBytes: number): void {
    if (this.used > 0) this.full.push(this.chunk.subarray(0, this.used));
    this.chunk = nextBytes === 0 ? EMPTY : Buffer.alloc(nextBytes);
    this.used = 0;
  }
}

export class MemoryStateReader implements StateReader {
  private readonly chunks: Buffer[];
  private index = 0;
  private offset = 0;

  constructor(chunks: readonly Buffer[]) {
    this.chunks = [...chunks];
  }

  /** Everything has been read. */
  get isAtEnd(): boolean {
    return this.index === this.chunks.length || this.isLastRead;
  }

  mark(name: string): void {
    const found = this.text();
    if (found !== name) throw new Error(`state of ${name} is wanted where ${found} is`);
  }

  number(): number {
    const offset = this.take(NUMBER_BYTES);
    return this.chunkHere.readDoubleLE(offset);
  }

  text(): string {
    const bytes = this.number();
    const offset = this.take(bytes);
    return this.chunkHere.toString("utf8", offset, offset + bytes);
  }

  array(values: Elements, start: number, count: number): void {
    const bytes = bytesOf(values, start, count);
    const offset = this.take(bytes.length);
    bytes.set(this.chunkHere.subarray(offset, offset + bytes.length));
  }

  /** Offset of the next so many bytes within the chunk here. */
  private take(bytes: number): number {
    if (bytes > 0 && this.offset === this.chunkHere.length) {
      this.chunks[this.index] = EMPTY; // not needed again, and there may be a lot of it
      this.index++;
      this.offset = 0;
    }
    const offset = this.offset;
    this.offset += bytes;
    const isWithin = bytes >= 0 && this.offset <= this.chunkHere.length;
    if (!isWithin) throw new Error("state ends before it is read");
    return offset;
  }

  private get chunkHere(): Buffer {
    return this.chunks[this.index] ?? EMPTY;
  }
  private get isLastRead(): boolean {
    return this.index === this.chunks.length - 1 && this.offset === this.chunkHere.length;
  }
}
