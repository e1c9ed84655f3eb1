// One account of a replay, over all of its connections: whose numbers begin where, what was asked and answered. Hot path
// of the replay; allocates nothing per message.

import { malformed } from "../client/malformed-message.ts";
import { AnswerReader } from "./answer-reader.ts";
import { NOWHERE } from "./number-map.ts";
import { OUTCOME } from "./outcome.ts";
import type { PlannedAccount } from "./replay-plan.ts";
import { ASKED } from "./request-reader.ts";
import type { SentRequest } from "./request-table.ts";
import { RequestTracker, type TrackerSink } from "./request-tracker.ts";

const USER_REF_NUM_MAX = 0xffffffff;
const CHANNELS = 256;

/** What an account tells its run. */
export interface ReplayAccountSink {
  /** `request` is the account's; UNKNOWN as what was captured: nothing to compare with. */
  onAnswered(
    account: ReplayAccount,
    request: number,
    asked: number,
    outcome: number,
    intendedNs: number,
    sentNs: number,
  ): void;
  onExplained(account: ReplayAccount, request: number): void;
  onUnmatched(account: ReplayAccount, reason: string): void;
}

export class ReplayAccount implements TrackerSink {
  readonly plan: PlannedAccount;
  readonly user: string;
  readonly password: string;
  readonly tracker: RequestTracker;
  /** Where a later connection goes on; "" before the first login. */
  sessionId = "";
  nextSequence = 0;
  /** How often it logged in: what was sent before the latest login went another way. */
  logins = 0;
  /** The latest login's connection is there. */
  isOpen = false;
  /** A query that may be sent any number of times, one behind the other. */
  readonly spareQuery: number;
  private readonly sink: ReplayAccountSink;
  private readonly answers = new AnswerReader();
  /** First number of ours by channel; 0 while it is not known. */
  private readonly bases = new Float64Array(CHANNELS);
  private readonly intendedNs: Float64Array;
  private readonly sentNs: Float64Array;
  private readonly added: SentRequest;
  private readonly renumbered: SentRequest;

  constructor(plan: PlannedAccount, user: string, password: string, sink: ReplayAccountSink) {
    this.plan = plan;
    this.user = user;
    this.password = password;
    this.sink = sink;
    this.spareQuery = plan.requestCount;
    const requestsMax = plan.requestCount + 1;
    this.tracker = new RequestTracker(requestsMax, this);
    this.intendedNs = new Float64Array(requestsMax);
    this.sentNs = new Float64Array(requestsMax);
    this.added = blankRequest();
    this.renumbered = blankRequest();
  }

  /** The request with the numbers that it has here. Valid until the next call. Throws when no number is left. */
  numbered(request: number): SentRequest {
    const captured = this.plan.captured.requests[request];
    const { renumbered } = this;
    if (captured === undefined) return renumbered;
    const { ranks, targetRanks } = this.plan.captured;
    const base = this.bases[captured.channel]!;
    renumbered.asked = captured.asked;
    renumbered.channel = captured.channel;
    renumbered.quantity = captured.quantity;
    renumbered.side = captured.side;
    renumbered.hasNumber = captured.hasNumber;
    renumbered.hasTarget = captured.hasTarget;
    renumbered.number = captured.hasNumber ? Math.max(0, base + ranks[request]!) : 0;
    renumbered.target = captured.hasTarget ? Math.max(0, base + targetRanks[request]!) : 0;
    if (renumbered.number > USER_REF_NUM_MAX) throw new Error(`${this.user} has no numbers left`);
    return renumbered;
  }

  onSent(request: number, intendedNs: number, sentNs: number): void {
    this.intendedNs[request] = intendedNs;
    this.sentNs[request] = sentNs;
    this.tracker.onSent(request, this.numbered(request));
  }

  /** A query that the plan added, or one that it sends before everything else. */
  onQuerySent(request: number, channel: number, nowNs: number): void {
    this.intendedNs[request] = nowNs;
    this.sentNs[request] = nowNs;
    this.added.asked = ASKED.QUERY;
    this.added.channel = channel;
    this.tracker.onSent(request, this.added);
  }

  isQuery(request: number): boolean {
    return (this.plan.captured.requests[request]?.asked ?? ASKED.QUERY) === ASKED.QUERY;
  }

  isConfirmed(request: number): boolean {
    return this.tracker.outcomeOf(request) === OUTCOME.CONFIRMED;
  }

  /** Queries that were sent and have no answer. */
  unansweredQueries(): number {
    let count = 0;
    for (let request = 0; request <= this.spareQuery; request++) {
      const isUnanswered = this.tracker.outcomeOf(request) === OUTCOME.UNANSWERED;
      if (isUnanswered && this.isQuery(request)) count++;
    }
    return count;
  }

  /** `sequence` is that of the connection's first message. */
  onLoginAccepted(sessionId: string, sequence: number): void {
    // A takeover: what the connection before sent may have come too late.
    if (this.isOpen) this.tracker.doubtAll();
    this.isOpen = true;
    this.logins++;
    // Within a session the account goes on where it is: an older connection may have been told more by now.
    if (sessionId === this.sessionId) return;
    this.sessionId = sessionId;
    this.nextSequence = sequence;
  }

  /** One sequenced message. */
  onMessage(sequence: number, view: DataView, offset: number, messageBytes: number): void {
    // Around a takeover both connections are told the same.
    if (sequence < this.nextSequence) return;
    this.nextSequence = sequence + 1;
    const wrong = malformed(view, offset, messageBytes);
    if (wrong !== "") {
      this.onUnmatched(wrong);
      return;
    }
    const query = this.answers.read(view, offset, messageBytes, this.tracker);
    if (query === NOWHERE) return;
    const { channel, nextNumber } = this.answers;
    if (this.bases[channel] === 0 && nextNumber > 0) {
      this.bases[channel] = nextNumber;
      this.tracker.setBase(channel, nextNumber);
    }
  }

  // -- TrackerSink ---------------------------------------------------------------------------------------------

  onAnswered(request: number, outcome: number): void {
    const asked = this.plan.captured.requests[request]?.asked ?? ASKED.QUERY;
    const intendedNs = this.intendedNs[request]!;
    this.sink.onAnswered(this, request, asked, outcome, intendedNs, this.sentNs[request]!);
  }

  onExplained(request: number): void {
    this.sink.onExplained(this, request);
  }

  onUnmatched(reason: string): void {
    this.sink.onUnmatched(this, reason);
  }
}

const blankRequest = (): SentRequest => ({
  asked: 0,
  channel: 0,
  number: 0,
  hasNumber: false,
  target: 0,
  hasTarget: false,
  quantity: 0,
  side: 0,
});
