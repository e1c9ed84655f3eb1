// A lane's journal as its lane writes it: records gather in a buffer, a commit makes one batch of them and puts it on
// the disk with one write. Never more than one batch is unfinished, so never more than the last one can be torn. Lane
// thread.

import { assert } from "../base/assert.ts";
import type { Clock } from "../base/clock.ts";
import type { Digest } from "../base/digest.ts";
import { FaultError } from "../base/fault.ts";
import { InboundRecord } from "../memory/inbound-record.ts";
import { JOURNAL_COUNT, type JournalBlock, SHORTAGE } from "../memory/journal-block.ts";
import type { SlotMemory } from "../memory/slot-memory.ts";
import { checksumOf, PrefixChecksum } from "./checksum.ts";
import { ioFault, orIoFault, writeWhole } from "./file-faults.ts";
import type { Files } from "./files.ts";
import {
  BATCH,
  BATCH_BYTES_MAX,
  BATCH_HEADER_BYTES,
  BATCH_MAGIC,
  journalRecordBytes,
  RECORD,
  RECORD_COMMON_BYTES,
  RECORD_HEADER_BYTES,
  SEGMENT_HEADER_BYTES,
} from "./journal-layout.ts";
import { JournalMemory } from "./journal-memory.ts";
import { segmentPath } from "./journal-names.ts";
import type { JournalPosition } from "./journal-position.ts";
import { JOURNAL_CALL, type JournalTimes } from "./journal-times.ts";
import { writeSegmentHeader } from "./segment-header.ts";

export interface JournalWriterOptions {
  readonly files: Files;
  readonly laneDirectory: string;
  readonly lane: number;
  readonly session: string;
  readonly build: string;
  readonly behaviourVersion: number;
  readonly incarnation: number;
  /** "power-loss" syncs each batch before its outputs may leave. */
  readonly durability: "power-loss" | "process-crash";
  readonly block: JournalBlock;
  /** Where to go on: behind the last good batch. What follows it is zeros. */
  readonly position: JournalPosition;
  /** For durations alone. */
  readonly clock: Clock;
  readonly times?: JournalTimes | undefined;
  /** Called again and again while the keeper is waited for: the lane lives. */
  onWaiting(): void;
}

// The buffer: room for a segment's header block, so that it goes out in one write with the segment's first batch.
const BATCH_AT = SEGMENT_HEADER_BYTES;
const BODY_AT = BATCH_AT + BATCH_HEADER_BYTES;
const BATCH_END = BATCH_AT + BATCH_BYTES_MAX;

/** Of a segment this share is left for cancels when no other can be had (semantics §3.6): one in so many. */
const KEPT_SHARE = 8;
const WAIT_MS = 10;
/** Without room on the disk the keeper gets this long to stage a segment after all. */
const FULL_AFTER_MS = 2000;
const NO_DESCRIPTOR = -1;

export class JournalWriter {
  /** By JOURNAL_COUNT. In the block, where others can see them. */
  readonly counts: Float64Array;

  private readonly options: JournalWriterOptions;
  private readonly files: Files;
  private readonly block: JournalBlock;
  private readonly clock: Clock;
  private readonly isSyncing: boolean;

  private readonly memory = new JournalMemory(BATCH_END);
  private readonly bodyChecksum = new PrefixChecksum(this.memory, BODY_AT);
  private readonly record = new InboundRecord();
  private end = BODY_AT; // of the batch in the buffer
  private recordCount = 0; // in it

  private descriptor = NO_DESCRIPTOR;
  private path = "";
  private segment: number;
  private segmentBytes = 0;
  private offset: number;
  private nextRecord: number;
  private previousChecksum: number;
  /** After a failed call nobody knows what is on the disk: nothing more is written. */
  private isFailed = false;

  constructor(options: JournalWriterOptions) {
    const { files, block, position } = options;
    this.options = options;
    this.files = files;
    this.block = block;
    this.counts = block.counts;
    this.clock = options.clock;
    this.isSyncing = options.durability === "power-loss";
    this.segment = position.segment;
    this.offset = position.offset;
    this.nextRecord = position.nextRecord;
    this.previousChecksum = position.previousChecksum;
    const { words } = this.memory;
    words[(BATCH_AT + BATCH.MAGIC) >> 2] = BATCH_MAGIC;
    words[(BATCH_AT + BATCH.INCARNATION) >> 2] = options.incarnation;
    if (position.segment > 0) this.goOn();
  }

  /** New orders are to be shed, so that cancels find the room that is left. */
  get isShort(): boolean {
    return this.block.shortage === SHORTAGE.SHORT;
  }

  /** Behind the last batch written. */
  get position(): JournalPosition {
    const { segment, offset, nextRecord, previousChecksum } = this;
    return { segment, offset, nextRecord, previousChecksum };
  }

  /** Of the record that is appended next. */
  get nextNumber(): number {
    return this.nextRecord + this.recordCount;
  }

  append(slots: SlotMemory, offset: number, digest: Digest): void {
    const record = this.record.wrap(slots, offset);
    const payloadBytes = record.payloadBytes;
    const bytes = journalRecordBytes(payloadBytes);
    // Each batch carries the digest behind its own last record: that of the one before still stands in its header.
    if (this.end + bytes > BATCH_END) this.flush();
    const target = this.memory.words;
    const source = slots.words;
    const at = this.end >> 2;
    const from = offset >> 2;
    for (let word = 0; word < RECORD_COMMON_BYTES >> 2; word++) {
      target[at + word] = source[from + word]!;
    }
    target[at + (RECORD_COMMON_BYTES >> 2)] = 0;
    target[at + (RECORD_COMMON_BYTES >> 2) + 1] = 0;
    target[at + (RECORD.OUTPUTS_LOW >> 2)] = digest.low;
    this.copyPayload(source, record.payloadOffset >> 2, payloadBytes);
    this.end += bytes;
    this.recordCount++;
    this.setDigest(digest);
  }

  /** Ends a batch. When it returns, the records are as safe as the durability says. */
  commit(digest: Digest): void {
    if (this.recordCount === 0) return;
    this.setDigest(digest);
    this.flush();
  }

  /** At the end of a session, or of the process: what was written is on the disk, whatever the durability. */
  close(): void {
    if (this.descriptor === NO_DESCRIPTOR) return;
    if (!this.isFailed) this.syncSegments();
    this.closeDescriptor();
  }

  /** By words; what pads the record is zeros, not what a slot held before. */
  private copyPayload(source: Int32Array, from: number, payloadBytes: number): void {
    const target = this.memory.words;
    const at = (this.end + RECORD_HEADER_BYTES) >> 2;
    const whole = payloadBytes >> 2;
    const padded = ((payloadBytes + 7) & ~7) >> 2;
    for (let word = 0; word < whole; word++) target[at + word] = source[from + word]!;
    for (let word = whole; word < padded; word++) target[at + word] = 0;
    const rest = payloadBytes & 3;
    if (rest > 0) target[at + whole] = source[from + whole]! & ((1 << (8 * rest)) - 1);
  }

  private setDigest(digest: Digest): void {
    const { words } = this.memory;
    words[(BATCH_AT + BATCH.DIGEST_HIGH) >> 2] = digest.high;
    words[(BATCH_AT + BATCH.DIGEST_LOW) >> 2] = digest.low;
  }

  private flush(): void {
    assert(!this.isFailed, "a journal is written after it failed");
    const { counts } = this;
    this.seal();
    const length = this.end - BATCH_AT;
    this.makeRoom(length);
    const isFirst = this.offset === 0;
    if (isFirst) this.writeHeader();
    this.put(isFirst ? 0 : BATCH_AT);
    counts[JOURNAL_COUNT.RECORDS]! += this.recordCount;
    counts[JOURNAL_COUNT.BATCHES]! += 1;
    this.nextRecord += this.recordCount;
    this.previousChecksum = this.memory.words[(BATCH_AT + BATCH.CHECKSUM) >> 2]!;
    this.end = BODY_AT;
    this.recordCount = 0;
  }

  private seal(): void {
    const { words, doubles } = this.memory;
    const bodyBytes = this.end - BODY_AT;
    words[(BATCH_AT + BATCH.BODY_BYTES) >> 2] = bodyBytes;
    words[(BATCH_AT + BATCH.RECORD_COUNT) >> 2] = this.recordCount;
    words[(BATCH_AT + BATCH.PREVIOUS_CHECKSUM) >> 2] = this.previousChecksum;
    words[(BATCH_AT + BATCH.BODY_CHECKSUM) >> 2] = this.bodyChecksum.of(bodyBytes);
    doubles[(BATCH_AT + BATCH.FIRST_RECORD) >> 3] = this.nextRecord;
    words[(BATCH_AT + BATCH.CHECKSUM) >> 2] = checksumOf(this.memory, BATCH_AT, BATCH.CHECKSUM);
  }

  /** Writes the buffer from `start` on, at the position, and syncs. */
  private put(start: number): void {
    const { counts, end, offset } = this;
    const length = end - start;
    const { files, path, descriptor, memory, clock } = this;
    const beganNs = clock.nowNs();
    this.isFailed = true; // until all of it has been done
    const calls = writeWhole(files, path, descriptor, memory.bytes, start, length, offset);
    counts[JOURNAL_COUNT.WRITES]! += calls;
    const ns = clock.nowNs() - beganNs;
    counts[JOURNAL_COUNT.WRITE_NS] = ns;
    counts[JOURNAL_COUNT.BYTES]! += length;
    this.offset = offset + length;
    this.noteCall(beganNs, ns, length);
    this.options.times?.onWrite();
    if (this.isSyncing) this.sync(length);
    this.isFailed = false;
  }

  private sync(bytes: number): void {
    const { counts, clock } = this;
    const beganNs = clock.nowNs();
    try {
      this.files.sync(this.descriptor);
    } catch (error) {
      // Linux may drop the dirty pages of a failed sync: a second one would succeed and mean nothing.
      throw ioFault(this.path, "sync", error);
    }
    const ns = clock.nowNs() - beganNs;
    counts[JOURNAL_COUNT.SYNCS]! += 1;
    counts[JOURNAL_COUNT.SYNC_NS] = ns;
    if (ns > counts[JOURNAL_COUNT.SYNC_NS_MAX]!) counts[JOURNAL_COUNT.SYNC_NS_MAX] = ns;
    this.noteCall(beganNs, ns, bytes);
    this.options.times?.onSync();
  }

  private noteCall(startNs: number, durationNs: number, bytes: number): void {
    const { times } = this.options;
    if (times === undefined) return;
    times.call[JOURNAL_CALL.START_NS] = startNs;
    times.call[JOURNAL_CALL.DURATION_NS] = durationNs;
    times.call[JOURNAL_CALL.BYTES] = bytes;
  }

  /** The segment that is there already. */
  private goOn(): void {
    const { files, options } = this;
    this.path = segmentPath(options.laneDirectory, this.segment);
    this.descriptor = orIoFault(this.path, "open", () => files.open(this.path, false));
    this.segmentBytes = orIoFault(this.path, "size", () => files.size(this.descriptor));
    this.block.currentSegment = this.segment;
    // Whoever wrote it may have died before its sync, or wrote without: we read it, and others will be told of it.
    if (this.isSyncing) this.syncSegments();
  }

  /** This one and all before it. A sync of what is on the disk already costs next to nothing. */
  private syncSegments(): void {
    const { files, options } = this;
    for (let segment = 1; segment <= this.segment; segment++) {
      const path = segmentPath(options.laneDirectory, segment);
      const descriptor = orIoFault(path, "open", () => files.openToRead(path));
      try {
        orIoFault(path, "sync", () => files.sync(descriptor));
      } finally {
        files.close(descriptor);
      }
    }
  }

  /** Returns when a batch of `length` bytes has its place: here, or at the beginning of the next segment. */
  private makeRoom(length: number): void {
    let waitsSinceNs = 0;
    let shortMs = 0;
    for (;;) {
      const left = this.segmentBytes - this.offset - length;
      const hasNext = this.block.stagedSegment !== 0;
      // Nobody says yet that the disk is short, and nobody has staged a segment: what is left may be all there is.
      const mayUse = hasNext || this.isShort || left >= this.segmentBytes / KEPT_SHARE;
      const isNext = left < 0 && hasNext;
      if (isNext || (left >= 0 && mayUse)) {
        if (waitsSinceNs > 0) this.noteWait(waitsSinceNs);
        if (isNext) this.beginSegment(length);
        return;
      }
      if (left < 0 && this.isShort && shortMs >= FULL_AFTER_MS) {
        const { laneDirectory, lane } = this.options;
        throw new FaultError({ code: "JOURNAL_FULL", directory: laneDirectory, lane });
      }
      if (waitsSinceNs === 0) {
        this.counts[JOURNAL_COUNT.WAITS]! += 1;
        waitsSinceNs = this.clock.nowNs();
      }
      this.options.onWaiting();
      this.block.waitForStaged(WAIT_MS);
      if (this.isShort) shortMs += WAIT_MS;
    }
  }

  private noteWait(sinceNs: number): void {
    this.noteCall(sinceNs, this.clock.nowNs() - sinceNs, 0);
    this.options.times?.onSegmentWait();
  }

  private beginSegment(length: number): void {
    const { files, block, options } = this;
    const next = block.stagedSegment;
    assert(next === this.segment + 1, "the staged segment is not the next one");
    this.closeDescriptor();
    this.descriptor = block.stagedDescriptor;
    this.segment = next;
    this.path = segmentPath(options.laneDirectory, next);
    this.segmentBytes = orIoFault(this.path, "size", () => files.size(this.descriptor));
    const isLongEnough = SEGMENT_HEADER_BYTES + length <= this.segmentBytes;
    assert(isLongEnough, "a staged segment is too short for a batch");
    this.offset = 0;
    block.taken();
    this.counts[JOURNAL_COUNT.SEGMENTS]! += 1;
  }

  private writeHeader(): void {
    const { behaviourVersion, build, session, lane, incarnation } = this.options;
    const { segment, segmentBytes, previousChecksum } = this;
    const firstRecord = this.nextRecord;
    const who = { behaviourVersion, build, session, lane, incarnation };
    const where = { segment, segmentBytes, firstRecord, previousChecksum };
    writeSegmentHeader(this.memory, 0, { ...who, ...where });
  }

  private closeDescriptor(): void {
    const { files, path, descriptor } = this;
    if (descriptor === NO_DESCRIPTOR) return;
    this.descriptor = NO_DESCRIPTOR;
    orIoFault(path, "close", () => files.close(descriptor));
  }
}
