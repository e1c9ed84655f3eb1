// From one trading session to the next (semantics §8): opens the one that is due, ends it when its time has come or an
// operator says so, and opens the next. A crash between any two steps is made good at the next start, because every
// step starts from what the journals say. Main thread.

import { nextRollMs } from "../base/roll-time.ts";
import type { RolledSessions } from "../gate/control-commands.ts";
import { GATE_STATE } from "../memory/gate-state.ts";
import type { SessionPlace, SessionPlaces } from "./session-place.ts";
import { type SessionParts, TradingSession } from "./trading-session.ts";

const CLOCK_LOOK_MS = 1000;

/** Called with each session that takes clients from now on. */
export type OnOpen = (session: TradingSession) => void;

export class TradingDays {
  private readonly parts: SessionParts;
  private readonly places: SessionPlaces;
  private readonly onOpen: OnOpen;
  private place: SessionPlace;
  private session: TradingSession;
  private rolling: Promise<RolledSessions> | undefined = undefined;
  private isOver = false;
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
    const place = places.find() ?? places.make(parts.wallClock.epochMs());
    const session = await TradingSession.open(parts, place);
    const days = new TradingDays(parts, places, onOpen, place, session);
    if (session.isEnding || days.isRollDue()) {
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

  /** No other session is opened any more. */
  end(): void {
    this.isOver = true;
  }

  /** Once a second: whether the session's time is over. */
  look(): void {
    if (this.isRolling || this.isOver || !this.isRollDue()) return;
    void this.roll(); // what goes wrong there ends the process, as an error that nobody catches
  }

  private isRollDue(): boolean {
    return this.parts.wallClock.epochMs() >= this.rollMs;
  }

  private rollMsOf({ openedAtMs }: SessionPlace): number {
    const { session, clock } = this.parts.config;
    return nextRollMs(openedAtMs, session.rollAt, clock.timeZone);
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
    const { log, wallClock } = parts;
    const ended = this.place.session;
    if (!this.session.isEnded) {
      log.info("session-ending", { session: ended });
      await this.session.roll();
    }
    if (!this.isOver) parts.gateState.state = GATE_STATE.STARTING;
    await this.session.stop(true);
    // A wall clock that was set back meanwhile must not make order references of the day before come again.
    const reachedMs = Math.ceil(this.place.midnightUtcMs + this.session.eventNs / 1e6);
    places.archive(this.place);
    log.info("session-ended", { session: ended });
    if (this.isOver) return;
    this.place = places.make(Math.max(wallClock.epochMs(), reachedMs + 1));
    this.rollMs = this.rollMsOf(this.place);
    this.session = await TradingSession.open(parts, this.place);
    log.info("session-opened", { session: this.place.session });
  }
}
