// One file of outbox pages: appended to in whole chunks, read back by page. Derived from the journal, so it is synced
// only where a checkpoint counts on it, and what a crash leaves of it is thrown away or cut. Lane thread, or keeper's.

import { FaultError } from "../base/fault.ts";
import {
  ioFault,
  isNoRoom,
  isOutOfDescriptors,
  orIoFault,
  readWhole,
  writeWhole,
} from "../journal/file-faults.ts";
import type { Files } from "../journal/files.ts";
import type { OutboxChunk } from "./outbox-chunk.ts";
import { OUTBOX_PAGE_BYTES } from "./outbox-page-layout.ts";

const CLOSED = -1;

export class OutboxFile {
  readonly path: string;
  /** Pages that it holds. */
  pages = 0;
  private readonly files: Files;
  private descriptor = CLOSED;

  constructor(files: Files, path: string) {
    this.files = files;
    this.path = path;
  }

  /** What an earlier process left is of no use to a new one. */
  discard(): void {
    const { files, path } = this;
    orIoFault(path, "remove", () => {
      if (files.exists(path)) files.remove(path);
    });
  }

  /** Goes on with a file that holds so many pages. */
  openExisting(pages: number, isToWrite: boolean): void {
    const { files, path } = this;
    const bytes = pages * OUTBOX_PAGE_BYTES;
    this.pages = pages;
    if (!files.exists(path)) throw this.damagedAt(0);
    this.descriptor = orIoFault(path, "open", () =>
      isToWrite ? files.open(path, false) : files.openToRead(path),
    );
    const size = orIoFault(path, "stat", () => files.size(this.descriptor));
    if (size < bytes) {
      this.close();
      throw this.damagedAt(Math.floor(size / OUTBOX_PAGE_BYTES));
    }
    if (isToWrite && size > bytes) {
      orIoFault(path, "truncate", () => files.truncate(this.descriptor, bytes));
    }
  }

  /** Appends the first pages of the chunk. False when there is no room for them: nothing has changed then. */
  append(chunk: OutboxChunk, pages: number): boolean {
    const { files, path } = this;
    try {
      if (this.descriptor === CLOSED) this.openNew();
      const bytes = pages * OUTBOX_PAGE_BYTES;
      // What an attempt without room left behind is written over by the next one.
      const position = this.pages * OUTBOX_PAGE_BYTES;
      writeWhole(files, path, this.descriptor, chunk.memory.bytes, 0, bytes, position);
    } catch (error) {
      if (isNoRoom(error) || isOutOfDescriptors(error)) return false;
      throw error;
    }
    this.pages += pages;
    return true;
  }

  /** Reads pages from a place of the file on to the start of the chunk. */
  read(chunk: OutboxChunk, place: number, pages: number): void {
    const { files, path, descriptor } = this;
    const bytes = pages * OUTBOX_PAGE_BYTES;
    const position = place * OUTBOX_PAGE_BYTES;
    const read = readWhole(files, path, descriptor, chunk.memory.bytes, 0, bytes, position);
    if (read < bytes) throw this.giveUp(place + Math.floor(read / OUTBOX_PAGE_BYTES));
  }

  sync(): void {
    if (this.descriptor === CLOSED) return;
    orIoFault(this.path, "sync", () => this.files.sync(this.descriptor));
  }

  close(): void {
    if (this.descriptor === CLOSED) return;
    orIoFault(this.path, "close", () => this.files.close(this.descriptor));
    this.descriptor = CLOSED;
  }

  /** A page is not what was written. Without the file, the next start replays what it held instead of trusting it. */
  giveUp(place: number): FaultError {
    this.discard();
    return this.damagedAt(place);
  }

  private damagedAt(place: number): FaultError {
    const offset = place * OUTBOX_PAGE_BYTES;
    return new FaultError({ code: "OUTBOX_DAMAGED", file: this.path, offset });
  }

  private openNew(): void {
    this.discard();
    try {
      this.descriptor = this.files.open(this.path, true);
    } catch (error) {
      throw ioFault(this.path, "open", error);
    }
  }
}
