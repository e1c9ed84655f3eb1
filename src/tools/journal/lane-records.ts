// One lane's journal from its beginning to its end, which may be an end that moves on: the records as they stand there,
// or each with what it was answered. Opens files only to read them, so a gateway that writes them notices nothing.

import { setTimeout as sleep } from "node:timers/promises";
import { FaultError } from "../../base/fault.ts";
import type { JournalEnd } from "../../journal/journal-end.ts";
import { SEGMENT_HEADER_BYTES } from "../../journal/journal-layout.ts";
import { JOURNAL_START, type JournalPosition } from "../../journal/journal-position.ts";
import { JournalReader } from "../../journal/journal-reader.ts";
import { InboundRecord } from "../../memory/inbound-record.ts";
import { LANE_BEHAVIOUR_VERSION } from "../../memory/lane-config.ts";
import { SLOT_BYTES, SlotMemory } from "../../memory/slot-memory.ts";
import { AnsweringLane } from "./answering-lane.ts";
import type { LanePlace } from "./journal-place.ts";

/** A batch that is being written becomes whole within this time, or never. */
const SETTLE_MS = 100;

export interface LaneRecordsOptions {
  /** Answers each record again; whom to listen to, "" = everybody. Undefined: the records as they stand. */
  readonly answersOf?: string | undefined;
  readonly isAnswering?: boolean;
}

export class LaneRecords {
  readonly place: LanePlace;
  readonly reader: JournalReader;
  readonly answering: AnsweringLane | undefined;
  /** The current one. */
  readonly record = new InboundRecord();
  readonly slots: SlotMemory;

  private isInBatch = false;

  constructor(place: LanePlace, { answersOf, isAnswering = false }: LaneRecordsOptions = {}) {
    this.place = place;
    this.reader = this.makeReader(startOf(place), true, isAnswering);
    if (isAnswering) {
      if (this.reader.header !== undefined) throw new StartsLate(this.reader.header.segment);
      this.answering = new AnsweringLane(place.lane, this.reader, answersOf);
    }
    this.slots = this.answering?.slots ?? new SlotMemory(new ArrayBuffer(SLOT_BYTES));
    this.record.wrap(this.slots, 0);
  }

  get number(): number {
    return this.reader.recordNumber;
  }

  /** Goes to the next record. False when there is none at the moment: see settle(). */
  next(): boolean {
    const { answering, reader } = this;
    if (answering !== undefined) return answering.next();
    for (;;) {
      if (this.isInBatch && reader.nextRecord(this.slots, 0)) return true;
      this.isInBatch = reader.nextBatch();
      if (!this.isInBatch) return false;
    }
  }

  /** Looks for what has been written since next() returned false. */
  refresh(): void {
    this.reader.refresh();
  }

  /**
   * Behind the last record: undefined when there is more by now, otherwise what stands there. Throws JOURNAL_DAMAGED
   * when it is none of what a writer can leave.
   */
  async settle(): Promise<JournalEnd | undefined> {
    let end = this.judge();
    if (end instanceof FaultError || end?.kind === "torn") {
      // Half a batch, and the next one behind it by the time we looked there: or so it may be.
      await sleep(SETTLE_MS);
      end = this.judge();
    }
    if (end instanceof FaultError) throw end;
    this.reader.refresh();
    return end;
  }

  close(): void {
    this.reader.close();
  }

  /** As a start of the gateway would see it. */
  private judge(): JournalEnd | FaultError | undefined {
    const judging = this.makeReader(this.reader.position, false, false);
    try {
      return judging.nextBatch() ? undefined : judging.end;
    } catch (error) {
      if (error instanceof FaultError) return error;
      throw error;
    } finally {
      judging.close();
    }
  }

  private makeReader(from: JournalPosition, isLive: boolean, isAnswering: boolean): JournalReader {
    const { files, directory, lane, session, onlySegment } = this.place;
    const reader = new JournalReader({
      files,
      laneDirectory: directory,
      lane,
      from,
      isLive,
      session: session === "" ? undefined : session,
      behaviourVersion: isAnswering ? LANE_BEHAVIOUR_VERSION : undefined,
    });
    if (onlySegment !== undefined) reader.lastSegment = onlySegment.segment;
    return reader;
  }
}

/** Answers need everything that came before. */
export class StartsLate extends Error {
  constructor(segment: number) {
    super(`segment ${segment} alone cannot be answered again: give the lane's whole directory`);
  }
}

function startOf({ onlySegment }: LanePlace): JournalPosition {
  if (onlySegment === undefined || onlySegment.segment === 1) return JOURNAL_START;
  const { segment, firstRecord: nextRecord, previousChecksum } = onlySegment;
  return { segment, offset: SEGMENT_HEADER_BYTES, nextRecord, previousChecksum };
}
