// A lane's journal as recovery, keeper and inspector read it: batch by batch, record by record, from the start or from
// where a checkpoint was taken. What it hands out has passed every check of E30. No object is made per record.

import { FaultError } from "../base/fault.ts";
import { INBOUND_PAYLOAD_BYTES_MAX, InboundRecord } from "../memory/inbound-record.ts";
import type { SlotMemory } from "../memory/slot-memory.ts";
import { batchBytesAt, isBodyWhole } from "./batch-check.ts";
import { orIoFault } from "./file-faults.ts";
import type { Files } from "./files.ts";
import { type JournalEnd, judgeEnd } from "./journal-end.ts";
import {
  BATCH,
  BATCH_HEADER_BYTES,
  journalRecordBytes,
  RECORD,
  RECORD_COMMON_BYTES,
  RECORD_HEADER_BYTES,
  SEGMENT_HEADER_BYTES,
} from "./journal-layout.ts";
import { segmentPath, segmentsAmong } from "./journal-names.ts";
import type { JournalPosition } from "./journal-position.ts";
import { SegmentBytes } from "./segment-bytes.ts";
import { readSegmentHeader, type SegmentHeader } from "./segment-header.ts";

export interface JournalReaderOptions {
  readonly files: Files;
  readonly laneDirectory: string;
  readonly lane: number;
  /** JOURNAL_START, or what a checkpoint says. */
  readonly from: JournalPosition;
  /** Undefined: whatever the segments say. */
  readonly session?: string | undefined;
  /** Undefined: any. Otherwise a Fault JOURNAL_VERSION when a segment has another. */
  readonly behaviourVersion?: number | undefined;
  /**
   * Somebody is writing it: what looks torn may only be half visible, so an end is neither searched nor measured.
   * refresh() looks again.
   */
  readonly isLive?: boolean;
}

// What stands at a position.
const GOOD = 1;
const NOTHING = 2;
const BAD = 3;

export class JournalReader {
  /** Set when nextBatch() has returned false. */
  end: JournalEnd | undefined = undefined;
  /** Segments behind this one are not looked at: they are being written. */
  lastSegment = Number.POSITIVE_INFINITY;
  /** Of the segment of the current batch. */
  header: SegmentHeader | undefined = undefined;
  /** The highest seen. */
  incarnation = 0;
  /** Of the current batch: behind its last record. */
  digestHigh = 0;
  digestLow = 0;
  /** Where the current batch begins, in segmentFile. */
  batchOffset = 0;
  batchIncarnation = 0;
  /** Of the current record. */
  recordNumber: number;
  outputsLow = 0;
  /** Bytes of all batches so far. */
  batchBytesRead = 0;

  private readonly options: JournalReaderOptions;
  private readonly files: Files;
  private readonly record = new InboundRecord();
  private window: SegmentBytes;
  private ahead: SegmentBytes; // on the next segment, while we may still have to come back

  // The position: behind the current batch.
  private segment: number;
  private offset: number;
  private nextNumber: number;
  private previousChecksum: number;

  // Within the window's memory: what is left of the current batch.
  private recordAt = 0;
  private bodyEnd = 0;
  private recordsLeft = 0;

  constructor(options: JournalReaderOptions) {
    const { files, from } = options;
    this.options = options;
    this.files = files;
    this.window = new SegmentBytes(files);
    this.ahead = new SegmentBytes(files);
    this.segment = from.segment;
    this.offset = from.offset;
    this.nextNumber = from.nextRecord;
    this.recordNumber = from.nextRecord - 1;
    this.previousChecksum = from.previousChecksum;
    if (from.segment > 0) this.openFirst();
  }

  /** To go on from: behind the current batch. */
  get position(): JournalPosition {
    const { segment, offset, nextNumber: nextRecord, previousChecksum } = this;
    return { segment, offset, nextRecord, previousChecksum };
  }

  get segmentFile(): string {
    return segmentPath(this.options.laneDirectory, Math.max(this.segment, 1));
  }

  /** Goes to the next good batch. False at the end of what there is: `end` says of which kind. */
  nextBatch(): boolean {
    if (this.end !== undefined) return false;
    for (;;) {
      const found = this.segment === 0 ? NOTHING : this.look();
      if (found === GOOD) {
        this.takeBatch();
        return true;
      }
      const isLast = this.segment >= this.lastSegment;
      if (found === NOTHING && !isLast && this.openNext()) continue;
      this.end = this.endHere(found, isLast);
      return false;
    }
  }

  /** Puts the current batch's next record into the slot at `offset`, without the stamps. False: it has no more. */
  nextRecord(slots: SlotMemory, offset: number): boolean {
    if (this.recordsLeft === 0) return false;
    const { words, bytes } = this.window.memory;
    const at = this.recordAt;
    const lengthAt = at + RECORD.PAYLOAD_BYTES;
    const payloadBytes = bytes[lengthAt]! | (bytes[lengthAt + 1]! << 8);
    const recordEnd = at + journalRecordBytes(payloadBytes);
    this.recordsLeft--;
    if (
      payloadBytes > INBOUND_PAYLOAD_BYTES_MAX ||
      recordEnd > this.bodyEnd ||
      (this.recordsLeft === 0 && recordEnd !== this.bodyEnd)
    ) {
      throw this.damaged(this.batchOffset, "the records do not fill their batch");
    }
    const target = slots.words;
    const to = offset >> 2;
    const from = at >> 2;
    for (let word = 0; word < RECORD_COMMON_BYTES >> 2; word++) {
      target[to + word] = words[from + word]!;
    }
    const record = this.record.wrap(slots, offset);
    record.sinceNs = 0;
    record.readNs = 0;
    record.inboundNs = 0;
    const payloadTo = record.payloadOffset >> 2;
    const payloadFrom = (at + RECORD_HEADER_BYTES) >> 2;
    const payloadWords = (payloadBytes + 3) >> 2;
    for (let word = 0; word < payloadWords; word++) {
      target[payloadTo + word] = words[payloadFrom + word]!;
    }
    this.outputsLow = words[(at + RECORD.OUTPUTS_LOW) >> 2]!;
    this.recordNumber++;
    this.recordAt = recordEnd;
    return true;
  }

  /** After an end: looks again from there. */
  refresh(): void {
    this.end = undefined;
    this.window.forget();
  }

  close(): void {
    this.window.close();
    this.ahead.close();
  }

  private look(): number {
    const header = this.header;
    if (header === undefined) return NOTHING;
    const { window, offset } = this;
    if (offset + BATCH_HEADER_BYTES > header.segmentBytes) return NOTHING;
    const at = window.at(offset, BATCH_HEADER_BYTES);
    const batchBytes = batchBytesAt(window.memory, at);
    if (batchBytes === 0) return this.isZeroHeader(at) ? NOTHING : BAD;
    if (offset + batchBytes > header.segmentBytes) return BAD;
    return isBodyWhole(window.memory, window.at(offset, batchBytes)) ? GOOD : BAD;
  }

  private isZeroHeader(at: number): boolean {
    const { words } = this.window.memory;
    for (let word = 0; word < BATCH_HEADER_BYTES >> 2; word++) {
      if (words[(at >> 2) + word] !== 0) return false;
    }
    return true;
  }

  private takeBatch(): void {
    const { window, offset } = this;
    const { words, doubles } = window.memory;
    const at = window.at(offset, BATCH_HEADER_BYTES);
    const bodyBytes = words[(at + BATCH.BODY_BYTES) >> 2]!;
    const first = doubles[(at + BATCH.FIRST_RECORD) >> 3]!;
    if (
      first !== this.nextNumber ||
      words[(at + BATCH.PREVIOUS_CHECKSUM) >> 2] !== this.previousChecksum
    ) {
      const reason = `the batch of record ${first} does not follow on record ${this.nextNumber - 1}`;
      throw this.damaged(offset, reason);
    }
    this.recordsLeft = words[(at + BATCH.RECORD_COUNT) >> 2]!;
    this.recordAt = at + BATCH_HEADER_BYTES;
    this.bodyEnd = this.recordAt + bodyBytes;
    this.batchOffset = offset;
    this.batchIncarnation = words[(at + BATCH.INCARNATION) >> 2]!;
    this.incarnation = Math.max(this.incarnation, this.batchIncarnation);
    this.digestHigh = words[(at + BATCH.DIGEST_HIGH) >> 2]!;
    this.digestLow = words[(at + BATCH.DIGEST_LOW) >> 2]!;
    this.recordNumber = first - 1;
    this.nextNumber = first + this.recordsLeft;
    this.previousChecksum = words[(at + BATCH.CHECKSUM) >> 2]!;
    this.offset = offset + BATCH_HEADER_BYTES + bodyBytes;
    this.batchBytesRead += BATCH_HEADER_BYTES + bodyBytes;
  }

  private openFirst(): void {
    const path = this.segmentFile;
    if (!this.exists(path)) throw this.damaged(0, "the segment is missing");
    const header = this.headerOf(this.window, path);
    if (header === undefined) throw this.damaged(0, "the segment has no good header");
    this.checkHeader(header, path, this.segment);
    this.enter(header);
  }

  /** True: there is more to look at, here or in the next segment. */
  private openNext(): boolean {
    const next = this.segment + 1;
    const path = segmentPath(this.options.laneDirectory, next);
    if (!this.exists(path)) return false;
    const header = this.headerOf(this.ahead, path);
    if (header === undefined) {
      this.ahead.close();
      return false;
    }
    this.checkHeader(header, path, next);
    const isNext =
      header.firstRecord === this.nextNumber && header.previousChecksum === this.previousChecksum;
    if (!isNext) return this.lookOnceMore(header);
    const window = this.window;
    this.window = this.ahead;
    this.ahead = window;
    this.ahead.close();
    this.segment = next;
    this.offset = SEGMENT_HEADER_BYTES;
    this.enter(header);
    return true;
  }

  /** While we looked at the next segment, this one may have got its last batches. */
  private lookOnceMore(next: SegmentHeader): boolean {
    this.ahead.close();
    this.window.forget();
    if (this.options.isLive === true && this.segment > 0 && this.look() === GOOD) return true;
    const missing = `records ${this.nextNumber} to ${next.firstRecord - 1} are missing`;
    throw this.damaged(this.offset, `${missing}: segment ${next.segment} goes on behind them`);
  }

  private enter(header: SegmentHeader): void {
    this.header = header;
    this.incarnation = Math.max(this.incarnation, header.incarnation);
  }

  private headerOf(window: SegmentBytes, path: string): SegmentHeader | undefined {
    window.open(path);
    return readSegmentHeader(window.memory, window.at(0, SEGMENT_HEADER_BYTES), path);
  }

  private checkHeader(header: SegmentHeader, file: string, segment: number): void {
    const { lane, session = header.session, behaviourVersion: known } = this.options;
    if (header.segment !== segment) {
      const reason = `it is segment ${header.segment} by its header`;
      throw new FaultError({ code: "JOURNAL_DAMAGED", file, offset: 0, reason });
    }
    if (header.lane !== lane || header.session !== session) {
      const found = `lane ${header.lane} of session ${header.session}`;
      const reason = `${file} is of ${found}, not of lane ${lane} of session ${session}`;
      throw new FaultError({ code: "JOURNAL_MISMATCH", reason });
    }
    const found = header.behaviourVersion;
    if (known !== undefined && found !== known) {
      throw new FaultError({ code: "JOURNAL_VERSION", file, found, known });
    }
  }

  private endHere(found: number, isLast: boolean): JournalEnd {
    const { files, options, segment, offset } = this;
    if (options.isLive === true || (isLast && found === NOTHING)) {
      const kind = found === BAD ? "torn" : "clean";
      return { kind, file: this.segmentFile, segment, offset, tornBytes: 0 };
    }
    const { laneDirectory } = options;
    const segments = orIoFault(laneDirectory, "list", () =>
      segmentsAmong(files.list(laneDirectory)),
    );
    const searchFrom = found === BAD ? offset + this.badBytes() : offset;
    return judgeEnd({ files, laneDirectory, segments, segment, offset, searchFrom });
  }

  /** How far a bad batch reaches, where its header can be believed. What a client wrote into it is no batch. */
  private badBytes(): number {
    const at = this.window.at(this.offset, BATCH_HEADER_BYTES);
    return Math.max(batchBytesAt(this.window.memory, at), 8);
  }

  private exists(path: string): boolean {
    return orIoFault(path, "exists", () => this.files.exists(path));
  }

  private damaged(offset: number, reason: string): FaultError {
    return new FaultError({ code: "JOURNAL_DAMAGED", file: this.segmentFile, offset, reason });
  }
}
