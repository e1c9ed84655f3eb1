// What a path is that the inspector was given: a journal directory, one session of it, one lane, or a single segment.

import fs from "node:fs";
import path from "node:path";
import { orIoFault } from "../../journal/file-faults.ts";
import type { Files } from "../../journal/files.ts";
import { SEGMENT_HEADER_BYTES } from "../../journal/journal-layout.ts";
import {
  isWritingName,
  laneDirectoryName,
  segmentPath,
  segmentsAmong,
} from "../../journal/journal-names.ts";
import { SegmentBytes } from "../../journal/segment-bytes.ts";
import { readSegmentHeader, type SegmentHeader } from "../../journal/segment-header.ts";
import { SESSION_FILE, sessionFactsIn } from "../../journal/session-directory.ts";
import { readSmallFile } from "../../journal/small-file.ts";

export interface LanePlace {
  /** As its segments say, or its folder; "" = nobody does. */
  readonly session: string;
  readonly lane: number;
  readonly directory: string;
  readonly isArchived: boolean;
  /** Looks into the directory; for a single segment, into a directory of nothing else. */
  readonly files: Files;
  /** Looks into the directory in either case. */
  readonly filesAround: Files;
  /** Of a single segment. */
  readonly onlySegment: SegmentHeader | undefined;
}

export interface SessionPlace {
  readonly directory: string;
  readonly name: string;
  readonly isArchived: boolean;
  readonly lanes: readonly LanePlace[];
  /** Without their folders, though session.json counts them. */
  readonly lostLanes: readonly LanePlace[];
}

export type JournalPlace =
  | { readonly kind: "journal"; readonly sessions: readonly SessionPlace[] }
  | { readonly kind: "session"; readonly session: SessionPlace }
  | { readonly kind: "lane" | "segment"; readonly lane: LanePlace };

/** The path is none of these. */
export class NoJournal extends Error {}

const ARCHIVE_NAME = "archive";
const LANE_NAME = /^lane-(\d+)$/;
/** A file that says more is not one of ours. */
const LANES_MAX = 16;
/** A disk's own, closed to all but root. */
const LOST_AND_FOUND = "lost+found";

export function findPlace(files: Files, given: string): JournalPlace {
  const at = path.resolve(given);
  const stat = fs.statSync(at, { throwIfNoEntry: false });
  if (stat === undefined) throw new NoJournal(`${given} is not there`);
  if (!stat.isDirectory()) return { kind: "segment", lane: segmentPlace(files, at) };
  const names = namesIn(files, at);
  const isArchived = path.basename(path.dirname(at)) === ARCHIVE_NAME;
  if (segmentsAmong(names).length > 0 || LANE_NAME.test(path.basename(at))) {
    const isOfArchive = path.basename(path.dirname(path.dirname(at))) === ARCHIVE_NAME;
    return { kind: "lane", lane: lanePlace(files, at, isOfArchive) };
  }
  if (isSession(names)) return { kind: "session", session: sessionPlace(files, at, isArchived) };
  const sessions = sessionsIn(files, at, path.basename(at) === ARCHIVE_NAME);
  if (names.includes(ARCHIVE_NAME)) {
    sessions.push(...sessionsIn(files, path.join(at, ARCHIVE_NAME), true));
  }
  if (sessions.length === 0) throw new NoJournal(`${given} holds no session of a journal`);
  return { kind: "journal", sessions };
}

/** The path's session that is still written; undefined when the path belongs to none. */
export function openSessionOf(place: JournalPlace): SessionPlace | undefined {
  if (place.kind === "session") return place.session.isArchived ? undefined : place.session;
  if (place.kind === "journal") return place.sessions.find(({ isArchived }) => !isArchived);
  return undefined;
}

export function headerOf(files: Files, segmentFile: string): SegmentHeader | undefined {
  const bytes = new SegmentBytes(files);
  try {
    bytes.open(segmentFile);
    return readSegmentHeader(bytes.memory, bytes.at(0, SEGMENT_HEADER_BYTES), segmentFile);
  } finally {
    bytes.close();
  }
}

const isSession = (names: readonly string[]): boolean =>
  names.includes(SESSION_FILE) || names.some((name) => LANE_NAME.test(name));

const namesIn = (files: Files, directory: string): string[] =>
  orIoFault(directory, "list", () => files.list(directory));

const isDirectory = (at: string): boolean =>
  orIoFault(at, "stat", () => fs.statSync(at, { throwIfNoEntry: false })?.isDirectory() === true);

/** In the order of their names, which is that of time. */
function sessionsIn(files: Files, directory: string, isArchived: boolean): SessionPlace[] {
  return namesIn(files, directory)
    .filter((name) => name !== LOST_AND_FOUND && !isWritingName(name))
    .map((name) => path.join(directory, name))
    .filter((at) => isDirectory(at) && isSession(namesIn(files, at)))
    .map((at) => sessionPlace(files, at, isArchived));
}

function sessionPlace(files: Files, directory: string, isArchived: boolean): SessionPlace {
  const name = path.basename(directory);
  const count = laneCount(files, directory);
  // An attempt to open a session with more lanes may have left empty folders.
  const isRest = (lane: number, directory: string): boolean =>
    count > 0 && lane >= count && namesIn(files, directory).length === 0;
  const lanes = namesIn(files, directory)
    .filter((name) => LANE_NAME.test(name))
    .map((name) => lanePlace(files, path.join(directory, name), isArchived))
    .filter(({ lane, directory }) => !isRest(lane, directory))
    .sort((one, other) => one.lane - other.lane);
  const lostLanes = Array.from({ length: count }, (_, lane) => lane)
    .filter((number) => lanes.every(({ lane }) => lane !== number))
    .map((lane) => lostLane(files, name, lane, directory, isArchived));
  return { directory, name, isArchived, lanes, lostLanes };
}

/** As session.json says; 0 where it says nothing. */
function laneCount(files: Files, directory: string): number {
  const file = path.join(directory, SESSION_FILE);
  const { lanes = 0 } = (files.exists(file) && sessionFactsIn(readSmallFile(files, file))) || {};
  return Math.min(lanes, LANES_MAX);
}

function lostLane(
  files: Files,
  session: string,
  lane: number,
  folder: string,
  isArchived: boolean,
): LanePlace {
  const directory = path.join(folder, laneDirectoryName(lane));
  const filesAround = files;
  return { session, lane, directory, isArchived, files, filesAround, onlySegment: undefined };
}

function lanePlace(files: Files, directory: string, isArchived: boolean): LanePlace {
  const [first] = segmentsAmong(namesIn(files, directory));
  const header = first === undefined ? undefined : headerOf(files, segmentPath(directory, first));
  const [, number = ""] = LANE_NAME.exec(path.basename(directory)) ?? [];
  const lane = number === "" ? (header?.lane ?? 0) : Number(number);
  const folder = path.dirname(directory);
  const isOfSession = files.exists(path.join(folder, SESSION_FILE));
  const session = header?.session ?? (isOfSession ? path.basename(folder) : "");
  const filesAround = files;
  return { session, lane, directory, isArchived, files, filesAround, onlySegment: undefined };
}

/** The file may have any name, and stand anywhere: a reader sees it alone in a directory, under the name of its number. */
function segmentPlace(files: Files, file: string): LanePlace {
  const header = headerOf(files, file);
  if (header === undefined) throw new NoJournal(`${file} is no segment of a journal`);
  const { session, lane, segment } = header;
  const directory = path.dirname(file);
  const readAs = segmentPath(directory, segment);
  const alone: Files = {
    ...files,
    list: () => [path.basename(readAs)],
    exists: (wanted) => wanted === readAs,
    openToRead: () => files.openToRead(file),
  };
  const place = { session, lane, directory, isArchived: false };
  return { ...place, files: alone, filesAround: files, onlySegment: header };
}
