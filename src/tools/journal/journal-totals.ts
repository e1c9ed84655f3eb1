// What a lane's journal amounts to: counted record by record, as it is read.

import type { JournalReader } from "../../journal/journal-reader.ts";
import type { SegmentHeader } from "../../journal/segment-header.ts";
import { INBOUND_KIND, type InboundRecord } from "../../memory/inbound-record.ts";
import type { SlotMemory } from "../../memory/slot-memory.ts";
import { letter } from "../../protocol/ouch/code-meanings.ts";
import { timeOfDay } from "../../protocol/ouch/describe.ts";
import { byteText, countText } from "../terminal-text.ts";
import type { LanePlace } from "./journal-place.ts";
import { kindName } from "./record-fields.ts";

const CODES = 256;

/** A process that wrote the journal: the first start, and every restart. */
interface Incarnation {
  readonly incarnation: number;
  readonly firstRecord: number;
  readonly time: string;
}

interface BuildSpan {
  readonly build: string;
  readonly firstSegment: number;
  lastSegment: number;
}

export class JournalTotals {
  records = 0;
  /** Of these, those that were asked for. */
  shown = 0;
  answers = 0;

  private readonly kinds = new Float64Array(CODES);
  private readonly types = new Float64Array(CODES);
  private readonly incarnations: Incarnation[] = [];
  private readonly builds: BuildSpan[] = [];
  private header: SegmentHeader | undefined = undefined;
  private firstNs = Number.NaN;
  private lastNs = Number.NaN;
  private incarnation = 0;
  private segments = 0;

  note(record: InboundRecord, slots: SlotMemory, reader: JournalReader): void {
    const { kind, eventNs } = record;
    this.records++;
    this.kinds[kind]! += 1;
    if (kind === INBOUND_KIND.MESSAGE) {
      this.types[slots.bytes[record.payloadOffset] ?? 0]! += 1;
    }
    if (this.records === 1) this.firstNs = eventNs;
    this.lastNs = eventNs;
    if (reader.batchIncarnation !== this.incarnation) {
      this.incarnation = reader.batchIncarnation;
      const { incarnation } = this;
      const firstRecord = reader.recordNumber;
      this.incarnations.push({ incarnation, firstRecord, time: timeOfDay(eventNs) });
    }
    if (reader.header !== this.header) this.noteSegment(reader.header);
  }

  /** By name, for JSON. `accounts` is how many logged in. */
  toJson(place: LanePlace, reader: JournalReader, accounts: number): object {
    const { records, shown, answers, incarnations, builds } = this;
    return {
      session: place.session,
      lane: place.lane,
      records,
      shown,
      ...(answers === 0 ? {} : { answers }),
      kinds: this.counted(this.kinds, kindName),
      types: this.counted(this.types, letter),
      accounts,
      segments: this.segments,
      bytes: reader.batchBytesRead,
      ...(records === 0 ? {} : { first: timeOfDay(this.firstNs), last: timeOfDay(this.lastNs) }),
      incarnations,
      builds,
    };
  }

  toLines(place: LanePlace, reader: JournalReader, accounts: number): string[] {
    const { records, shown, answers, segments } = this;
    const lines = [
      `lane ${place.lane} of session ${place.session || "(nothing written yet)"}`,
      `  records   ${countText(records)}${shown === records ? "" : `, ${countText(shown)} of them asked for`}`,
    ];
    if (records === 0) return lines;
    const pairs = (counts: Record<string, number>): string =>
      Object.entries(counts)
        .map(([name, count]) => `${name} ${countText(count)}`)
        .join(", ");
    lines.push(`  kinds     ${pairs(this.counted(this.kinds, kindName))}`);
    lines.push(`  messages  ${pairs(this.counted(this.types, letter)) || "none"}`);
    if (answers > 0) lines.push(`  answers   ${countText(answers)}`);
    lines.push(`  accounts  ${countText(accounts)}`);
    const written = byteText(reader.batchBytesRead);
    lines.push(`  on disk   ${written} in ${segments} segment${segments === 1 ? "" : "s"}`);
    lines.push(`  time      ${timeOfDay(this.firstNs)} to ${timeOfDay(this.lastNs)}`);
    for (const { incarnation, firstRecord, time } of this.incarnations) {
      lines.push(`  start ${incarnation}   from record ${countText(firstRecord)} at ${time}`);
    }
    for (const { build, firstSegment, lastSegment } of this.builds) {
      lines.push(`  build     ${build} wrote segments ${firstSegment} to ${lastSegment}`);
    }
    return lines;
  }

  private noteSegment(header: SegmentHeader | undefined): void {
    this.header = header;
    if (header === undefined) return;
    this.segments++;
    const { build, segment } = header;
    const last = this.builds.at(-1);
    if (last?.build === build) last.lastSegment = segment;
    else this.builds.push({ build, firstSegment: segment, lastSegment: segment });
  }

  private counted(counts: Float64Array, nameOf: (code: number) => string): Record<string, number> {
    const found: Record<string, number> = {};
    for (let code = 0; code < CODES; code++) {
      const count = counts[code]!;
      if (count > 0) found[nameOf(code)] = count;
    }
    return found;
  }
}
