// Which series of counts there are, and what they are called: one place for the thread that records and the one that
// reads. The gate has two blocks: ANSWERS at three digits and STAGES at two; each lane has LANE_TIMES at two.

import { assert } from "../base/assert.ts";
import { numbered } from "../base/numbered.ts";

/** Requests with a direct answer, by their OUCH letter (semantics §6.1). */
export const REQUEST_TYPES = ["O", "U", "X", "M", "C", "D", "E", "Q"] as const;
/** They make the headline when they were accepted. */
export const HEADLINE_TYPES: readonly string[] = ["O", "U", "X", "M", "C"];
export const UNKNOWN_REQUEST = -1;

const TYPE_OF_BYTE = new Int8Array(256).fill(UNKNOWN_REQUEST);
REQUEST_TYPES.forEach((letter, index) => {
  TYPE_OF_BYTE[letter.charCodeAt(0)] = index;
});
/** Index within REQUEST_TYPES of an OUCH letter's byte, or UNKNOWN_REQUEST. */
export const requestTypeIndex = (byte: number): number => TYPE_OF_BYTE[byte]!;

/** Of a row of counters in the order of REQUEST_TYPES, then "other": the one of an OUCH letter's byte. */
export const typeCounter = (first: number, byte: number): number => {
  const type = requestTypeIndex(byte);
  return first + (type === UNKNOWN_REQUEST ? REQUEST_TYPES.length : type);
};
/** Types that make the headline come first. */
export const isHeadlineType = (type: number): boolean => type < HEADLINE_TYPES.length;

/** ANSWERS: totals, one series for each type, outcome and reason to wait. */
export const answerSeries = (type: number, isRejected: boolean, isPeerLimited: boolean): number =>
  type * 4 + (isRejected ? 2 : 0) + (isPeerLimited ? 1 : 0);
export interface AnswerLabels {
  readonly type: string;
  readonly outcome: "accepted" | "rejected";
  readonly isPeerLimited: boolean;
  /** O U X M C, accepted, not limited by the peer. */
  readonly isHeadline: boolean;
}
export const ANSWER_SERIES: readonly AnswerLabels[] = REQUEST_TYPES.flatMap((type) =>
  (["accepted", "rejected"] as const).flatMap((outcome) =>
    [false, true].map((isPeerLimited) => ({
      type,
      outcome,
      isPeerLimited,
      isHeadline: HEADLINE_TYPES.includes(type) && outcome === "accepted" && !isPeerLimited,
    })),
  ),
);

/** The way of an answer, piece by piece: `total` is their sum, `service` all but the first (design §3). */
export const STAGE = numbered([
  "loopWait", // since the bytes can have been there, until the gate read them
  "frame", // until they were handed to the lane
  "ring", // until the lane took them
  "decide", // until risk and venue had decided
  "journal", // until they were as durable as configured
  "release", // until the answer's write began, or the gate had it
  "write", // until the kernel had its last byte
  "service", // from read to written
]);
export const STAGE_NAMES = Object.keys(STAGE) as readonly (keyof typeof STAGE)[];

/**
 * Stages are kept apart by type for what makes the headline; rejects of all types are one class, and so is what
 * waited for its peer.
 */
export const STAGE_CLASSES: readonly {
  readonly type: string;
  readonly outcome: string;
  readonly isPeerLimited: boolean;
}[] = [
  ...REQUEST_TYPES.map((type) => ({ type, outcome: "accepted", isPeerLimited: false })),
  { type: "any", outcome: "rejected", isPeerLimited: false },
  { type: "any", outcome: "any", isPeerLimited: true },
];
const REJECTED_CLASS = REQUEST_TYPES.length;
const PEER_LIMITED_CLASS = REJECTED_CLASS + 1;

export const stageClass = (type: number, isRejected: boolean, isPeerLimited: boolean): number => {
  if (isPeerLimited) return PEER_LIMITED_CLASS;
  return isRejected ? REJECTED_CLASS : type;
};
/** Within STAGES. */
export const stageSeries = (stage: number, stageClassIndex: number): number =>
  stageClassIndex * STAGE_NAMES.length + stage;

/** Unsolicited messages, from the record that caused them (semantics §6.2). They follow the stages in STAGES. */
export const EVENT_TYPES = ["E", "C", "other"] as const;
const FIRST_EVENT_SERIES = STAGE_CLASSES.length * STAGE_NAMES.length;
export const eventSeries = (answerType: number): number => {
  if (answerType === EXECUTED) return FIRST_EVENT_SERIES;
  return FIRST_EVENT_SERIES + (answerType === CANCELED ? 1 : 2);
};
export const EVENT_SERIES: readonly number[] = EVENT_TYPES.map(
  (_, index) => FIRST_EVENT_SERIES + index,
);
export const STAGE_SERIES_COUNT = FIRST_EVENT_SERIES + EVENT_TYPES.length;
const EXECUTED = "E".charCodeAt(0);
const CANCELED = "C".charCodeAt(0);

/** What a lane times by itself; a thread's own block, two digits. */
export const LANE_TIME = numbered([
  "batch", // taken → durable
  "journalWrite",
  "journalSync",
]);
export const LANE_TIME_NAMES = Object.keys(LANE_TIME) as readonly (keyof typeof LANE_TIME)[];

assert(
  REQUEST_TYPES.every((type, index) => HEADLINE_TYPES.includes(type) === isHeadlineType(index)),
  "types of the headline do not come first",
);
