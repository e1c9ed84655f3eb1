// One chunk of one account's pages, read back from a file, and the next packet within it. Lane thread.

import { assert } from "../base/assert.ts";
import type { SlotMemory } from "../memory/slot-memory.ts";
import { OutboxChunk } from "./outbox-chunk.ts";
import { OutboxEntry, outboxEntryBytes } from "./outbox-entry.ts";
import { CHUNK_PAGES_MAX, PAGE_HEADER_BYTES } from "./outbox-page-layout.ts";
import type { OutboxSpill } from "./outbox-spill.ts";

/** The page of a run that holds the next packet is not known. */
export const SKIP_UNKNOWN = 255;
const NOBODY = -1;

export class OutboxReadBack {
  private readonly chunk = new OutboxChunk();
  private readonly entry = new OutboxEntry();
  private account = NOBODY;
  /** The next packet: its number, its page within the chunk, and its entry's offset within that. */
  private sequence = 0;
  private place = 0;
  private offset = 0;
  private pages = 0;
  /** Pages of the run before the chunk, and all of it. */
  private skipped = 0;
  private runPages = 0;

  get memory(): SlotMemory {
    return this.chunk.memory;
  }
  /** Of the next packet, within memory. */
  get entryOffset(): number {
    return this.chunk.offsetOf(this.place) + this.offset;
  }
  /** Pages of its run before the next packet: what spares the next reading their bytes. */
  get skip(): number {
    const skip = this.skipped + this.place;
    return skip === this.runPages ? 0 : skip;
  }

  /** Whether the account's next packet is here. */
  holds(account: number, sequence: number): boolean {
    return account === this.account && sequence === this.sequence && this.place < this.pages;
  }

  /** Reads the page that holds a packet, and at most so many in all, if that page is known; else its whole run. */
  read(
    spill: OutboxSpill,
    account: number,
    sequence: number,
    skip: number,
    pagesMax: number,
  ): void {
    const { chunk } = this;
    const isKnown = skip !== SKIP_UNKNOWN;
    this.account = NOBODY; // nobody's, should the reading fail
    this.skipped = isKnown ? skip : 0;
    this.runPages = spill.runPages(account, sequence);
    const wanted = isKnown ? pagesMax : CHUNK_PAGES_MAX;
    this.pages = spill.read(account, sequence, this.skipped, wanted, chunk);
    this.place = this.pages - 1;
    while (chunk.firstSequence(this.place) > sequence) this.place--;
    this.offset = PAGE_HEADER_BYTES;
    for (let at = chunk.firstSequence(this.place); at < sequence; at++) {
      this.offset += outboxEntryBytes(this.packetBytes());
      assert(this.offset < chunk.usedBytes(this.place), "a packet is not in the run that it is in");
    }
    this.account = account;
    this.sequence = sequence;
  }

  /** Behind the next packet. */
  moveOn(): void {
    this.offset += outboxEntryBytes(this.packetBytes());
    this.sequence++;
    if (this.offset < this.chunk.usedBytes(this.place)) return;
    this.place++;
    this.offset = PAGE_HEADER_BYTES;
  }

  private packetBytes(): number {
    return this.entry.wrap(this.memory, this.entryOffset).packetBytes;
  }
}
