// How far the end of the day has come in a lane (semantics §8). Kept in its journal, reported to main by a recovery.

export const LANE_PHASE = {
  OPEN: 0,
  /** No new orders any more; System Event E and the cancels are on their way. */
  CLOSING: 1,
  /** Every order is canceled. */
  CLOSED: 2,
  /** The last record: nothing is taken or journaled any more. */
  ENDED: 3,
} as const;
