// What became of a request, in one word: the same in a capture and in its replay when both mean the same. Times,
// references, fills and what is left of an order are not in it; what an answer repeats of its request is its echo.

/** outcome = kind + (reject reason × REASON_FACTOR). */
export const OUTCOME = {
  /** The capture does not say: it ended before, or lost the answers. */
  UNKNOWN: 0,
  ACCEPTED: 1,
  REPLACED: 2,
  CANCELED: 3,
  MODIFIED: 4,
  REJECTED: 5,
  /** Of a mass cancel, disable, enable or query: its response came. */
  CONFIRMED: 6,
  /** Nothing came, and nothing had to. */
  SILENT: 7,
  /** Nothing came, and something should have. */
  UNANSWERED: 8,
} as const;

const REASON_FACTOR = 16;

export const rejectedWith = (reason: number): number => OUTCOME.REJECTED + reason * REASON_FACTOR;
export const outcomeKind = (outcome: number): number => outcome % REASON_FACTOR;
export const rejectReason = (outcome: number): number => Math.floor(outcome / REASON_FACTOR);

const WORDS = [
  "unknown",
  "accepted",
  "replaced",
  "canceled",
  "modified",
  "rejected",
  "confirmed",
  "no answer due",
  "answer missing",
] as const;

export function outcomeText(outcome: number): string {
  const word = WORDS[outcomeKind(outcome)] ?? "unknown";
  if (outcomeKind(outcome) !== OUTCOME.REJECTED) return word;
  return `${word} ${codeText(rejectReason(outcome))}`;
}

/** 23 → "0x0017". */
export const codeText = (code: number): string =>
  `0x${code.toString(16).toUpperCase().padStart(4, "0")}`;
