// What of an outbox lies in files: the oldest full pages of all accounts, and where they are. Lane thread, or keeper's.
//
// Full pages are chained in the order in which they filled up. The oldest one's account goes first, with all its full
// pages, then the account of the next oldest one, until 64 KiB are together: long runs keep the index sparse and make a
// reading back worth its call.

import { assert } from "../base/assert.ts";
import type { Files } from "../journal/files.ts";
import type { StateReader, StateWriter } from "../journal/state-stream.ts";
import { OutboxChunk } from "./outbox-chunk.ts";
import { OutboxFile } from "./outbox-file.ts";
import { CHUNK_PAGES_MAX, NO_PAGE, OUTBOX_PAGE_BYTES, PAGE } from "./outbox-page-layout.ts";
import type { OutboxPages } from "./outbox-pages.ts";
import { OutboxRuns } from "./outbox-runs.ts";

export interface SpillOptions {
  readonly files: Files;
  /** Where full pages go. Made anew, unless it is the store and a checkpoint is restored. */
  readonly path: string;
  /** What checkpoints refer to. Only read, unless it is `path` too: the keeper's outbox writes it. */
  readonly storePath?: string;
}

export interface Evictions {
  /** All pages of the account before this one are in a file from now on. */
  onEvicted(account: number, oldestPage: number): void;
}

export class OutboxSpill {
  /** Times that there was no room on the disk. */
  failures = 0;
  /** Runs of all accounts. */
  runCount = 0;
  readonly isStore: boolean;

  private readonly pages: OutboxPages;
  private readonly evictions: Evictions;
  private readonly own: OutboxFile;
  private readonly store: OutboxFile | undefined;
  private readonly chunk = new OutboxChunk();
  /** By account; those that never had a page in a file have none. */
  private readonly runs: (OutboxRuns | undefined)[] = [];
  private firstFilled = NO_PAGE;
  private lastFilled = NO_PAGE;

  /** What is together in the chunk: accounts, their oldest pages, and how many. */
  private gathered = 0;
  private readonly gatheredAccounts = new Int32Array(CHUNK_PAGES_MAX);
  private readonly gatheredPages = new Int32Array(CHUNK_PAGES_MAX);
  private readonly gatheredCounts = new Int32Array(CHUNK_PAGES_MAX);

  constructor(pages: OutboxPages, options: SpillOptions, evictions: Evictions) {
    const { files, path, storePath } = options;
    this.pages = pages;
    this.evictions = evictions;
    this.isStore = storePath === path;
    this.own = new OutboxFile(files, path);
    const other = storePath === undefined ? undefined : new OutboxFile(files, storePath);
    this.store = this.isStore ? this.own : other;
    if (!this.isStore) this.own.discard();
  }

  get spilledBytes(): number {
    const stored = this.isStore ? 0 : (this.store?.pages ?? 0);
    return (this.own.pages + stored) * OUTBOX_PAGE_BYTES;
  }
  /** No page is full. */
  get isEmpty(): boolean {
    return this.firstFilled === NO_PAGE;
  }

  /** The page takes no more packets: another one follows it. */
  addFilled(page: number): void {
    const { pages, lastFilled } = this;
    pages.setField(page, PAGE.FILLED_BEFORE, lastFilled);
    pages.setField(page, PAGE.FILLED_AFTER, NO_PAGE);
    if (lastFilled === NO_PAGE) this.firstFilled = page;
    else pages.setField(lastFilled, PAGE.FILLED_AFTER, page);
    this.lastFilled = page;
  }

  /** Writes the oldest full pages, up to a chunk of them, and frees them. False when none went. */
  evict(): boolean {
    const count = this.gather();
    if (count === 0) return false;
    const place = this.own.pages;
    if (!this.own.append(this.chunk, count)) {
      this.failures++;
      return false;
    }
    this.release(place);
    return true;
  }

  /**
   * Reads pages of the run that holds a packet into the chunk, past the first `skip` of them and at most so many.
   * Returns how many came; they are the account's, in order and undamaged.
   */
  read(
    account: number,
    sequence: number,
    skip: number,
    pagesMax: number,
    chunk: OutboxChunk,
  ): number {
    const runs = this.runs[account];
    assert(runs !== undefined, "an account without pages in a file is read from one");
    const run = runs.find(sequence);
    const file = run < runs.inStore ? this.store : this.own;
    assert(file !== undefined, "pages lie in a store that is not there");
    const place = runs.place(run) + skip;
    const count = Math.min(runs.pages(run) - skip, pagesMax);
    assert(count > 0, "a run is read beyond its end");
    file.read(chunk, place, count);
    let before = skip === 0 ? runs.firstSequence(run) - 1 : 0;
    for (let at = 0; at < count; at++) {
      const first = chunk.firstSequence(at);
      const isOurs = chunk.account(at) === account && first > before;
      if (!isOurs || !chunk.isSound(at)) throw file.giveUp(place + at);
      before = first;
    }
    if (chunk.firstSequence(0) > sequence) throw file.giveUp(place);
    return count;
  }
  /** Pages of the run that holds a packet. */
  runPages(account: number, sequence: number): number {
    const runs = this.runs[account];
    assert(runs !== undefined, "an account without pages in a file has no run");
    return runs.pages(runs.find(sequence));
  }

  /** Makes what was written last: a checkpoint counts on it. */
  sync(): void {
    this.own.sync();
  }
  close(): void {
    this.own.close();
    this.store?.close();
  }

  saveFile(out: StateWriter): void {
    const isInStore = this.isStore || this.own.pages === 0;
    assert(isInStore, "a checkpoint refers to a file of the lane's own");
    out.number(this.store?.pages ?? 0);
  }
  restoreFile(from: StateReader): void {
    const storePages = from.number();
    if (storePages === 0) return;
    assert(this.store !== undefined, "a checkpoint refers to a store that is not there");
    this.store.openExisting(storePages, this.isStore);
  }
  saveRuns(account: number, out: StateWriter): void {
    const runs = this.runs[account];
    if (runs === undefined) out.number(0);
    else runs.save(out);
  }
  restoreRuns(account: number, from: StateReader): void {
    const runs = new OutboxRuns();
    runs.restore(from);
    if (runs.count > 0) this.runs[account] = runs;
    this.runCount += runs.count;
  }
  /** By its number: accounts come one after the other. */
  addAccount(): void {
    this.runs.push(undefined);
  }

  /** Copies the pages that go next into the chunk. Returns how many. */
  private gather(): number {
    const { pages, chunk } = this;
    let count = 0;
    this.gathered = 0;
    let page = this.firstFilled;
    while (page !== NO_PAGE && count < CHUNK_PAGES_MAX) {
      const account = pages.field(page, PAGE.ACCOUNT);
      if (!this.isGathered(account)) {
        const start = count;
        let next = pages.field(page, PAGE.NEXT);
        for (let at = page; next !== NO_PAGE && count < CHUNK_PAGES_MAX; count++) {
          const usedBytes = pages.field(at, PAGE.USED_BYTES);
          chunk.put(count, pages.memoryOf(at), pages.offsetOf(at), usedBytes);
          at = next;
          next = pages.field(at, PAGE.NEXT);
        }
        this.gatheredAccounts[this.gathered] = account;
        this.gatheredPages[this.gathered] = page;
        this.gatheredCounts[this.gathered] = count - start;
        this.gathered++;
      }
      page = pages.field(page, PAGE.FILLED_AFTER);
    }
    return count;
  }

  private isGathered(account: number): boolean {
    for (let index = this.gathered - 1; index >= 0; index--) {
      if (this.gatheredAccounts[index] === account) return true;
    }
    return false;
  }

  /** The chunk is in the file, from that page on. */
  private release(start: number): void {
    const { pages } = this;
    let place = start;
    for (let index = 0; index < this.gathered; index++) {
      const account = this.gatheredAccounts[index]!;
      const count = this.gatheredCounts[index]!;
      let page = this.gatheredPages[index]!;
      this.runsOf(account).add(pages.firstSequence(page), place, count);
      for (let left = count; left > 0; left--) {
        const next = pages.field(page, PAGE.NEXT);
        this.removeFilled(page);
        pages.free(page);
        page = next;
      }
      pages.setField(page, PAGE.PREVIOUS, NO_PAGE);
      this.evictions.onEvicted(account, page);
      place += count;
    }
    this.runCount += this.gathered;
  }

  private runsOf(account: number): OutboxRuns {
    const known = this.runs[account];
    if (known !== undefined) return known;
    const runs = new OutboxRuns();
    this.runs[account] = runs;
    return runs;
  }

  private removeFilled(page: number): void {
    const { pages } = this;
    const before = pages.field(page, PAGE.FILLED_BEFORE);
    const after = pages.field(page, PAGE.FILLED_AFTER);
    if (before === NO_PAGE) this.firstFilled = after;
    else pages.setField(before, PAGE.FILLED_AFTER, after);
    if (after === NO_PAGE) this.lastFilled = before;
    else pages.setField(after, PAGE.FILLED_BEFORE, before);
  }
}
