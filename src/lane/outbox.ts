// Every sequenced packet of the day, per account, ready to be sent. Lane thread.
//
// Pages of 1 KiB from one pool, chained per account. A page is a header and entries; an entry is a header and one
// complete SoupBinTCP packet. Each page also points far back, so that packet #N of a million is found in a few hops.

import { assert } from "../base/assert.ts";
import { FaultError } from "../base/fault.ts";
import { OUTBOUND_PAYLOAD_BYTES_MAX } from "../memory/outbound-record.ts";
import { SlotMemory } from "../memory/slot-memory.ts";
import { OutboxEntry, outboxEntryBytes } from "./outbox-entry.ts";

export const OUTBOX_PAGE_BYTES = 1024;
export const NO_PAGE = -1;

// Page header.
const FIRST_SEQUENCE_OFFSET = 0; // f64, of the page's first packet
const PREVIOUS_OFFSET = FIRST_SEQUENCE_OFFSET + 8; // i32, the page before, or NO_PAGE
const FAR_BACK_OFFSET = PREVIOUS_OFFSET + 4; // i32, a page far before, or NO_PAGE
const NEXT_OFFSET = FAR_BACK_OFFSET + 4; // i32, the page behind, or NO_PAGE
const NUMBER_OFFSET = NEXT_OFFSET + 4; // i32, place in the account's chain, from 0
const USED_BYTES_OFFSET = NUMBER_OFFSET + 4; // i32, header included
const ENTRIES_OFFSET = USED_BYTES_OFFSET + 8; // padded to a whole 8

/** The pool is cut so that a byte's place in its chunk stays a small integer. */
const CHUNK_PAGES = 2 ** 18;

export class Outbox {
  /** Where the packet of begin() goes: within this memory, */
  memory: SlotMemory;
  /** at this offset. */
  packetOffset = 0;

  private readonly lane: number;
  private readonly bytesMax: number;
  private readonly pagesMax: number;
  private readonly chunks: SlotMemory[] = [];
  private readonly entry = new OutboxEntry();
  private pageCount = 0;
  private lastPages = new Int32Array(64); // per account
  private nextSequences = new Float64Array(64);
  private accountCount = 0;
  private writingPage = NO_PAGE;

  constructor(lane: number, bytesMax: number) {
    assert(bytesMax >= OUTBOX_PAGE_BYTES, "an outbox of no pages");
    this.lane = lane;
    this.bytesMax = bytesMax;
    this.pagesMax = Math.floor(bytesMax / OUTBOX_PAGE_BYTES);
    // Lazily committed by the kernel: what no packet touched costs nothing.
    for (let pages = this.pagesMax; pages > 0; pages -= CHUNK_PAGES) {
      const chunkBytes = Math.min(pages, CHUNK_PAGES) * OUTBOX_PAGE_BYTES;
      this.chunks.push(new SlotMemory(new ArrayBuffer(chunkBytes)));
    }
    this.memory = this.chunks[0]!;
  }

  /** Accounts are numbered in this order, from 0. */
  addAccount(): void {
    if (this.accountCount === this.lastPages.length) this.growAccounts();
    this.lastPages[this.accountCount] = NO_PAGE;
    this.nextSequences[this.accountCount] = 1;
    this.accountCount++;
  }

  /** The number that the account's next packet will have. */
  nextSequence(account: number): number {
    return this.nextSequences[account]!;
  }
  get usedBytes(): number {
    return this.pageCount * OUTBOX_PAGE_BYTES;
  }

  /** Makes room for a packet of any size and points memory and packetOffset at it. Ends with end(). */
  begin(account: number): void {
    let page = this.lastPages[account]!;
    const bytesMax = outboxEntryBytes(OUTBOUND_PAYLOAD_BYTES_MAX);
    if (page === NO_PAGE || this.pageUsedBytes(page) + bytesMax > OUTBOX_PAGE_BYTES) {
      page = this.addPage(account, page);
    }
    this.writingPage = page;
    this.memory = this.memoryOf(page);
    const offset = this.offsetOf(page) + this.pageUsedBytes(page);
    this.packetOffset = this.entry.wrap(this.memory, offset).packetOffset;
  }

  /** The packet is written. Returns its entry, for the caller to complete. */
  end(account: number, packetBytes: number): OutboxEntry {
    const page = this.writingPage;
    this.entry.packetBytes = packetBytes;
    this.words(page)[this.word(page, USED_BYTES_OFFSET)]! += outboxEntryBytes(packetBytes);
    this.nextSequences[account]! += 1;
    return this.entry;
  }

  lastPage(account: number): number {
    return this.lastPages[account]!;
  }
  nextPage(page: number): number {
    return this.words(page)[this.word(page, NEXT_OFFSET)]!;
  }
  /** Where the first entry of any page stands. */
  readonly firstOffset = ENTRIES_OFFSET;
  /** Where the next entry of the page would go. */
  pageUsedBytes(page: number): number {
    return this.words(page)[this.word(page, USED_BYTES_OFFSET)]!;
  }
  memoryOf(page: number): SlotMemory {
    return this.chunks[page >>> 18]!;
  }
  /** Byte offset of the page within its memory. */
  offsetOf(page: number): number {
    return (page & (CHUNK_PAGES - 1)) * OUTBOX_PAGE_BYTES;
  }

  /** The page that holds a packet of the account. */
  findPage(account: number, sequence: number): number {
    let page = this.lastPages[account]!;
    while (this.firstSequence(page) > sequence) {
      const farBack = this.words(page)[this.word(page, FAR_BACK_OFFSET)]!;
      const isFarEnough = farBack !== NO_PAGE && this.firstSequence(farBack) >= sequence;
      page = isFarEnough ? farBack : this.words(page)[this.word(page, PREVIOUS_OFFSET)]!;
      assert(page !== NO_PAGE, "the outbox lost a packet");
    }
    return page;
  }

  /** Offset within the page of one of its packets; its used bytes for the one to come. */
  findOffset(page: number, sequence: number): number {
    let offset = ENTRIES_OFFSET;
    for (let at = this.firstSequence(page); at < sequence; at++) {
      const entry = this.entry.wrap(this.memoryOf(page), this.offsetOf(page) + offset);
      offset += outboxEntryBytes(entry.packetBytes);
    }
    assert(offset <= this.pageUsedBytes(page), "a packet is looked for beyond the end");
    return offset;
  }

  private firstSequence(page: number): number {
    return this.memoryOf(page).doubles[(this.offsetOf(page) + FIRST_SEQUENCE_OFFSET) >> 3]!;
  }
  private words(page: number): Int32Array {
    return this.memoryOf(page).words;
  }
  private word(page: number, fieldOffset: number): number {
    return (this.offsetOf(page) + fieldOffset) >> 2;
  }

  private addPage(account: number, previous: number): number {
    if (this.pageCount === this.pagesMax) {
      throw new FaultError({ code: "OUTBOX_FULL", lane: this.lane, bytes: this.bytesMax });
    }
    const page = this.pageCount;
    this.pageCount++;
    const words = this.words(page);
    const number = previous === NO_PAGE ? 0 : this.pageNumber(previous) + 1;
    this.memoryOf(page).doubles[(this.offsetOf(page) + FIRST_SEQUENCE_OFFSET) >> 3] =
      this.nextSequences[account]!;
    words[this.word(page, PREVIOUS_OFFSET)] = previous;
    words[this.word(page, FAR_BACK_OFFSET)] = this.farBack(previous, number);
    words[this.word(page, NEXT_OFFSET)] = NO_PAGE;
    words[this.word(page, NUMBER_OFFSET)] = number;
    words[this.word(page, USED_BYTES_OFFSET)] = ENTRIES_OFFSET;
    if (previous !== NO_PAGE) this.words(previous)[this.word(previous, NEXT_OFFSET)] = page;
    this.lastPages[account] = page;
    return page;
  }

  private pageNumber(page: number): number {
    return this.words(page)[this.word(page, NUMBER_OFFSET)]!;
  }

  /** Page n points back to n without its lowest set bit: from anywhere, halving leads to anywhere before. */
  private farBack(previous: number, number: number): number {
    const wanted = number & (number - 1);
    let page = previous;
    while (page !== NO_PAGE && this.pageNumber(page) !== wanted) {
      page = this.words(page)[this.word(page, FAR_BACK_OFFSET)]!;
    }
    return page;
  }

  private growAccounts(): void {
    const lastPages = new Int32Array(this.lastPages.length * 2);
    const nextSequences = new Float64Array(this.nextSequences.length * 2);
    lastPages.set(this.lastPages);
    nextSequences.set(this.nextSequences);
    this.lastPages = lastPages;
    this.nextSequences = nextSequences;
  }
}

assert(CHUNK_PAGES === 2 ** 18, "a page's chunk is found by its upper bits");
assert(
  ENTRIES_OFFSET + outboxEntryBytes(OUTBOUND_PAYLOAD_BYTES_MAX) <= OUTBOX_PAGE_BYTES,
  "the largest packet does not fit a page",
);
