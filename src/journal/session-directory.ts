// The folders of journal.dir: one for the session that is going on, with session.json in it, and archive/ for those that
// are over. A start finds its session here and not in the calendar (E33). A session without its files is a loss, and none
// that could be begun anew: who was told of orders would be told nothing more. Main thread.

import { join } from "node:path";
import { errnoOf } from "../base/errno-of.ts";
import { FaultError } from "../base/fault.ts";
import { isTradingTime } from "../base/trading-day.ts";
import { ioFault, orIoFault, readWhole } from "./file-faults.ts";
import type { Files } from "./files.ts";
import {
  isDerivedName,
  isStagingName,
  isWritingName,
  laneDirectoryName,
  segmentPath,
  segmentsAmong,
  writingPath,
} from "./journal-names.ts";
import { isSessionId, nextSessionId } from "./session-id.ts";
import { readSmallFile, writeSmallFile } from "./small-file.ts";
import { otherDiskFault } from "./writable.ts";

const SESSION_FORMAT_VERSION = 1;
export const SESSION_FILE = "session.json";
/** There from before session.json until every lane has its first segment: without it, no segment is a loss. */
export const OPENING_FILE = "opening";
/** Of an archived session: until when it gave order references. Sessions of earlier builds have none. */
const ENDED_FILE = "ended.json";
const OPENING_TEXT = "until each lane has its first segment\n";
const ARCHIVE = "archive";
const LANE_NAME = /^lane-\d+$/;

export interface SessionFacts {
  readonly session: string;
  readonly midnightUtcMs: number;
  readonly openedAtMs: number;
  /** How many. */
  readonly lanes: number;
}

export class SessionDirectory {
  private readonly files: Files;
  private readonly directory: string;
  private readonly ownName: string | undefined;

  /** `ownName`: what a session may be called beside those that nextId() gives. */
  constructor(files: Files, directory: string, ownName?: string) {
    this.files = files;
    this.directory = directory;
    this.ownName = ownName;
  }

  /** The session that is not put away; undefined when there is none. */
  find(): SessionFacts | undefined {
    const [session, ...others] = this.begunIds();
    if (others.length > 0) {
      const reason = `${this.directory} has more than one session: ${[session, ...others].join(", ")}`;
      throw new FaultError({ code: "JOURNAL_MISMATCH", reason });
    }
    return session === undefined ? undefined : this.read(session);
  }

  /** Where sessions that are over go. Undefined: there was none yet. */
  get archiveDirectory(): string | undefined {
    const archive = join(this.directory, ARCHIVE);
    return this.files.exists(archive) ? archive : undefined;
  }

  /** Of all sessions that were opened here: no other may be called like them. */
  usedIds(): string[] {
    const archive = this.archiveDirectory;
    const archived = archive === undefined ? [] : this.names(archive);
    return [...archived, ...this.begunIds()];
  }

  /** For a session of that trading date, "YYYYMMDD". Undefined: it has had all that it can have. */
  nextId(date: string): string | undefined {
    return nextSessionId(date, this.usedIds());
  }

  /** A session may be called so: an operator's own name, which no session has had. The rest of an attempt is none. */
  isFree(id: string): boolean {
    const isOwnName = /^[A-Za-z0-9]{1,10}$/.test(id) && id !== "auto" && id !== ARCHIVE;
    return isOwnName && !this.usedIds().includes(id);
  }

  /** Opens a session. Its folder is whole when it gets its name: what is left of an attempt has another. */
  make(facts: SessionFacts): void {
    const { files, directory } = this;
    this.finishArchive();
    const folder = join(directory, facts.session);
    const writing = writingPath(folder);
    this.makeFolder(writing);
    for (let lane = 0; lane < facts.lanes; lane++) {
      this.makeFolder(join(writing, laneDirectoryName(lane)));
    }
    const content = { formatVersion: SESSION_FORMAT_VERSION, ...facts };
    this.writeAnew(join(writing, OPENING_FILE), OPENING_TEXT);
    this.writeAnew(join(writing, SESSION_FILE), `${JSON.stringify(content)}\n`);
    this.sync(writing);
    orIoFault(folder, "rename", () => files.rename(writing, folder));
    this.sync(directory);
  }

  /** Every lane has written to its journal: from now on one without any segment has lost them. */
  noteBegun({ session }: SessionFacts): void {
    const opening = join(this.directory, session, OPENING_FILE);
    if (!this.files.exists(opening)) return;
    orIoFault(opening, "remove", () => this.files.remove(opening));
  }

  /** Throws a FaultError when a lane has no folder, or no segment though it had one. */
  checkLanes(facts: SessionFacts): void {
    const { files, directory } = this;
    const hasBegun = !files.exists(join(directory, facts.session, OPENING_FILE));
    for (let lane = 0; lane < facts.lanes; lane++) {
      const folder = this.laneDirectory(facts, lane);
      // It was on the disk before session.json was.
      if (!files.exists(folder)) throw missing(folder, "the folder of a lane is missing");
      const isEmpty = segmentsAmong(this.names(folder)).length === 0;
      if (hasBegun && isEmpty) {
        throw missing(segmentPath(folder, 1), `all segments of lane ${lane} are missing`);
      }
    }
  }

  laneDirectory({ session }: SessionFacts, lane: number): string {
    return join(this.directory, session, laneDirectoryName(lane));
  }

  /**
   * When the last of the archived sessions was over, in milliseconds since 1970; of one that did not say, when it was
   * opened. -Infinity: there was none.
   */
  lastEndedAtMs(): number {
    const { archiveDirectory: archive } = this;
    if (archive === undefined) return Number.NEGATIVE_INFINITY;
    const folders = this.names(archive).map((name) => join(archive, name));
    return folders.reduce((last, folder) => {
      const atMs = this.endedAtMs(folder) ?? this.openedAtMs(folder);
      return Math.max(last, atMs ?? Number.NEGATIVE_INFINITY);
    }, Number.NEGATIVE_INFINITY);
  }

  /**
   * Puts a session away, and keeps of it what cannot be made again. `endedAtMs`: its last event time, in milliseconds
   * since 1970. The wall clock does not say it: it may be set back before the next session begins.
   */
  archive(facts: SessionFacts, endedAtMs: number): void {
    const { directory } = this;
    const archive = join(directory, ARCHIVE);
    this.makeFolder(archive);
    this.sync(directory);
    this.noteBegun(facts);
    const from = join(directory, facts.session);
    const to = join(archive, facts.session);
    this.writeAnew(join(from, ENDED_FILE), `${JSON.stringify({ endedAtMs })}\n`);
    this.sync(from);
    this.putAway(from, to, archive);
    // The new name first: a session with two names can be found, one without any cannot.
    this.sync(archive);
    this.sync(directory);
    // Only now: should the move not last, its checkpoints spare the next start a day's replay.
    for (let lane = 0; lane < facts.lanes; lane++) {
      this.removeDerived(join(to, laneDirectoryName(lane)));
    }
  }

  private putAway(from: string, to: string, archive: string): void {
    try {
      this.files.rename(from, to);
    } catch (error) {
      throw errnoOf(error) === "EXDEV" ? otherDiskFault(archive) : ioFault(from, "rename", error);
    }
  }

  /** A death within archive() may have left what the latest session does not need any more. */
  private finishArchive(): void {
    const { archiveDirectory: archive } = this;
    if (archive === undefined) return;
    const folder = this.latestIn(archive);
    if (folder === undefined) return;
    const lanes = this.names(folder).filter((name) => LANE_NAME.test(name));
    for (const lane of lanes) this.removeDerived(join(folder, lane));
  }

  /** By when they were opened: AA comes behind Z, and names of the operator's own have no order. */
  private latestIn(archive: string): string | undefined {
    let latest: string | undefined;
    let latestMs = Number.NEGATIVE_INFINITY;
    for (const name of this.names(archive)) {
      const folder = join(archive, name);
      const openedAtMs = this.openedAtMs(folder);
      if (openedAtMs === undefined || openedAtMs < latestMs) continue;
      latest = folder;
      latestMs = openedAtMs;
    }
    return latest;
  }

  /** Undefined: what else an operator keeps in the archive is no session. */
  private openedAtMs(folder: string): number | undefined {
    const text = this.archived(join(folder, SESSION_FILE));
    return text === undefined ? undefined : sessionFactsIn(text)?.openedAtMs;
  }

  private endedAtMs(folder: string): number | undefined {
    const text = this.archived(join(folder, ENDED_FILE));
    return text === undefined ? undefined : endedAtMsIn(text);
  }

  /** Undefined: it is not there, or the operator, whose it is by now, has put it out of our reach. */
  private archived(file: string): string | undefined {
    if (!this.files.exists(file)) return undefined;
    try {
      return readSmallFile(this.files, file);
    } catch {
      return undefined;
    }
  }

  private removeDerived(laneDirectory: string): void {
    const { files } = this;
    const names = this.names(laneDirectory);
    const derived = names.filter((name) => isDerivedName(name) || isStagingName(name));
    const staged = segmentsAmong(names)
      .map((segment) => segmentPath(laneDirectory, segment))
      .filter((path) => this.isZero(path));
    for (const path of [...derived.map((name) => join(laneDirectory, name)), ...staged]) {
      orIoFault(path, "remove", () => files.remove(path));
    }
  }

  /** A segment that was staged and never written. */
  private isZero(path: string): boolean {
    const { files } = this;
    const descriptor = orIoFault(path, "open", () => files.openToRead(path));
    try {
      const piece = Buffer.alloc(PIECE_BYTES);
      for (let position = 0; ; position += PIECE_BYTES) {
        const read = readWhole(files, path, descriptor, piece, 0, PIECE_BYTES, position);
        if (piece.compare(ZEROS, 0, read, 0, read) !== 0) return false;
        if (read < PIECE_BYTES) return true;
      }
    } finally {
      files.close(descriptor);
    }
  }

  private read(session: string): SessionFacts {
    const { files } = this;
    const folder = join(this.directory, session);
    const file = join(folder, SESSION_FILE);
    if (!this.names(folder).includes(SESSION_FILE)) {
      throw missing(file, "the file is missing, and the folder has the name of a session");
    }
    const text = readSmallFile(files, file);
    const facts = sessionFactsIn(text);
    if (facts === undefined || facts.session !== session) {
      const reason = "it does not say which session this is, or when it was opened";
      throw new FaultError({ code: "JOURNAL_DAMAGED", file, offset: 0, reason });
    }
    const { formatVersion: found, ...rest } = facts;
    const known = SESSION_FORMAT_VERSION;
    if (found !== known) throw new FaultError({ code: "JOURNAL_VERSION", file, found, known });
    return rest;
  }

  /** An earlier attempt may have left one. */
  private writeAnew(path: string, text: string): void {
    const { files } = this;
    if (files.exists(path)) orIoFault(path, "remove", () => files.remove(path));
    writeSmallFile(files, path, text);
  }

  /** A folder gets a session's name with all that belongs to it: whoever has taken that away, it was one. */
  private begunIds(): string[] {
    const { files, directory, ownName } = this;
    return this.names(directory).filter((name) => {
      if (isWritingName(name)) return false;
      if (isSessionId(name) || (name === ownName && name !== ARCHIVE)) return true;
      const firstSegment = segmentPath(join(directory, name, laneDirectoryName(0)), 1);
      return files.exists(join(directory, name, SESSION_FILE)) || files.exists(firstSegment);
    });
  }

  private names(directory: string): string[] {
    return orIoFault(directory, "list", () => this.files.list(directory));
  }

  private makeFolder(path: string): void {
    if (this.files.exists(path)) return;
    try {
      this.files.makeDirectory(path);
    } catch (error) {
      const errno = errnoOf(error);
      if (!NO_PLACE.includes(errno)) throw ioFault(path, "mkdir", error);
      throw new FaultError({ code: "JOURNAL_UNWRITABLE", path, errno });
    }
  }

  private sync(directory: string): void {
    orIoFault(directory, "sync", () => this.files.syncDirectory(directory));
  }
}

/** What to do when it cannot be had back: an archived session is over, and no other is called like it. */
const GIVE_UP = "take it back from a backup, or end the session by moving its folder to archive";

const missing = (file: string, what: string): FaultError =>
  new FaultError({ code: "JOURNAL_DAMAGED", file, offset: 0, reason: `${what}: ${GIVE_UP}` });

/** Somebody has put a file where a directory should be, or taken one away. */
const NO_PLACE = ["ENOTDIR", "ENOENT"];
const PIECE_BYTES = 2 ** 20;
const ZEROS = Buffer.alloc(PIECE_BYTES);

/** What a session.json says; undefined when it is none. */
export function sessionFactsIn(
  text: string,
): (SessionFacts & { readonly formatVersion: number }) | undefined {
  const { formatVersion, session, midnightUtcMs, openedAtMs, lanes } = objectIn(text);
  const isWhole =
    typeof formatVersion === "number" &&
    typeof session === "string" &&
    isTime(midnightUtcMs) &&
    isTime(openedAtMs) &&
    typeof lanes === "number";
  return isWhole ? { formatVersion, session, midnightUtcMs, openedAtMs, lanes } : undefined;
}

function endedAtMsIn(text: string): number | undefined {
  const { endedAtMs } = objectIn(text);
  return isTime(endedAtMs) ? endedAtMs : undefined;
}

/** What no session can have had stands there by a mistake: all that is begun would be begun by it. */
const isTime = (value: unknown): value is number =>
  typeof value === "number" && isTradingTime(value);

/** Empty when the text is no object: whoever misses something in it knows what to say. */
function objectIn(text: string): Record<string, unknown> {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    return {};
  }
  return typeof read === "object" && read !== null ? (read as Record<string, unknown>) : {};
}
