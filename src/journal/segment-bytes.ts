// One segment's file as a window that moves over it: large reads, and what is read lies on whole eights. What a file
// lacks, because it was cut short, reads as zeros. Recovery, keeper and inspector.

import { assert } from "../base/assert.ts";
import { orIoFault, readWhole } from "./file-faults.ts";
import type { Files } from "./files.ts";
import { BATCH_BYTES_MAX } from "./journal-layout.ts";
import { JournalMemory } from "./journal-memory.ts";

export const WINDOW_BYTES = 4 * BATCH_BYTES_MAX;
const NO_DESCRIPTOR = -1;

export class SegmentBytes {
  readonly memory = new JournalMemory(WINDOW_BYTES);
  path = "";
  /** Of the file, as it was when it was opened. */
  fileBytes = 0;

  private readonly files: Files;
  private descriptor = NO_DESCRIPTOR;
  private windowStart = 0; // place in the file of the first byte of memory
  private windowEnd = 0;

  constructor(files: Files) {
    this.files = files;
  }

  get isOpen(): boolean {
    return this.descriptor !== NO_DESCRIPTOR;
  }

  open(path: string): void {
    this.close();
    const { files } = this;
    this.path = path;
    this.descriptor = orIoFault(path, "open", () => files.openToRead(path));
    this.fileBytes = orIoFault(path, "size", () => files.size(this.descriptor));
    this.forget();
  }

  close(): void {
    const { files, path, descriptor } = this;
    if (descriptor === NO_DESCRIPTOR) return;
    this.descriptor = NO_DESCRIPTOR;
    orIoFault(path, "close", () => files.close(descriptor));
  }

  /** What is read next comes from the file, not from memory: it is still being written. */
  forget(): void {
    this.windowStart = 0;
    this.windowEnd = 0;
  }

  /** Place in memory of the file's byte at `position`, a whole 8, with `length` bytes behind it. */
  at(position: number, length: number): number {
    if (position < this.windowStart || position + length > this.windowEnd) {
      this.load(position, length);
    }
    return position - this.windowStart;
  }

  /** Moves the window: what it has from `position` on is kept, the rest is read. */
  private load(position: number, length: number): void {
    assert(position % 8 === 0 && length <= WINDOW_BYTES, "no place for a batch");
    const { bytes } = this.memory;
    let kept = 0;
    if (position >= this.windowStart && position < this.windowEnd) {
      bytes.copyWithin(0, position - this.windowStart, this.windowEnd - this.windowStart);
      kept = this.windowEnd - position;
    }
    this.windowStart = position;
    const wanted = WINDOW_BYTES - kept;
    const from = position + kept;
    const { files, path, descriptor } = this;
    const read = readWhole(files, path, descriptor, bytes, kept, wanted, from);
    bytes.fill(0, kept + read);
    this.windowEnd = position + WINDOW_BYTES;
  }
}
