// A lane's journal on a simulated disk: a keeper that stages at once, a writer, and records to write and read back.

import { Digest } from "../../src/base/digest.ts";
import { cutTorn } from "../../src/journal/cut-torn.ts";
import { writeWhole } from "../../src/journal/file-faults.ts";
import type { JournalEnd } from "../../src/journal/journal-end.ts";
import { SEGMENT_BYTES_MIN } from "../../src/journal/journal-layout.ts";
import { segmentPath, stagingPath } from "../../src/journal/journal-names.ts";
import { JOURNAL_START, type JournalPosition } from "../../src/journal/journal-position.ts";
import { JournalReader, type JournalReaderOptions } from "../../src/journal/journal-reader.ts";
import { JournalWriter, type JournalWriterOptions } from "../../src/journal/journal-writer.ts";
import { InboundRecord } from "../../src/memory/inbound-record.ts";
import { createJournalBlock, JournalBlock } from "../../src/memory/journal-block.ts";
import { SLOT_BYTES, SlotMemory } from "../../src/memory/slot-memory.ts";
import { ManualClock } from "./manual-clock.ts";
import type { SimulatedDisk } from "./simulated-disk.ts";

export const LANE_DIRECTORY = "/journal/20261120A/lane-0";
export const BUILD = "0123456789abcdef";
export const SESSION = "20261120A";

/** A record as a test writes it; what it leaves out is 0. */
export interface TestRecord {
  readonly kind?: number;
  readonly flags?: number;
  readonly connection?: number;
  readonly epoch?: number;
  readonly detail?: number;
  readonly eventNs?: number;
  readonly payload: Buffer;
}

/** A record as it was read back. */
export interface ReadRecord extends Required<TestRecord> {
  readonly number: number;
  readonly outputsLow: number;
}

/** Time passes at once: there is nobody beside us who could stage meanwhile. */
class ImpatientBlock extends JournalBlock {
  override waitForStaged(_msMax: number): void {}
}

export class JournalRig {
  readonly block: JournalBlock = new ImpatientBlock(createJournalBlock());
  readonly digest = new Digest();
  readonly clock = new ManualClock();
  readonly slots = new SlotMemory(new ArrayBuffer(SLOT_BYTES));
  readonly disk: SimulatedDisk;
  segmentBytes = SEGMENT_BYTES_MIN;
  private staged = 0;
  private readonly record = new InboundRecord();

  constructor(disk: SimulatedDisk) {
    this.disk = disk;
  }

  /** As the keeper does it. */
  stage(): void {
    while (this.block.canHandOver) this.stageOne();
  }
  stageOne(): void {
    const { disk, block } = this;
    this.staged = Math.max(this.staged, block.currentSegment) + 1;
    const path = segmentPath(LANE_DIRECTORY, this.staged);
    if (!disk.exists(path)) {
      const staging = stagingPath(LANE_DIRECTORY, this.staged);
      if (disk.exists(staging)) disk.remove(staging);
      const made = disk.open(staging, true);
      const zeros = Buffer.alloc(this.segmentBytes);
      writeWhole(disk, staging, made, zeros, 0, zeros.length, 0);
      disk.sync(made);
      disk.close(made);
      disk.rename(staging, path);
      disk.syncDirectory(LANE_DIRECTORY);
    }
    const descriptor = disk.open(path, false);
    block.handOver(this.staged, descriptor);
  }

  writer(options: Partial<JournalWriterOptions> = {}): JournalWriter {
    const position = options.position ?? JOURNAL_START;
    this.staged = position.segment;
    return new JournalWriter({
      files: this.disk,
      laneDirectory: LANE_DIRECTORY,
      lane: 0,
      session: SESSION,
      build: BUILD,
      behaviourVersion: 1,
      incarnation: 1,
      durability: "power-loss",
      block: this.block,
      position,
      clock: this.clock,
      onWaiting: () => {},
      ...options,
    });
  }

  /** Stages what may be needed, appends, and makes one batch of it all. */
  commit(writer: JournalWriter, ...records: readonly TestRecord[]): void {
    this.stage();
    for (const record of records) this.append(writer, record);
    writer.commit(this.digest);
  }

  append(writer: JournalWriter, wanted: TestRecord): void {
    this.fill(wanted);
    this.digest.addBytes(wanted.payload, 0, wanted.payload.length);
    writer.append(this.slots, 0, this.digest);
  }

  /** Puts the record into the slot. */
  fill(wanted: TestRecord): void {
    const { payload } = wanted;
    const record = this.record.wrap(this.slots, 0);
    // What the slot held before must not reach the disk.
    this.slots.bytes.fill(0xee);
    record.start(wanted.kind ?? 1, wanted.connection ?? 0, wanted.epoch ?? 0);
    record.flags = wanted.flags ?? 0;
    record.detail = wanted.detail ?? 0;
    record.eventNs = wanted.eventNs ?? 0;
    record.payloadBytes = payload.length;
    payload.copy(this.slots.bytes, record.payloadOffset);
  }
}

export interface ReadJournal {
  readonly records: ReadRecord[];
  /** Record numbers with which batches end. */
  readonly batchEnds: number[];
  readonly end: JournalEnd;
  readonly position: JournalPosition;
  readonly reader: JournalReader;
}

export const readerOf = (
  disk: SimulatedDisk,
  options: Partial<JournalReaderOptions> = {},
): JournalReader =>
  new JournalReader({
    files: disk,
    laneDirectory: LANE_DIRECTORY,
    lane: 0,
    from: JOURNAL_START,
    ...options,
  });

export const readJournal = (
  disk: SimulatedDisk,
  options: Partial<JournalReaderOptions> = {},
): ReadJournal => {
  const reader = readerOf(disk, options);
  try {
    return readOn(reader);
  } finally {
    reader.close();
  }
};

/** Whatever the reader has from here on. */
export function readOn(reader: JournalReader): ReadJournal {
  const slots = new SlotMemory(new ArrayBuffer(SLOT_BYTES));
  const record = new InboundRecord().wrap(slots, 0);
  const records: ReadRecord[] = [];
  const batchEnds: number[] = [];
  while (reader.nextBatch()) {
    while (reader.nextRecord(slots, 0)) {
      const at = record.payloadOffset;
      records.push({
        number: reader.recordNumber,
        outputsLow: reader.outputsLow,
        kind: record.kind,
        flags: record.flags,
        connection: record.connection,
        epoch: record.epoch,
        detail: record.detail,
        eventNs: record.eventNs,
        payload: Buffer.from(slots.bytes.subarray(at, at + record.payloadBytes)),
      });
    }
    batchEnds.push(reader.recordNumber);
  }
  const { end, position } = reader;
  if (end === undefined) throw new Error("a reader ended without an end");
  return { records, batchEnds, end, position, reader };
}

/** Reads all, cuts what is torn, and says where to go on. */
export function recoverJournal(disk: SimulatedDisk): ReadJournal {
  const read = readJournal(disk);
  cutTorn(disk, LANE_DIRECTORY, read.end);
  return read;
}
