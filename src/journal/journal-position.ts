// A place between two batches of a lane's journal, and what one must know to go on from there.

export interface JournalPosition {
  /** 0 = before the first segment. */
  readonly segment: number;
  readonly offset: number;
  /** Number of the first record behind it. */
  readonly nextRecord: number;
  /** Header checksum of the batch before it; 0 = there is none. */
  readonly previousChecksum: number;
}

export const JOURNAL_START: JournalPosition = {
  segment: 0,
  offset: 0,
  nextRecord: 1,
  previousChecksum: 0,
};
