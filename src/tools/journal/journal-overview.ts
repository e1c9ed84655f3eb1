// What is in a journal directory: each session's lanes in one line, without reading more of them than their ends.

import { SEGMENT_HEADER_BYTES } from "../../journal/journal-layout.ts";
import { segmentPath, segmentsAmong } from "../../journal/journal-names.ts";
import { JOURNAL_START } from "../../journal/journal-position.ts";
import { JournalReader } from "../../journal/journal-reader.ts";
import type { SegmentHeader } from "../../journal/segment-header.ts";
import { InboundRecord } from "../../memory/inbound-record.ts";
import { SLOT_BYTES, SlotMemory } from "../../memory/slot-memory.ts";
import { timeOfDay } from "../../protocol/ouch/describe.ts";
import { byteText, type Column, countText, tableLine } from "../terminal-text.ts";
import { headerOf, type LanePlace, type SessionPlace } from "./journal-place.ts";

interface LaneSummary {
  readonly session: string;
  readonly state: "open" | "archived";
  readonly lane: number;
  readonly records: number;
  readonly segments: number;
  /** Of batches, without what segments have left. */
  readonly bytes: number;
  readonly first: string;
  readonly last: string;
  readonly starts: number;
  readonly builds: readonly string[];
}

const COLUMNS: readonly Column[] = [
  { title: "session", width: 10 },
  { title: "state", width: 8 },
  { title: "lane", width: 4 },
  { title: "records", width: 13 },
  { title: "segments", width: 8 },
  { title: "written", width: 10 },
  { title: "first", width: 18 },
  { title: "last", width: 18 },
  { title: "starts", width: 6 },
  { title: "builds", width: 16 },
];

/** Throws a FaultError when an end cannot be read. */
export const summaries = (sessions: readonly SessionPlace[]): LaneSummary[] =>
  sessions.flatMap(({ name, lanes }) => lanes.map((lane) => summaryOfLane(name, lane)));

export const overviewLines = (lanes: readonly LaneSummary[]): string[] => [
  tableLine(COLUMNS),
  ...lanes.map((lane) =>
    tableLine(COLUMNS, [
      lane.session,
      lane.state,
      String(lane.lane),
      countText(lane.records),
      countText(lane.segments),
      byteText(lane.bytes),
      lane.first,
      lane.last,
      String(lane.starts),
      lane.builds.join(" "),
    ]),
  ),
];

function summaryOfLane(session: string, place: LanePlace): LaneSummary {
  const { files, directory, isArchived } = place;
  const segments = segmentsAmong(files.list(directory));
  const headers: SegmentHeader[] = [];
  for (const segment of segments) {
    const header = headerOf(files, segmentPath(directory, segment));
    if (header === undefined) break;
    headers.push(header);
  }
  const first = endsOf(place, undefined);
  const last = endsOf(place, headers.at(-1));
  // What a whole segment lacks to its size is less than a batch.
  const before = headers.slice(0, -1).reduce((sum, { segmentBytes }) => sum + segmentBytes, 0);
  return {
    session,
    state: isArchived ? "archived" : "open",
    lane: place.lane,
    records: last.records,
    segments: headers.length,
    bytes: before + last.bytes,
    first: first.firstTime,
    last: last.lastTime,
    starts: last.incarnation,
    builds: [...new Set(headers.map(({ build }) => build))],
  };
}

interface Ends {
  readonly records: number;
  readonly bytes: number;
  readonly firstTime: string;
  readonly lastTime: string;
  readonly incarnation: number;
}

/** Of one segment; without its header, of the first, as far as its first record. */
function endsOf(place: LanePlace, header: SegmentHeader | undefined): Ends {
  const { files, directory, lane } = place;
  const from =
    header === undefined
      ? JOURNAL_START
      : {
          segment: header.segment,
          offset: SEGMENT_HEADER_BYTES,
          nextRecord: header.firstRecord,
          previousChecksum: header.previousChecksum,
        };
  const reader = new JournalReader({ files, laneDirectory: directory, lane, from, isLive: true });
  const slots = new SlotMemory(new ArrayBuffer(SLOT_BYTES));
  const record = new InboundRecord().wrap(slots, 0);
  let firstTime = "";
  let isEnough = false;
  try {
    while (!isEnough && reader.nextBatch()) {
      while (!isEnough && reader.nextRecord(slots, 0)) {
        if (firstTime === "") firstTime = timeOfDay(record.eventNs);
        isEnough = header === undefined;
      }
    }
    return {
      records: reader.recordNumber,
      bytes: reader.batchBytesRead,
      firstTime,
      lastTime: firstTime === "" ? "" : timeOfDay(record.eventNs),
      incarnation: reader.incarnation,
    };
  } finally {
    reader.close();
  }
}
