// Where the reader of each account stands in its outbox: the number of its next packet and, while that is in memory,
// its page. What is only in a file comes through one chunk, which the accounts use in turn. Lane thread.

import { assert } from "../base/assert.ts";
import type { SlotMemory } from "../memory/slot-memory.ts";
import type { Outbox } from "./outbox.ts";
import { OutboxEntry, outboxEntryBytes } from "./outbox-entry.ts";
import { CHUNK_PAGES_MAX, NO_PAGE, OUTBOX_PAGE_BYTES } from "./outbox-page-layout.ts";
import { OutboxReadBack, SKIP_UNKNOWN } from "./outbox-read-back.ts";

/** Before any page of a chain: the place is not known, or not in memory. */
const NOWHERE = -1;
/** A page of small packets has more of its bytes in headers than in packets. */
const PACKET_BYTES_OF_PAGE_MIN = OUTBOX_PAGE_BYTES / 2;

export class OutboxCursors {
  /** Where the packet is that look() found: within this memory, as the entry says. */
  memory: SlotMemory;
  readonly entry = new OutboxEntry();

  private readonly outbox: Outbox;
  private readonly readBack = new OutboxReadBack();
  /** look() found it in the chunk. */
  private isReadBack = false;

  private sequences = new Float64Array(64);
  private pages = new Int32Array(64);
  private numbers = new Int32Array(64).fill(NOWHERE); // of the page within the chain: says whether it is still there
  private offsets = new Int32Array(64); // of the next entry within the page
  private skips = new Uint8Array(64); // pages of the packet's run in the file before its own

  constructor(outbox: Outbox) {
    this.outbox = outbox;
    this.memory = outbox.memory;
  }

  /** The account's next packet is this one. */
  place(account: number, sequence: number): void {
    while (account >= this.sequences.length) this.grow();
    this.sequences[account] = sequence;
    this.numbers[account] = NOWHERE;
    this.skips[account] = SKIP_UNKNOWN;
  }

  /** Of the account's next packet. */
  sequence(account: number): number {
    return this.sequences[account]!;
  }
  hasMore(account: number): boolean {
    return this.sequences[account]! < this.outbox.nextSequence(account);
  }

  /** Points memory and entry at the next packet, of which there is one. False when it must be read from a file first. */
  look(account: number): boolean {
    const { outbox } = this;
    if (this.numbers[account]! < outbox.oldestNumber(account) && !this.findInMemory(account)) {
      return this.lookInChunk(account);
    }
    let page = this.pages[account]!;
    if (this.offsets[account]! >= outbox.pageUsedBytes(page)) {
      page = outbox.nextPage(page);
      assert(page !== NO_PAGE, "a cursor is beyond the end of its outbox");
      this.pages[account] = page;
      this.numbers[account]! += 1;
      this.offsets[account] = outbox.firstOffset;
    }
    this.isReadBack = false;
    this.memory = outbox.memoryOf(page);
    this.entry.wrap(this.memory, outbox.offsetOf(page) + this.offsets[account]!);
    return true;
  }

  /** Past the packet that look() found. */
  moveOn(account: number): void {
    this.sequences[account]! += 1;
    if (this.isReadBack) {
      this.readBack.moveOn();
      this.skips[account] = this.readBack.skip;
    } else {
      this.offsets[account]! += outboxEntryBytes(this.entry.packetBytes);
    }
  }

  /** Reads the next packet, which look() did not find, and what follows it: about as much as may be sent. */
  read(account: number, bytesToSend: number): void {
    const { spill } = this.outbox;
    assert(spill !== undefined, "a packet is neither in memory nor in a file");
    const pages = 2 + Math.floor(bytesToSend / PACKET_BYTES_OF_PAGE_MIN);
    const pagesMax = Math.min(pages, CHUNK_PAGES_MAX);
    this.readBack.read(spill, account, this.sequences[account]!, this.skips[account]!, pagesMax);
  }

  /** Pages may have gone since, or never have been looked for. */
  private findInMemory(account: number): boolean {
    const { outbox } = this;
    const sequence = this.sequences[account]!;
    const isInMemory = sequence >= outbox.memorySequence(account);
    if (isInMemory) {
      const page = outbox.findPage(account, sequence);
      this.pages[account] = page;
      this.numbers[account] = outbox.pageNumber(page);
      this.offsets[account] = outbox.findOffset(page, sequence);
      // Should it go from there to a file, its place within the run is a new one.
      this.skips[account] = SKIP_UNKNOWN;
    }
    return isInMemory;
  }

  private lookInChunk(account: number): boolean {
    const { readBack } = this;
    if (!readBack.holds(account, this.sequences[account]!)) return false;
    this.isReadBack = true;
    this.memory = readBack.memory;
    this.entry.wrap(this.memory, readBack.entryOffset);
    return true;
  }

  private grow(): void {
    const accounts = this.sequences.length * 2;
    const sequences = new Float64Array(accounts);
    const pages = new Int32Array(accounts);
    const numbers = new Int32Array(accounts).fill(NOWHERE);
    const offsets = new Int32Array(accounts);
    const skips = new Uint8Array(accounts);
    sequences.set(this.sequences);
    pages.set(this.pages);
    numbers.set(this.numbers);
    offsets.set(this.offsets);
    skips.set(this.skips);
    this.sequences = sequences;
    this.pages = pages;
    this.numbers = numbers;
    this.offsets = offsets;
    this.skips = skips;
  }
}
