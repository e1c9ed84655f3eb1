// Who is told how long a journal's calls took. Types and places alone: the journal knows nothing of telemetry.

/** Places in JournalTimes.call. */
export const JOURNAL_CALL = { START_NS: 0, DURATION_NS: 1, BYTES: 2 } as const;

export interface JournalTimes {
  /** Of the call that is told next, filled in before: as arguments, doubles would be boxed. */
  readonly call: Float64Array;
  onWrite(): void;
  onSync(): void;
  /** The lane stood still until the keeper had a segment. No bytes. */
  onSegmentWait(): void;
}
