// Requests that get no answer are counted per account and reason, and explained in a text for people at most once a
// second per connection (semantics §1.5). Nothing here is lane state: an ignored request leaves no trace in a replay.

import { type CounterWriter, LANE_COUNTERS } from "../memory/counters.ts";
import { typeCounter } from "../telemetry/latency-series.ts";
import { IGNORED_REASON } from "../venue/venue.ts";
import type { Account } from "./accounts.ts";
import type { Unsequenced } from "./unsequenced.ts";

const EXPLAIN_EVERY_NS = 1e9;

const WORDS: Record<number, string> = {
  [IGNORED_REASON.DUPLICATE]: "its UserRefNum is not above the last one of its channel",
  [IGNORED_REASON.ZERO]: "UserRefNum 0 is not a number",
  [IGNORED_REASON.DEAD_TARGET]: "no live order has that number",
  [IGNORED_REASON.SUPERFLUOUS]: "it would change nothing",
};

const COUNTERS: Record<number, number> = {
  [IGNORED_REASON.DUPLICATE]: LANE_COUNTERS.ignoredDuplicate,
  [IGNORED_REASON.ZERO]: LANE_COUNTERS.ignoredZero,
  [IGNORED_REASON.DEAD_TARGET]: LANE_COUNTERS.ignoredDeadTarget,
  [IGNORED_REASON.SUPERFLUOUS]: LANE_COUNTERS.ignoredSuperfluous,
};

export class IgnoredRequests {
  private readonly unsequenced: Unsequenced;
  private readonly counters: CounterWriter;
  private readonly explain: boolean;

  constructor(unsequenced: Unsequenced, counters: CounterWriter, explain: boolean) {
    this.unsequenced = unsequenced;
    this.counters = counters;
    this.explain = explain;
  }

  /** `userRefNum` is the number that the request is about. */
  ignore(
    account: Account,
    reason: number,
    requestType: number,
    userRefNum: number,
    eventNs: number,
  ): void {
    account.ignoredCounts[reason]! += 1;
    this.counters.add(COUNTERS[reason]!, 1);
    this.counters.add(typeCounter(LANE_COUNTERS.ignoredO, requestType), 1);
    if (!this.explain || !account.isAttached) return;
    if (eventNs - account.explainedAtNs < EXPLAIN_EVERY_NS) return;
    // A burst of held-back requests may end in one record: the text can wait for the next second.
    if (!this.unsequenced.canTake()) return;
    account.explainedAtNs = eventNs;
    const request = `${String.fromCharCode(requestType)} ${userRefNum}`;
    const text = `ignored ${request}: ${WORDS[reason]!}`;
    this.unsequenced.debug(account.connection, account.epoch, text);
  }
}
