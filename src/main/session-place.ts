// Where a trading session is: its id, the midnight that its event time counts from, and its directories. Main thread.

export interface SessionPlace {
  /** At most 10 letters and digits. */
  readonly session: string;
  /** Midnight of the trading date in clock.timeZone, in milliseconds since 1970 UTC. */
  readonly midnightUtcMs: number;
  /** When the session was first opened. */
  readonly openedAtMs: number;
  /** By lane; undefined without a journal. */
  readonly laneDirectories: readonly (string | undefined)[];
}

/** Finds, makes and puts away sessions. */
export interface SessionPlaces {
  /** The session that is not put away; undefined when there is none. */
  find(): SessionPlace | undefined;
  /** Every session that is put away was over by then, in milliseconds since 1970; -Infinity when there is none. */
  lastEndedAtMs(): number;
  /** There is a name for a session that is opened at that moment. */
  canMake(nowMs: number): boolean;
  /** Throws a FaultError without one. */
  make(nowMs: number): SessionPlace;
  /** Every lane of it has written to its journal. */
  noteBegun(place: SessionPlace): void;
  /** `endedAtMs`: its last event time, in milliseconds since 1970. */
  archive(place: SessionPlace, endedAtMs: number): void;
}
