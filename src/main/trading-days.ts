// From one trading session to the next (semantics §8): opens the one that is due, ends it when its time has come or an
// operator says so, and opens the next. A crash between any two steps is made good at the next start, because every
// step starts from what the journals say. Main thread.

import { FaultError } from "../base/fault.ts";
import { nextRollMs } from "../base/roll-time.ts";
import { isTradingTime, LATEST_MS } from "../base/trading-day.ts";
import type { RolledSessions, RollRefusal } from "../gate/control-commands.ts";
import { GATE_STATE } from "../memory/gate-state.ts";
import { ClockWatch } from "./clock-watch.ts";
import type { SessionPlace, SessionPlaces } from "./session-place.ts";
import { type SessionParts, TradingSession } from "./trading-session.ts";

const CLOCK_LOOK_MS = 1000;
const NO_NAME =
  "no further session of this trading date has a name: this one goes on until the next date; or roll stop=true, and start with a session.id that no session has had";

/** Called with each session that takes clients from now on. */
export type OnOpen = (session: TradingSession) => void;

export class TradingDays {
  private readonly parts: SessionParts;
  private readonly places: SessionPlaces;
  private readonly onOpen: OnOpen;
  private readonly clockWatch: ClockWatch;
  private place: SessionPlace;
  private session: TradingSession;
  private rolling: Promise<RolledSessions> | undefined = undefined;
  private isOver = false;
  private isPostponed = false;
  private rollMs: number;

  private constructor(
    parts: SessionParts,
    places: SessionPlaces,
    onOpen: OnOpen,
    place: SessionPlace,
    session: TradingSession,
  ) {
    this.parts = parts;
    this.places = places;
    this.onOpen = onOpen;
    this.clockWatch = new ClockWatch(parts.log);
    this.place = place;
    this.session = session;
    this.rollMs = this.rollMsOf(place);
  }

  /** Opens the session that is due; one that should have ended while nobody was here is ended first. */
  static async begin(
    parts: SessionParts,
    places: SessionPlaces,
    onOpen: OnOpen,
  ): Promise<TradingDays> {
    checkClock(parts.wallClock.epochMs());
    const place = places.find() ?? places.make(opensAtMs(parts, places.lastEndedAtMs()));
    const session = await TradingSession.open(parts, place);
    places.noteBegun(place);
    const days = new TradingDays(parts, places, onOpen, place, session);
    if (session.isEnding || (days.isRollDue() && days.canOpenNext())) {
      parts.log.info("finishing", { session: place.session });
      await days.goOn();
    }
    onOpen(days.session);
    setInterval(() => days.look(), CLOCK_LOOK_MS).unref();
    return days;
  }

  get current(): TradingSession {
    return this.session;
  }
  get isRolling(): boolean {
    return this.rolling !== undefined;
  }
  /** When the current session ends by itself. */
  get rollsAtMs(): number {
    return this.rollMs;
  }

  /** Ends the session and opens the next. Resolves when that is open, also for whoever asks while it is on its way. */
  roll(): Promise<RolledSessions> {
    this.rolling ??= this.rollNow().finally(() => {
      this.rolling = undefined;
    });
    return this.rolling;
  }

  /** As roll(), for who can be refused. Behind the last session none is opened: it needs no name. */
  tryRoll(isLast: boolean): Promise<RolledSessions> | RollRefusal {
    if (this.isRolling) return "ROLL_IN_PROGRESS";
    if (isLast) return this.roll();
    if (!isTradingTime(this.nextOpensAtMs())) return "CLOCK_UNSET";
    return this.canOpenNext() ? this.roll() : "SESSIONS_USED_UP";
  }

  /** No other session is opened any more. */
  end(): void {
    this.isOver = true;
  }

  /** Once a second: whether the session's time is over, and event time that of the wall. */
  look(): void {
    if (this.isRolling || this.isOver) return;
    const { wallClock } = this.parts;
    this.clockWatch.look(this.place.session, this.reachedMs() - wallClock.epochMs());
    if (!this.isRollDue()) return;
    if (!this.canOpenNext()) this.postpone();
    else void this.roll(); // what goes wrong there ends the process, as an error that nobody catches
  }

  /** An end without another beginning would stop the trading: the session goes on until the next one has a name. */
  private postpone(): void {
    if (this.isPostponed) return;
    this.isPostponed = true;
    this.parts.log.error("roll-postponed", { session: this.place.session, reason: NO_NAME });
  }

  /** A clock on which no session can be begun ends none either. */
  private isRollDue(): boolean {
    const nowMs = this.parts.wallClock.epochMs();
    return nowMs >= this.rollMs && isTradingTime(nowMs);
  }

  private rollMsOf({ openedAtMs }: SessionPlace): number {
    const { session, clock } = this.parts.config;
    return nextRollMs(openedAtMs, session.rollAt, clock.timeZone);
  }

  private canOpenNext(): boolean {
    return this.places.canMake(this.nextOpensAtMs());
  }

  private nextOpensAtMs(): number {
    return opensAtMs(this.parts, this.reachedMs());
  }

  /** The session's event time as a time since 1970. */
  private reachedMs(): number {
    return this.place.midnightUtcMs + this.session.eventNs / 1e6;
  }

  private async rollNow(): Promise<RolledSessions> {
    const { session } = this.place;
    await this.goOn();
    if (!this.isOver) {
      this.parts.gateState.state = GATE_STATE.OPEN;
      this.onOpen(this.session);
    }
    return { session, newSession: this.place.session };
  }

  private async goOn(): Promise<void> {
    const { parts, places } = this;
    const { log } = parts;
    const ended = this.place.session;
    if (!this.session.isEnded) {
      log.info("session-ending", { session: ended });
      await this.session.roll();
    }
    if (!this.isOver) parts.gateState.state = GATE_STATE.STARTING;
    await this.session.stop(true);
    places.archive(this.place, this.reachedMs());
    log.info("session-ended", { session: ended });
    if (this.isOver) return;
    this.place = places.make(this.nextOpensAtMs());
    this.isPostponed = false;
    this.session = await TradingSession.open(parts, this.place);
    this.rollMs = this.rollMsOf(this.place);
    places.noteBegun(this.place);
    log.info("session-opened", { session: this.place.session });
  }
}

/** A start takes the event time of an open session to the clock's, and from there it never comes back. */
function checkClock(nowMs: number): void {
  if (nowMs < LATEST_MS) return;
  throw new FaultError({ code: "CLOCK_UNSET", now: new Date(nowMs).toISOString() });
}

/** A wall clock that was set back must not make order references of the session before come again (semantics §1.2). */
const opensAtMs = ({ wallClock }: SessionParts, lastEndedAtMs: number): number =>
  Math.max(wallClock.epochMs(), Math.ceil(lastEndedAtMs) + 1);
