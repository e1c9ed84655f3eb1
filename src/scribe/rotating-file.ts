// A file of telemetry that others read with their own tools: written in large pieces, begun anew when it is full, and
// only so many kept. A disk that takes nothing costs what would have been written, and nobody an order. Scribe thread.

import {
  closeSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readdirSync,
  rmSync,
  type Stats,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { assert } from "../base/assert.ts";
import { errnoOf } from "../base/errno-of.ts";
import { makeDirectories } from "../base/make-directories.ts";

const PIECE_BYTES = 64 * 1024;
/** After trouble, nothing is tried for so long. */
const RETRY_MS = 10_000;
/** Whether the file is still what was made is looked at so often at most, and only when there is something to write. */
const LOOK_MS = 1000;
const NOT_OPEN = -1;

export interface RotatingFileOptions {
  /** Made when it is not there. */
  readonly directory: string;
  /** Before and after the time in the file's name: "orders-" and ".bin". */
  readonly prefix: string;
  readonly suffix: string;
  /** Of one file. A single write that is larger has a file of its own. */
  readonly bytesMax: number;
  /** Of this kind in the directory, the one being written among them; the oldest go. */
  readonly filesMax: number;
  /** Stands at the beginning of each file. */
  readonly header?: () => Buffer | string;
  /** One line when the disk takes no more, and one when it takes again; one when somebody has taken the file away or cut it. */
  readonly onTrouble: (line: string) => void;
  /** Since 1970. */
  readonly nowMs?: () => number;
  /** As writeSync of node:fs. */
  readonly write?: WriteBytes;
}

type WriteBytes = (descriptor: number, bytes: Buffer, offset: number, length: number) => number;

/** What is given to one write() is never torn between two files, nor left in half by a full disk. */
export class RotatingFile {
  private readonly options: RotatingFileOptions;
  private readonly nowMs: () => number;
  private readonly writeBytes: WriteBytes;
  private readonly pending = Buffer.allocUnsafeSlow(PIECE_BYTES);
  private pendingBytes = 0;
  private pendingWrites = 0;
  private descriptor = NOT_OPEN;
  private currentPath = "";
  private opened: Stats | undefined = undefined;
  private lookedAtMs = 0;
  private bytes = 0; // in the file
  private headerBytes = 0;
  private newestMs = 0;
  private failedAtMs = 0;
  private isInTrouble = false;
  private failures = 0;
  private lost = 0;
  private lostNow = 0;
  private writesLost = 0;

  constructor(options: RotatingFileOptions) {
    assert(options.filesMax >= 1, "no file is kept");
    this.options = options;
    this.nowMs = options.nowMs ?? Date.now;
    this.writeBytes = options.write ?? writeSync;
  }

  /** Where what is flushed next goes, if there is room; empty before the first. */
  get path(): string {
    return this.currentPath;
  }
  /** How often the disk took nothing. */
  get failureCount(): number {
    return this.failures;
  }
  /** What it should have taken. */
  get lostBytes(): number {
    return this.lost;
  }

  /** As many calls of write(). */
  get lostWrites(): number {
    return this.writesLost;
  }

  /** Keeps it until there is a large piece, or flush(). */
  write(bytes: Buffer | string): void {
    const length = typeof bytes === "string" ? Buffer.byteLength(bytes) : bytes.length;
    if (this.pendingBytes + length > PIECE_BYTES) this.flush();
    if (length > PIECE_BYTES) {
      this.writePiece(typeof bytes === "string" ? Buffer.from(bytes) : bytes, length, 1);
      return;
    }
    if (typeof bytes === "string") this.pending.write(bytes, this.pendingBytes);
    else bytes.copy(this.pending, this.pendingBytes);
    this.pendingBytes += length;
    this.pendingWrites++;
  }

  /** Gives the disk what was kept. */
  flush(): void {
    if (this.pendingBytes === 0) return;
    this.writePiece(this.pending, this.pendingBytes, this.pendingWrites);
    this.pendingBytes = 0;
    this.pendingWrites = 0;
  }

  /** A write after this begins another file. */
  close(): void {
    this.flush();
    this.closeFile();
  }

  private writePiece(piece: Buffer, length: number, writes: number): void {
    // The wall clock may have been set back meanwhile: that must not put off the next try for as long.
    if (this.isInTrouble && Math.abs(this.nowMs() - this.failedAtMs) < RETRY_MS) {
      this.lose(length, writes);
      return;
    }
    try {
      const isFull = this.bytes + length > this.options.bytesMax && this.bytes > this.headerBytes;
      if (isFull || this.isTouched()) this.closeFile();
      if (this.descriptor === NOT_OPEN) this.openFile();
      this.append(piece, length);
      this.endTrouble();
    } catch (error) {
      this.lose(length, writes);
      this.beginTrouble(error);
    }
  }

  private append(piece: Buffer, length: number): void {
    let written = 0;
    try {
      while (written < length) {
        written += this.writeBytes(this.descriptor, piece, written, length - written);
      }
    } catch (error) {
      if (written > 0) this.takeBack(written);
      throw error;
    }
    this.bytes += length;
  }

  /**
   * Half a record would be read as a whole one: the file ends where it did before. That is asked of the file, since
   * somebody may have cut it meanwhile, and it must not grow by a hole of zeros.
   */
  private takeBack(written: number): void {
    const { size } = fstatSync(this.descriptor);
    ftruncateSync(this.descriptor, Math.max(0, size - written));
  }

  private openFile(): void {
    const { directory, header } = this.options;
    makeDirectories(directory);
    const path = join(directory, this.nextName());
    this.descriptor = openSync(path, "ax");
    this.bytes = 0;
    this.headerBytes = 0;
    try {
      const first = Buffer.from(header?.() ?? "");
      this.append(first, first.length);
    } catch (error) {
      // A file with nothing in it would push out one with something.
      this.closeFile();
      rmSync(path, { force: true });
      throw error;
    }
    this.headerBytes = this.bytes;
    this.currentPath = path;
    this.opened = fstatSync(this.descriptor);
    this.lookedAtMs = this.nowMs();
    this.removeOldest();
  }

  /** Removed, renamed or moved away: what is written to it now, nobody finds. Cut: it has no header any more. */
  private isTouched(): boolean {
    const { opened, currentPath } = this;
    if (this.descriptor === NOT_OPEN || opened === undefined) return false;
    const nowMs = this.nowMs();
    if (Math.abs(nowMs - this.lookedAtMs) < LOOK_MS) return false;
    this.lookedAtMs = nowMs;
    let found: Stats | undefined;
    try {
      found = statSync(currentPath, { throwIfNoEntry: false });
    } catch {
      return false; // who cannot look goes on
    }
    let what = "removed or renamed";
    if (found?.ino === opened.ino && found.dev === opened.dev) {
      if (found.size >= this.bytes) return false;
      what = "cut";
    }
    this.options.onTrouble(`${currentPath} was ${what} by somebody: another is begun`);
    return true;
  }

  private closeFile(): void {
    if (this.descriptor === NOT_OPEN) return;
    const { descriptor } = this;
    this.descriptor = NOT_OPEN;
    closeSync(descriptor);
  }

  /** Names sort by time: later than all that are there, wherever the wall clock was set meanwhile. */
  private nextName(): string {
    const { prefix, suffix } = this.options;
    const newest = this.names().at(-1);
    const newestMs = newest === undefined ? 0 : timeOf(newest.slice(prefix.length));
    this.newestMs = Math.max(this.nowMs(), newestMs + 1, this.newestMs + 1);
    return `${prefix}${nameTime(this.newestMs)}${suffix}`;
  }

  private removeOldest(): void {
    const { directory, filesMax } = this.options;
    for (const name of this.names().slice(0, -filesMax)) {
      rmSync(join(directory, name), { force: true });
    }
  }

  /** Of this kind, oldest first. */
  private names(): string[] {
    const { directory, prefix, suffix } = this.options;
    return readdirSync(directory)
      .filter(
        (name) =>
          name.startsWith(prefix) &&
          name.endsWith(suffix) &&
          TIME.test(name.slice(prefix.length, name.length - suffix.length)),
      )
      .sort();
  }

  private beginTrouble(error: unknown): void {
    this.failures++;
    this.failedAtMs = this.nowMs();
    if (this.isInTrouble) return;
    this.isInTrouble = true;
    this.options.onTrouble(
      `${this.what()} is not written, ${errnoOf(error)}: tried again every ${RETRY_MS / 1000} s`,
    );
  }

  private endTrouble(): void {
    if (!this.isInTrouble) return;
    this.isInTrouble = false;
    this.options.onTrouble(`${this.what()} is written again, ${this.lostNow} bytes were lost`);
    this.lostNow = 0;
  }

  private lose(bytes: number, writes: number): void {
    this.writesLost += writes;
    this.lost += bytes;
    this.lostNow += bytes;
  }

  private what(): string {
    const { directory, prefix, suffix } = this.options;
    return this.descriptor === NOT_OPEN ? join(directory, `${prefix}*${suffix}`) : this.currentPath;
  }
}

/** 20261120T150000.123Z: sorts, and stands in a name on every file system. */
const TIME = /^\d{8}T\d{6}\.\d{3}Z$/;
const nameTime = (ms: number): string => new Date(ms).toISOString().replace(/[-:]/g, "");
const timeOf = (name: string): number =>
  Date.parse(
    name.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d\.\d{3}Z).*$/, "$1-$2-$3T$4:$5:$6"),
  );
