// What one account asked in a capture and what became of it, request by request, over all of its connections. Each new
// number gets a rank in its channel: a replay adds the first number that it may use, so that numbers which the capture
// used twice, or out of turn, mean the same again.

import { NOWHERE } from "./number-map.ts";
import { OUTCOME } from "./outcome.ts";
import type { RequestReader } from "./request-reader.ts";
import type { SentRequest } from "./request-table.ts";
import { RequestTracker, type TrackerSink } from "./request-tracker.ts";

const CHANNELS = 256;
/** Below every number: as 0 it is ignored, and so is what names it. */
export const NOBODYS_RANK = -(2 ** 31);

/** A capture may begin in the middle: what matches nothing there is no fault. */
const NOBODY: TrackerSink = { onAnswered() {}, onExplained() {}, onUnmatched() {} };

export class CapturedAccount {
  readonly name: string;
  readonly requests: SentRequest[] = [];
  /** False: it names an order that the capture does not know, so it is not sent. */
  readonly isKept: boolean[] = [];
  /** By request, once settle() was called: of the new number and of the order that is named; −1 for none, or NOBODYS_RANK. */
  ranks: Int32Array = new Int32Array(0);
  targetRanks: Int32Array = new Int32Array(0);
  outcomes: Int32Array = new Int32Array(0);
  /** How many ranks each channel has. */
  readonly rankCounts = new Int32Array(CHANNELS);
  executions = 0;
  /** Of its session: the first message that none of its connections has been told. */
  nextSequence = 0;
  sessionId = "";
  /** Answers are missing: silence says nothing. */
  hasLostAnswers = false;
  /** The firm that its own controls name: the best guess at its default. */
  firm = "";
  private trackerMade: RequestTracker | undefined = undefined;

  constructor(name: string) {
    this.name = name;
  }

  /** Takes over what the reader has just read. Returns the request. */
  add(reader: RequestReader): number {
    const { asked, channel, number, hasNumber, target, hasTarget, quantity, side } = reader;
    this.requests.push({ asked, channel, number, hasNumber, target, hasTarget, quantity, side });
    this.isKept.push(false);
    this.firm ||= reader.firm;
    return this.requests.length - 1;
  }

  /** Made when all requests are known. */
  get tracker(): RequestTracker {
    this.trackerMade ??= new RequestTracker(this.requests.length, NOBODY);
    return this.trackerMade;
  }

  /** The request came to the gateway. False: it names an order that the capture does not know. */
  onSent(request: number): boolean {
    const sent = this.requests[request];
    if (sent === undefined) return false;
    const { tracker } = this;
    if (sent.hasTarget && tracker.find(sent.channel, sent.target) === NOWHERE) return false;
    this.isKept[request] = true;
    tracker.onSent(request, sent);
    return true;
  }

  /** All answers have been read. */
  settle(): void {
    const { requests, tracker } = this;
    this.outcomes = this.finalOutcomes();
    this.ranks = new Int32Array(requests.length).fill(NOWHERE);
    this.targetRanks = new Int32Array(requests.length).fill(NOWHERE);
    const highest = new Float64Array(CHANNELS);
    for (const [request, { channel, number, hasNumber, hasTarget }] of requests.entries()) {
      if (!this.isKept[request]) continue;
      if (hasTarget) this.targetRanks[request] = this.ranks[tracker.targetOf(request)] ?? NOWHERE;
      if (!hasNumber) continue;
      const isNew = number > (highest[channel] ?? 0);
      if (isNew || isAnswered(this.outcomes[request] ?? OUTCOME.UNKNOWN)) {
        const rank = this.rankCounts[channel] ?? 0;
        this.ranks[request] = rank;
        this.rankCounts[channel] = rank + 1;
      } else {
        // A used number: the same again, or one that was passed over and is nobody's.
        const same = tracker.sameNumberAs(request);
        this.ranks[request] = same === NOWHERE ? NOBODYS_RANK : this.ranks[same]!;
      }
      highest[channel] = Math.max(highest[channel] ?? 0, number);
    }
    this.executions = tracker.executions;
  }

  /** Silence means something only when something later was answered. */
  private finalOutcomes(): Int32Array {
    const outcomes = Int32Array.from(this.requests, (_, request) =>
      this.tracker.outcomeOf(request),
    );
    const last = outcomes.findLastIndex((outcome) => isAnswered(outcome));
    return outcomes.map((outcome, request) => {
      if (isAnswered(outcome)) return outcome;
      const isTold = request < last && !this.hasLostAnswers && outcome !== OUTCOME.UNKNOWN;
      return isTold ? OUTCOME.SILENT : OUTCOME.UNKNOWN;
    });
  }
}

const isAnswered = (outcome: number): boolean =>
  outcome !== OUTCOME.UNKNOWN && outcome !== OUTCOME.SILENT && outcome !== OUTCOME.UNANSWERED;
