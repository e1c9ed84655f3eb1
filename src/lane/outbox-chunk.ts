// Pages on their way to a file or back: up to 64 KiB, each with its own checksum, so that a page that comes back is
// known to be the one that went. Lane thread.

import { checksumOf } from "../journal/checksum.ts";
import { SlotMemory } from "../memory/slot-memory.ts";
import {
  CHUNK_BYTES_MAX,
  OUTBOX_PAGE_BYTES,
  PAGE,
  PAGE_CHECKED_OFFSET,
  PAGE_HEADER_BYTES,
  PAGE_LINKS_OFFSET,
} from "./outbox-page-layout.ts";

export class OutboxChunk {
  readonly memory: SlotMemory;
  /** The same bytes, as the checksum wants them. */
  private readonly checked: {
    readonly bytes: Buffer;
    readonly words: Uint32Array;
    readonly doubles: Float64Array;
  };

  constructor() {
    const memory = new ArrayBuffer(CHUNK_BYTES_MAX);
    this.memory = new SlotMemory(memory);
    const { bytes, doubles } = this.memory;
    this.checked = { bytes, doubles, words: new Uint32Array(memory) };
  }

  /** Byte offset of the page at that place. */
  offsetOf(place: number): number {
    return place * OUTBOX_PAGE_BYTES;
  }
  account(place: number): number {
    return this.memory.words[(this.offsetOf(place) + PAGE.ACCOUNT) >> 2]!;
  }
  firstSequence(place: number): number {
    return this.memory.doubles[(this.offsetOf(place) + PAGE.FIRST_SEQUENCE) >> 3]!;
  }
  usedBytes(place: number): number {
    return this.memory.words[(this.offsetOf(place) + PAGE.USED_BYTES) >> 2]!;
  }

  /** Copies a page and seals it. What it holds beside its packets comes out as zeros: the file depends on nothing else. */
  put(place: number, memory: SlotMemory, offset: number, usedBytes: number): void {
    const start = this.offsetOf(place);
    const { bytes, words } = this.memory;
    memory.bytes.copy(bytes, start, offset, offset + usedBytes);
    words.fill(0, (start + PAGE_LINKS_OFFSET) >> 2, (start + PAGE_HEADER_BYTES) >> 2);
    words.fill(0, (start + usedBytes) >> 2, (start + OUTBOX_PAGE_BYTES) >> 2);
    words[(start + PAGE.CHECKSUM) >> 2] = this.checksum(start);
  }

  /** Whether the page at that place came back as it went. */
  isSound(place: number): boolean {
    const start = this.offsetOf(place);
    return this.memory.words[(start + PAGE.CHECKSUM) >> 2] === (this.checksum(start) | 0);
  }

  private checksum(start: number): number {
    const offset = start + PAGE_CHECKED_OFFSET;
    return checksumOf(this.checked, offset, OUTBOX_PAGE_BYTES - PAGE_CHECKED_OFFSET);
  }
}
