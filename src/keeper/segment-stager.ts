// Stages segments ahead of one lane (E31): files full of real zeros, so that a batch never waits until the file system
// has found room for it. They are made under another name and renamed when they are on the disk; the lane gets them
// open. Keeper thread.

import path from "node:path";
import type { Clock } from "../base/clock.ts";
import { FaultError } from "../base/fault.ts";
import { isNoRoom, isOutOfDescriptors, orIoFault } from "../journal/file-faults.ts";
import type { Files } from "../journal/files.ts";
import { isStagingName, segmentPath, stagingPath } from "../journal/journal-names.ts";
import { JOURNAL_COUNT, type JournalBlock } from "../memory/journal-block.ts";
import { journalFault } from "./file-trouble.ts";

export interface SegmentStagerOptions {
  readonly files: Files;
  readonly clock: Clock;
  readonly laneDirectory: string;
  readonly block: JournalBlock;
  readonly segmentBytes: number;
  readonly firstSegment: number;
  /** The descriptor is about to be the lane's. */
  readonly onHandOver?: ((descriptor: number) => void) | undefined;
}

/** A longer write makes the lane's syncs wait (E31). */
const PIECE_BYTES = 256 * 1024;
const PAUSE_MS = 10;
const RETRY_MS = 5000;
const NO_FILE = -1;
const ZEROS = Buffer.alloc(PIECE_BYTES);

export class SegmentStager {
  private readonly options: SegmentStagerOptions;
  private readonly found = Buffer.alloc(PIECE_BYTES);
  /** The segment in work, or the next. */
  private segment: number;
  private descriptor = NO_FILE;
  private isFound = false;
  private bytesDone = 0;
  private isSynced = true;
  private nextMs = 0;
  private waitsBefore: number;
  /** What the lane had written when it was handed the last segment. Before the first, it may need one at once. */
  private laneBytesBefore = Number.NEGATIVE_INFINITY;
  private isOutOfRoom = false;

  constructor(options: SegmentStagerOptions) {
    const { files, laneDirectory, block, firstSegment } = options;
    this.options = options;
    // A keeper that died has handed over some.
    this.segment = Math.max(firstSegment, block.handedOverSegment + 1);
    this.waitsBefore = block.waits;
    const names = orIoFault(laneDirectory, "list", () => files.list(laneDirectory));
    for (const name of names.filter(isStagingName)) {
      const leftover = path.join(laneDirectory, name);
      orIoFault(leftover, "remove", () => files.remove(leftover));
    }
  }

  /** The next segment found no room on the disk. */
  get hasNoRoom(): boolean {
    return this.isOutOfRoom;
  }

  /** Does one piece. Returns in how many milliseconds there is more to do; infinity: when the lane has taken one. */
  step(): number {
    const { block } = this.options;
    if (!block.canHandOver) return Number.POSITIVE_INFINITY;
    const nowMs = this.nowMs();
    if (nowMs < this.nextMs) return this.nextMs - nowMs;
    const pauseMs = this.workInRoom() ? PAUSE_MS : RETRY_MS;
    if (pauseMs === PAUSE_MS && this.isUrgent) return 0;
    this.nextMs = nowMs + pauseMs;
    return pauseMs;
  }

  /** The lane has stopped: what it did not take is closed, and removed if nobody will ever need it. */
  close(isSessionOver: boolean): void {
    const { files, laneDirectory, block } = this.options;
    quietly(() => this.giveUp());
    while (block.stagedWaiting > 0) {
      const staged = segmentPath(laneDirectory, block.handedOverSegment);
      const descriptor = block.takeBack();
      quietly(() => files.close(descriptor));
      if (isSessionOver) quietly(() => files.remove(staged));
    }
  }

  private get isNothingStaged(): boolean {
    return this.options.block.stagedWaiting === 0;
  }
  /** Nothing is staged, and of the last that was the lane has written half, if not all: our syncs may hold up its. */
  private get isUrgent(): boolean {
    if (!this.isNothingStaged) return false;
    const { block, segmentBytes } = this.options;
    const written = block.counts[JOURNAL_COUNT.BYTES]! - this.laneBytesBefore;
    return written > segmentBytes / 2 || this.isLaneStill;
  }
  /** It stands still already, or has not begun: no sync of its own can be held up by ours. */
  private get isLaneStill(): boolean {
    const { block } = this.options;
    const isStill = block.currentSegment === 0 || block.waits !== this.waitsBefore;
    return this.isNothingStaged && isStill;
  }

  /** False: there was none. */
  private workInRoom(): boolean {
    try {
      this.work();
      return true;
    } catch (thrown) {
      const isOutOfRoom = isNoRoom(thrown);
      if (!isOutOfRoom && !isOutOfDescriptors(thrown)) throw journalFault(thrown, this.workPath());
      this.giveUp();
      // A descriptor may be free again before what is staged is used up.
      this.isOutOfRoom = isOutOfRoom || this.isNothingStaged;
      return false;
    }
  }

  private work(): void {
    if (this.descriptor === NO_FILE) this.begin();
    if (this.isFound) this.checkPiece();
    else this.writePiece();
  }

  private begin(): void {
    const { files, laneDirectory, segmentBytes } = this.options;
    this.bytesDone = 0;
    this.isSynced = true;
    // A start finds what the process before had staged.
    const finished = segmentPath(laneDirectory, this.segment);
    this.isFound = files.exists(finished);
    if (this.isFound) {
      this.descriptor = files.open(finished, false);
      return;
    }
    // Looked at before, because a disk that is filled to its end hurts others as well.
    if (files.space(laneDirectory).bytesFree < segmentBytes) throw new NoRoom();
    this.descriptor = files.open(stagingPath(laneDirectory, this.segment), true);
  }

  private writePiece(): void {
    const { files, segmentBytes } = this.options;
    const pieceEnd = Math.min(this.bytesDone + PIECE_BYTES, segmentBytes);
    while (this.bytesDone < pieceEnd) {
      const length = pieceEnd - this.bytesDone;
      const written = files.write(this.descriptor, ZEROS, 0, length, this.bytesDone);
      if (written === 0) throw new NoRoom();
      this.bytesDone += written;
    }
    this.isSynced = false;
    if (!this.isLaneStill || this.bytesDone === segmentBytes) this.sync();
    if (this.bytesDone === segmentBytes) this.finish();
  }

  private sync(): void {
    if (this.isSynced) return;
    this.options.files.sync(this.descriptor);
    this.isSynced = true;
  }

  /** The name is the promise that every byte is on the disk: it comes last. */
  private finish(): void {
    const { files, laneDirectory } = this.options;
    const from = stagingPath(laneDirectory, this.segment);
    files.rename(from, segmentPath(laneDirectory, this.segment));
    this.isFound = true; // whatever happens now, it is not removed
    this.handOver();
  }

  private handOver(): void {
    const { files, laneDirectory, block, onHandOver } = this.options;
    files.syncDirectory(laneDirectory);
    onHandOver?.(this.descriptor);
    block.handOver(this.segment, this.descriptor);
    this.laneBytesBefore = block.counts[JOURNAL_COUNT.BYTES]!;
    this.descriptor = NO_FILE;
    this.segment++;
    this.waitsBefore = block.waits;
    this.isOutOfRoom = false;
  }

  private checkPiece(): void {
    const { files, laneDirectory, segmentBytes } = this.options;
    const read = files.read(this.descriptor, this.found, 0, PIECE_BYTES, this.bytesDone);
    if (this.found.compare(ZEROS, 0, read, 0, read) !== 0) {
      throw new FaultError({
        code: "JOURNAL_DAMAGED",
        file: this.workPath(),
        offset: this.bytesDone + firstNonZero(this.found, read),
        reason: "a segment behind the last one that was written holds data",
      });
    }
    this.bytesDone += read;
    if (read > 0) return;
    if (this.bytesDone === segmentBytes) {
      files.sync(this.descriptor);
      this.handOver();
      return;
    }
    // Of another size: journal.segmentBytes has been changed meanwhile.
    files.close(this.descriptor);
    this.descriptor = NO_FILE;
    files.remove(segmentPath(laneDirectory, this.segment));
  }

  /** A file that found no room, or whose sync failed, is never gone on with. */
  private giveUp(): void {
    const { files } = this.options;
    if (this.descriptor === NO_FILE) return;
    const { descriptor } = this;
    const path = this.workPath();
    this.descriptor = NO_FILE;
    orIoFault(path, "close", () => files.close(descriptor));
    if (!this.isFound) orIoFault(path, "remove", () => files.remove(path));
  }

  private workPath(): string {
    const { laneDirectory } = this.options;
    const pathOf = this.isFound ? segmentPath : stagingPath;
    return pathOf(laneDirectory, this.segment);
  }

  private nowMs(): number {
    return this.options.clock.nowNs() / 1e6;
  }
}

/** Nobody needs what is left: whoever puts the session away, or goes on with it, finds it, and what is wrong with it. */
function quietly(call: () => void): void {
  try {
    call();
  } catch {
    // As said.
  }
}

/** As the kernel would say it. */
class NoRoom extends Error {
  readonly code = "ENOSPC";
}

function firstNonZero(bytes: Buffer, length: number): number {
  const index = bytes.subarray(0, length).findIndex((byte) => byte !== 0);
  return Math.max(0, index);
}
