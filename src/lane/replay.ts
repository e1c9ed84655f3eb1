// Recorded inputs through the lane's own code: recovery at a start, the keeper for its checkpoints, the inspector. What
// the lane answers must be what it answered then, record by record; the first difference is a Fault, because a restart
// that goes on with other answers would rewrite what clients were told (semantics §3.3). Any thread.

import { FaultError, inWords, reasonOf } from "../base/fault.ts";
import type { JournalReader } from "../journal/journal-reader.ts";
import { INBOUND_KIND, InboundRecord } from "../memory/inbound-record.ts";
import { SLOT_BYTES, SlotMemory } from "../memory/slot-memory.ts";
import { describeInbound } from "../protocol/ouch/describe.ts";
import type { LaneCore } from "./lane-core.ts";
import { accountOfRecord } from "./record-account.ts";
import type { Unsequenced } from "./unsequenced.ts";

export class Replay {
  /** Holds the record that was handled last, at offset 0. */
  readonly slots = new SlotMemory(new ArrayBuffer(SLOT_BYTES));

  private readonly lane: number;
  private readonly build: string;
  private readonly core: LaneCore;
  private readonly unsequenced: Unsequenced;
  private readonly reader: JournalReader;
  private readonly record = new InboundRecord();
  private isInBatch = false;

  constructor(
    lane: number,
    build: string,
    core: LaneCore,
    unsequenced: Unsequenced,
    reader: JournalReader,
  ) {
    this.lane = lane;
    this.build = build;
    this.core = core;
    this.unsequenced = unsequenced;
    this.reader = reader;
  }

  /** Handles at most so many records. Returns how many; 0 = the journal has no more, see the reader's `end`. */
  step(recordsMax: number): number {
    const { reader, slots } = this;
    let count = 0;
    while (count < recordsMax) {
      if (!this.isInBatch) {
        if (!reader.nextBatch()) break;
        this.isInBatch = true;
      }
      if (reader.nextRecord(slots, 0)) {
        this.apply();
        count++;
      } else {
        this.isInBatch = false;
        this.checkBatch();
      }
    }
    return count;
  }

  private apply(): void {
    const { core, reader, record, slots, unsequenced } = this;
    record.wrap(slots, 0);
    try {
      core.apply(record, slots, 0, 0);
    } catch (error) {
      // A disk that fails, or has no room, says nothing about answers.
      if (error instanceof FaultError) throw error;
      // Another build may break on what this journal's own did not: that, too, is answering differently.
      if (reader.header?.build === this.build) throw error;
      this.differs(`it breaks: ${reasonOf(error)}`);
    }
    unsequenced.clear();
    if (core.digest.low !== reader.outputsLow) this.differs("");
  }

  private checkBatch(): void {
    const { digest } = this.core;
    const { digestHigh, digestLow } = this.reader;
    if (digest.high !== digestHigh || digest.low !== digestLow) this.differs("");
  }

  private differs(why: string): never {
    const { lane, core, reader, record, slots } = this;
    throw new FaultError({
      code: "JOURNAL_DIFFERS",
      lane,
      record: reader.recordNumber,
      account: accountOfRecord(core, record, slots),
      message: `${this.describe(record)}${why === "" ? "" : `; ${why}`}`,
      file: reader.segmentFile,
    });
  }

  private describe({ kind, payloadOffset, payloadBytes }: InboundRecord): string {
    if (kind === INBOUND_KIND.MESSAGE) {
      return inWords(describeInbound(this.slots.view, payloadOffset, payloadBytes));
    }
    const names = Object.entries(INBOUND_KIND);
    return names.find(([, value]) => value === kind)?.[0] ?? `a record of kind ${kind}`;
  }
}
