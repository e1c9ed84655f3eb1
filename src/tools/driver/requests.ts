// The kinds of requests that a load run and a replay keep times of, and what becomes of one.

/** What was asked; also the index into whatever is kept per kind of request. */
export const REQUEST = { ENTER: 0, REPLACE: 1, CANCEL: 2, MODIFY: 3 } as const;
export const REQUEST_NAMES = ["enter", "replace", "cancel", "modify"] as const;

export interface RequestSink {
  /** A request has its answer. sentNs and intendedNs are what the request was noted with. */
  onAnswered(request: number, isAccepted: boolean, intendedNs: number, sentNs: number): void;
  /** A request needs no answer any more: its order was gone before it arrived. */
  onExplained(request: number): void;
  /** A message that answers nothing, or says something that cannot be. */
  onUnmatched(reason: string): void;
}
