// Where the sessions of this gateway are: in journal.dir, which no other gateway may use meanwhile; or nowhere, with
// durability "none". Main thread.

import path from "node:path";
import { FaultError } from "../base/fault.ts";
import { isTradingTime, midnightUtcMs, tradingDate } from "../base/trading-day.ts";
import type { GatewayConfig } from "../config/gateway-config.ts";
import type { Log } from "../gate/gate-config.ts";
import { realFiles } from "../journal/files.ts";
import { keepLocked } from "../journal/lock.ts";
import { SessionDirectory, type SessionFacts } from "../journal/session-directory.ts";
import { nextSessionId, SESSIONS_OF_DATE_MAX } from "../journal/session-id.ts";
import { checkSameDisk, checkWritable } from "../journal/writable.ts";
import type { SessionPlace, SessionPlaces } from "./session-place.ts";

/** Locks journal.dir for the life of the process. Throws a FaultError when it is another's or cannot be used. */
export function openPlaces(config: GatewayConfig, log: Log): SessionPlaces {
  if (config.journal.durability === "none") return new NoPlaces(config);
  const { dir: directory } = config.journal;
  keepLocked(directory, (trouble) => {
    if (trouble === undefined) log.warn("lock-removed", { directory, reason: LOCK_REMOVED });
    else log.error("lock-removed", { directory, reason: `${NO_LOCK}: ${trouble}` });
  });
  return new JournalPlaces(config);
}

const LOCK_REMOVED =
  "somebody has removed the file lock, and it was made anew: another gateway could have started on this journal";

const NO_LOCK =
  "somebody has removed the file lock, and it could not be made anew: see to it that no other gateway starts on this journal";

interface JournalPlace extends SessionPlace {
  readonly laneDirectories: readonly string[];
}

class JournalPlaces implements SessionPlaces {
  private readonly config: GatewayConfig;
  private readonly directory: SessionDirectory;

  constructor(config: GatewayConfig) {
    this.config = config;
    this.directory = new SessionDirectory(realFiles, config.journal.dir, config.session.id);
  }

  find(): SessionPlace | undefined {
    const { archiveDirectory } = this.directory;
    // What is in its place would be found out at the end of the day.
    if (archiveDirectory !== undefined) {
      checkWritable([archiveDirectory]);
      checkSameDisk(this.config.journal.dir, archiveDirectory);
    }
    const facts = this.directory.find();
    if (facts === undefined) return undefined;
    const { count } = this.config.lanes;
    if (facts.lanes !== count) {
      const reason = `session ${facts.session} has ${facts.lanes} lanes, lanes.count is ${count}: end it with its own number first, by roll stop=true`;
      throw new FaultError({ code: "JOURNAL_MISMATCH", reason });
    }
    this.directory.checkLanes(facts);
    const place = this.placeOf(facts);
    const { dir } = this.config.journal;
    checkWritable([path.join(dir, facts.session), ...place.laneDirectories]);
    return place;
  }

  lastEndedAtMs(): number {
    return this.directory.lastEndedAtMs();
  }

  canMake(nowMs: number): boolean {
    return this.idAt(nowMs) !== undefined;
  }

  make(nowMs: number): SessionPlace {
    const { clock, lanes } = this.config;
    const facts = {
      session: this.idAt(nowMs) ?? noIdLeft(nowMs, this.config),
      midnightUtcMs: midnightOf(nowMs, clock.timeZone),
      openedAtMs: nowMs,
      lanes: lanes.count,
    };
    this.directory.make(facts);
    return this.placeOf(facts);
  }

  noteBegun(place: SessionPlace): void {
    this.directory.noteBegun(factsOf(place));
  }

  archive(place: SessionPlace, endedAtMs: number): void {
    this.directory.archive(factsOf(place), endedAtMs);
  }

  private idAt(nowMs: number): string | undefined {
    const { clock, session } = this.config;
    if (this.directory.isFree(session.id)) return session.id;
    return this.directory.nextId(tradingDate(nowMs, clock.timeZone));
  }

  private placeOf(facts: SessionFacts): JournalPlace {
    const lanes = Array.from({ length: facts.lanes }, (_, lane) => lane);
    const laneDirectories = lanes.map((lane) => this.directory.laneDirectory(facts, lane));
    const { session, midnightUtcMs: midnight, openedAtMs } = facts;
    return { session, midnightUtcMs: midnight, openedAtMs, laneDirectories };
  }
}

const factsOf = (place: SessionPlace): SessionFacts => ({
  ...place,
  lanes: place.laneDirectories.length,
});

/** Nothing is kept, so nothing is found; but no session is called as one that a journal knows, or begins before its end. */
class NoPlaces implements SessionPlaces {
  private readonly config: GatewayConfig;
  private readonly directory: SessionDirectory;
  private readonly used: string[];

  constructor(config: GatewayConfig) {
    this.config = config;
    this.directory = new SessionDirectory(realFiles, config.journal.dir);
    this.used = this.directory.usedIds();
  }

  find(): SessionPlace | undefined {
    return undefined;
  }

  lastEndedAtMs(): number {
    return this.directory.lastEndedAtMs();
  }

  canMake(nowMs: number): boolean {
    return this.idAt(nowMs) !== undefined;
  }

  make(nowMs: number): SessionPlace {
    const { clock, lanes } = this.config;
    const id = this.idAt(nowMs) ?? noIdLeft(nowMs, this.config);
    this.used.push(id);
    return {
      session: id,
      midnightUtcMs: midnightOf(nowMs, clock.timeZone),
      openedAtMs: nowMs,
      laneDirectories: new Array<undefined>(lanes.count).fill(undefined),
    };
  }

  noteBegun(_place: SessionPlace): void {}
  archive(_place: SessionPlace, _endedAtMs: number): void {}

  private idAt(nowMs: number): string | undefined {
    const { clock, session } = this.config;
    if (session.id !== "auto" && !this.used.includes(session.id)) return session.id;
    return nextSessionId(tradingDate(nowMs, clock.timeZone), this.used);
  }
}

/**
 * Of the session's trading date. A machine that has just come up may believe that it is 1970, or 2106: a session of such
 * a date has no order references, and would be found again by every start to come.
 */
function midnightOf(nowMs: number, timeZone: string): number {
  const midnightMs = midnightUtcMs(nowMs, timeZone);
  if (isTradingTime(midnightMs)) return midnightMs;
  throw new FaultError({ code: "CLOCK_UNSET", now: new Date(nowMs).toISOString() });
}

function noIdLeft(nowMs: number, { clock }: GatewayConfig): never {
  const date = tradingDate(nowMs, clock.timeZone);
  const had = `trading date ${date} has had all its ${SESSIONS_OF_DATE_MAX} sessions`;
  const reason = `${had}: give a name that no session has had, or start on the next date`;
  throw new FaultError({ code: "CONFIG_INVALID", problems: [{ path: "session.id", reason }] });
}
