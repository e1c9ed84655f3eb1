// The pool of an outbox's pages: takes and frees them, and reads and writes their headers. Lane thread; the keeper's
// replay has one of its own.

import { assert } from "../base/assert.ts";
import { SlotMemory } from "../memory/slot-memory.ts";
import { NO_PAGE, OUTBOX_PAGE_BYTES, PAGE } from "./outbox-page-layout.ts";

/** The pool is cut so that a byte's place in its piece stays a small integer. */
const PIECE_PAGES = 2 ** 18;

export class OutboxPages {
  readonly pagesMax: number;
  inUse = 0;

  private readonly pieces: SlotMemory[] = [];
  /** Pages that were ever taken; */
  private touched = 0;
  /** of these, the ones given back: a chain. */
  private firstFree = NO_PAGE;

  constructor(bytesMax: number) {
    assert(bytesMax >= OUTBOX_PAGE_BYTES, "an outbox of no pages");
    this.pagesMax = Math.floor(bytesMax / OUTBOX_PAGE_BYTES);
    // Lazily committed by the kernel: what no packet touched costs nothing.
    for (let pages = this.pagesMax; pages > 0; pages -= PIECE_PAGES) {
      const pieceBytes = Math.min(pages, PIECE_PAGES) * OUTBOX_PAGE_BYTES;
      this.pieces.push(new SlotMemory(new ArrayBuffer(pieceBytes)));
    }
  }

  /** A page whose header is anyone's, or NO_PAGE. */
  take(): number {
    if (this.inUse === this.pagesMax) return NO_PAGE;
    this.inUse++;
    const page = this.firstFree;
    if (page === NO_PAGE) return this.touched++;
    this.firstFree = this.field(page, PAGE.NEXT);
    return page;
  }
  free(page: number): void {
    this.inUse--;
    this.setField(page, PAGE.NEXT, this.firstFree);
    this.firstFree = page;
  }

  memoryOf(page: number): SlotMemory {
    return this.pieces[page >>> 18]!;
  }
  /** Byte offset of the page within its memory. */
  offsetOf(page: number): number {
    return (page & (PIECE_PAGES - 1)) * OUTBOX_PAGE_BYTES;
  }

  /** One of the header's i32 fields. */
  field(page: number, fieldOffset: number): number {
    return this.memoryOf(page).words[(this.offsetOf(page) + fieldOffset) >> 2]!;
  }
  setField(page: number, fieldOffset: number, value: number): void {
    this.memoryOf(page).words[(this.offsetOf(page) + fieldOffset) >> 2] = value;
  }
  firstSequence(page: number): number {
    return this.memoryOf(page).doubles[(this.offsetOf(page) + PAGE.FIRST_SEQUENCE) >> 3]!;
  }
  setFirstSequence(page: number, sequence: number): void {
    this.memoryOf(page).doubles[(this.offsetOf(page) + PAGE.FIRST_SEQUENCE) >> 3] = sequence;
  }
}

assert(PIECE_PAGES === 2 ** 18, "a page's piece is found by its upper bits");
