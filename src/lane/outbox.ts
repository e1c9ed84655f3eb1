// Every sequenced packet of the day, per account, ready to be sent. Lane thread; the keeper's replay has one too.
//
// Pages of 1 KiB from one pool, chained per account. A page is a header and entries; an entry is a header and one
// complete SoupBinTCP packet. Each page also points far back, so that a packet is found in a few hops. When the pool is
// 3/4 full the oldest full pages go to a file (outbox-spill.ts): of an account's chain, pages from some number on are in
// memory, the last one always.

import { assert } from "../base/assert.ts";
import { FaultError } from "../base/fault.ts";
import type { Saved, StateReader, StateWriter } from "../journal/state-stream.ts";
import { OUTBOUND_PAYLOAD_BYTES_MAX } from "../memory/outbound-record.ts";
import { SlotMemory } from "../memory/slot-memory.ts";
import { NO_BATCH, OutboxEntry, outboxEntryBytes } from "./outbox-entry.ts";
import { NO_PAGE, OUTBOX_PAGE_BYTES, PAGE, PAGE_HEADER_BYTES } from "./outbox-page-layout.ts";
import { OutboxPages } from "./outbox-pages.ts";
import { type Evictions, OutboxSpill, type SpillOptions } from "./outbox-spill.ts";

export interface OutboxOptions {
  readonly lane: number;
  /** Of memory. */
  readonly bytesMax: number;
  /** Without files, memory must hold everything. */
  readonly spill?: SpillOptions | undefined;
}

/** While the disk has no room, it is tried again each time so many pages have filled up. */
const RETRY_PAGES = 64;

export class Outbox implements Evictions, Saved {
  /** Where the packet of begin() goes: within this memory, */
  memory: SlotMemory;
  /** at this offset. */
  packetOffset = 0;
  /** The part that lies in files. */
  readonly spill: OutboxSpill | undefined;

  private readonly lane: number;
  private readonly bytesMax: number;
  private readonly pages: OutboxPages;
  /** With so many in use, the oldest go. */
  private readonly pagesKept: number;
  private pagesToRetry = 0;
  private readonly entry = new OutboxEntry();
  private readonly copy = new SlotMemory(new ArrayBuffer(OUTBOX_PAGE_BYTES));
  private lastPages = new Int32Array(64); // per account
  private oldestNumbers = new Int32Array(64); // of the first page in memory,
  private memorySequences = new Float64Array(64); // and its first sequence
  private nextSequences = new Float64Array(64);
  private accountCount = 0;
  private writingPage = NO_PAGE;

  constructor({ lane, bytesMax, spill }: OutboxOptions) {
    this.lane = lane;
    this.bytesMax = bytesMax;
    this.pages = new OutboxPages(bytesMax);
    this.pagesKept = Math.max(1, Math.floor((this.pages.pagesMax * 3) / 4));
    this.spill = spill === undefined ? undefined : new OutboxSpill(this.pages, spill, this);
    this.memory = this.pages.memoryOf(0);
  }

  /** Accounts are numbered in this order, from 0. */
  addAccount(): void {
    if (this.accountCount === this.lastPages.length) this.growAccounts();
    this.lastPages[this.accountCount] = NO_PAGE;
    this.oldestNumbers[this.accountCount] = 0;
    this.memorySequences[this.accountCount] = 1;
    this.nextSequences[this.accountCount] = 1;
    this.accountCount++;
    this.spill?.addAccount();
  }

  /** The number that the account's next packet will have. */
  nextSequence(account: number): number {
    return this.nextSequences[account]!;
  }
  /** Of memory. */
  get usedBytes(): number {
    return this.pages.inUse * OUTBOX_PAGE_BYTES;
  }
  /** In files. */
  get spilledBytes(): number {
    return this.spill?.spilledBytes ?? 0;
  }
  /** Entries of the index of what is in files. */
  get runs(): number {
    return this.spill?.runCount ?? 0;
  }
  /** Times that a disk without room did not take pages. */
  get spillFailures(): number {
    return this.spill?.failures ?? 0;
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
    const usedBytes = this.pageUsedBytes(page) + outboxEntryBytes(packetBytes);
    this.pages.setField(page, PAGE.USED_BYTES, usedBytes);
    this.nextSequences[account]! += 1;
    return this.entry;
  }

  /** Number within the account's chain of its first page in memory. */
  oldestNumber(account: number): number {
    return this.oldestNumbers[account]!;
  }
  /** The first packet that is in memory, or would be. */
  memorySequence(account: number): number {
    return this.memorySequences[account]!;
  }
  nextPage(page: number): number {
    return this.pages.field(page, PAGE.NEXT);
  }
  pageNumber(page: number): number {
    return this.pages.field(page, PAGE.NUMBER);
  }
  /** Where the first entry of any page stands. */
  readonly firstOffset = PAGE_HEADER_BYTES;
  /** Where the next entry of the page would go. */
  pageUsedBytes(page: number): number {
    return this.pages.field(page, PAGE.USED_BYTES);
  }
  memoryOf(page: number): SlotMemory {
    return this.pages.memoryOf(page);
  }
  /** Byte offset of the page within its memory. */
  offsetOf(page: number): number {
    return this.pages.offsetOf(page);
  }

  /** The page that holds a packet of the account; NO_PAGE when it is in a file. */
  findPage(account: number, sequence: number): number {
    if (sequence < this.memorySequences[account]!) return NO_PAGE;
    const { pages } = this;
    const oldestNumber = this.oldestNumbers[account]!;
    let page = this.lastPages[account]!;
    while (page !== NO_PAGE && pages.firstSequence(page) > sequence) {
      // What a page points to may have gone; its number says whether it has.
      const number = this.pageNumber(page);
      const farNumber = number & (number - 1);
      const farBack = farNumber >= oldestNumber ? pages.field(page, PAGE.FAR_BACK) : NO_PAGE;
      const isFarEnough = farBack !== NO_PAGE && pages.firstSequence(farBack) >= sequence;
      page = isFarEnough ? farBack : pages.field(page, PAGE.PREVIOUS);
      assert(page !== NO_PAGE, "the outbox lost a packet");
    }
    return page;
  }

  /** Offset within the page of one of its packets; its used bytes for the one to come. */
  findOffset(page: number, sequence: number): number {
    let offset = PAGE_HEADER_BYTES;
    for (let at = this.pages.firstSequence(page); at < sequence; at++) {
      const entry = this.entry.wrap(this.memoryOf(page), this.offsetOf(page) + offset);
      offset += outboxEntryBytes(entry.packetBytes);
    }
    assert(offset <= this.pageUsedBytes(page), "a packet is looked for beyond the end");
    return offset;
  }

  onEvicted(account: number, oldestPage: number): void {
    this.oldestNumbers[account] = this.pageNumber(oldestPage);
    this.memorySequences[account] = this.pages.firstSequence(oldestPage);
  }

  /** Writes every full page. False when the disk has no room for them. Before save(), where there are files. */
  flush(): boolean {
    const { spill } = this;
    if (spill === undefined) return true;
    while (!spill.isEmpty) {
      if (!spill.evict()) return false;
    }
    return true;
  }
  /** What flush() wrote outlasts a loss of power. */
  sync(): void {
    this.spill?.sync();
  }
  close(): void {
    this.spill?.close();
  }

  save(out: StateWriter): void {
    out.mark("outbox");
    if (this.spill === undefined) out.number(0);
    else this.spill.saveFile(out);
    out.number(this.accountCount);
    for (let account = 0; account < this.accountCount; account++) this.saveAccount(account, out);
  }

  /** Into an outbox without accounts. Throws OUTBOX_DAMAGED when the store is not there or too short. */
  restore(from: StateReader): void {
    assert(this.accountCount === 0, "an outbox is restored into one in use");
    from.mark("outbox");
    if (this.spill !== undefined) this.spill.restoreFile(from);
    else assert(from.number() === 0, "a checkpoint refers to a store, and there are no files");
    for (let left = from.number(); left > 0; left--) this.restoreAccount(from);
  }

  private saveAccount(account: number, out: StateWriter): void {
    out.number(this.nextSequences[account]!);
    if (this.spill === undefined) out.number(0);
    else this.spill.saveRuns(account, out);
    const last = this.lastPages[account]!;
    const oldestNumber = this.oldestNumbers[account]!;
    out.number(oldestNumber);
    out.number(last === NO_PAGE ? 0 : this.pageNumber(last) + 1 - oldestNumber);
    if (last === NO_PAGE) return;
    for (
      let page = this.findPage(account, this.memorySequences[account]!);
      page !== NO_PAGE;
      page = this.nextPage(page)
    ) {
      const usedBytes = this.pageUsedBytes(page);
      const copy = this.copyWithoutStamps(page, usedBytes);
      out.number(this.pages.firstSequence(page));
      out.number(usedBytes);
      out.array(copy.bytes, PAGE_HEADER_BYTES, usedBytes - PAGE_HEADER_BYTES);
    }
  }

  private restoreAccount(from: StateReader): void {
    const account = this.accountCount;
    this.addAccount();
    const nextSequence = from.number();
    if (this.spill !== undefined) this.spill.restoreRuns(account, from);
    else assert(from.number() === 0, "pages lie in a store, and there are no files");
    this.oldestNumbers[account] = from.number();
    this.memorySequences[account] = nextSequence;
    const pageCount = from.number();
    for (let index = 0; index < pageCount; index++) {
      this.nextSequences[account] = from.number();
      if (index === 0) this.memorySequences[account] = this.nextSequences[account];
      const page = this.addPage(account, this.lastPages[account]!);
      const usedBytes = from.number();
      assert(usedBytes >= PAGE_HEADER_BYTES && usedBytes <= OUTBOX_PAGE_BYTES, "a page's bytes");
      this.pages.setField(page, PAGE.USED_BYTES, usedBytes);
      const start = this.offsetOf(page) + PAGE_HEADER_BYTES;
      from.array(this.memoryOf(page).bytes, start, usedBytes - PAGE_HEADER_BYTES);
    }
    this.nextSequences[account] = nextSequence;
  }

  /** Stamps and batches mean nothing to another process. */
  private copyWithoutStamps(page: number, usedBytes: number): SlotMemory {
    const { copy } = this;
    const start = this.offsetOf(page);
    this.memoryOf(page).bytes.copy(copy.bytes, 0, start, start + usedBytes);
    for (let offset = PAGE_HEADER_BYTES; offset < usedBytes; ) {
      const entry = this.entry.wrap(copy, offset);
      entry.sinceNs = 0;
      entry.batch = NO_BATCH;
      entry.batchIndex = 0;
      offset += outboxEntryBytes(entry.packetBytes);
    }
    return copy;
  }

  private addPage(account: number, previous: number): number {
    const { pages, spill } = this;
    this.makeRoom();
    const page = pages.take();
    if (page === NO_PAGE) {
      throw new FaultError({ code: "OUTBOX_FULL", lane: this.lane, bytes: this.bytesMax });
    }
    const number =
      previous === NO_PAGE ? this.oldestNumbers[account]! : this.pageNumber(previous) + 1;
    pages.setFirstSequence(page, this.nextSequences[account]!);
    pages.setField(page, PAGE.ACCOUNT, account);
    pages.setField(page, PAGE.NUMBER, number);
    pages.setField(page, PAGE.USED_BYTES, PAGE_HEADER_BYTES);
    pages.setField(page, PAGE.PREVIOUS, previous);
    pages.setField(page, PAGE.NEXT, NO_PAGE);
    pages.setField(page, PAGE.FAR_BACK, this.farBack(account, previous, number));
    if (previous !== NO_PAGE) {
      pages.setField(previous, PAGE.NEXT, page);
      spill?.addFilled(previous);
    }
    this.lastPages[account] = page;
    return page;
  }

  /** A chunk of the oldest pages goes when too many are in use. The page that is about to be full is not among them. */
  private makeRoom(): void {
    const { pages, spill } = this;
    if (spill === undefined || pages.inUse < this.pagesKept) return;
    const isFull = pages.inUse === pages.pagesMax;
    if (this.pagesToRetry > 0 && !isFull) {
      this.pagesToRetry--;
      return;
    }
    const { failures } = spill;
    spill.evict();
    this.pagesToRetry = spill.failures === failures ? 0 : RETRY_PAGES - 1;
  }

  /** Page n points back to n without its lowest set bit: from anywhere, halving leads to anywhere before. */
  private farBack(account: number, previous: number, number: number): number {
    const wanted = number & (number - 1);
    if (wanted < this.oldestNumbers[account]!) return NO_PAGE;
    let page = previous;
    while (page !== NO_PAGE && this.pageNumber(page) !== wanted) {
      page = this.pages.field(page, PAGE.FAR_BACK);
    }
    return page;
  }

  private growAccounts(): void {
    const accounts = this.lastPages.length * 2;
    const lastPages = new Int32Array(accounts);
    const oldestNumbers = new Int32Array(accounts);
    const memorySequences = new Float64Array(accounts);
    const nextSequences = new Float64Array(accounts);
    lastPages.set(this.lastPages);
    oldestNumbers.set(this.oldestNumbers);
    memorySequences.set(this.memorySequences);
    nextSequences.set(this.nextSequences);
    this.lastPages = lastPages;
    this.oldestNumbers = oldestNumbers;
    this.memorySequences = memorySequences;
    this.nextSequences = nextSequences;
  }
}
