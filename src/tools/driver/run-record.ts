// Everything a load run counts and measures, for its progress lines and its result. Hot path of the load process.

import { LatencyBook } from "./latency-book.ts";
import type { LoadPlan } from "./load-plan.ts";
import {
  environment,
  faultsOf,
  type LoadCounts,
  type LoadProgress,
  type LoadResult,
  paceProblems,
} from "./load-result.ts";
import { LatencyHistogram } from "./percentiles.ts";

const UNMATCHED_TOLD_MAX = 10;
const INTERVAL_NS = 1e9;

/** What the order models of all accounts say together. */
export interface OrderTotals {
  waiting: number;
  executions: number;
  sharesBought: number;
  sharesSold: number;
}

export class RunRecord {
  private readonly plan: LoadPlan;
  private readonly latency = new LatencyBook();
  private readonly lateness = new LatencyHistogram(3);
  private readonly intervalLateness = new LatencyHistogram(2);
  private readonly unmatchedTold: string[] = [];
  private readonly rejectCodes = new Map<number, number>();
  private readonly lost: string[] = [];
  // Start and end of the measured part, start of the present interval: doubles that a field would box.
  private readonly times = new Float64Array(3);
  private sent = 0;
  private sentMeasured = 0;
  private late = 0;
  private lateMeasured = 0;
  private accepted = 0;
  private rejected = 0;
  private explained = 0;
  private unmatched = 0;
  private readonly interval = { sent: 0, accepted: 0, rejected: 0, executions: 0, count: 0 };

  constructor(plan: LoadPlan) {
    this.plan = plan;
  }

  start(startNs: number): void {
    this.times[MEASURED_FROM] = startNs + this.plan.warmupSeconds * 1e9;
    this.times[ENDS] = this.times[MEASURED_FROM]! + this.plan.seconds * 1e9;
    this.times[INTERVAL_FROM] = startNs;
  }

  /** Nothing is meant to be sent from here on. */
  get endsNs(): number {
    return this.times[ENDS]!;
  }

  /** The sending ended, perhaps before its time. */
  end(nowNs: number): void {
    this.times[ENDS] = Math.min(this.times[ENDS]!, nowNs);
  }

  onSent(intendedNs: number, sentNs: number): void {
    const lateNs = sentNs - intendedNs;
    const isLate = lateNs > this.plan.lateNsMax;
    this.sent++;
    this.interval.sent++;
    if (isLate) this.late++;
    this.intervalLateness.record(lateNs);
    if (intendedNs < this.times[MEASURED_FROM]!) return;
    this.sentMeasured++;
    if (isLate) this.lateMeasured++;
    this.lateness.record(lateNs);
  }

  onAnswered(
    request: number,
    isAccepted: boolean,
    intendedNs: number,
    sentNs: number,
    readNs: number,
  ): void {
    const responseNs = readNs - intendedNs;
    if (isAccepted) {
      this.accepted++;
      this.interval.accepted++;
      this.latency.interval.record(responseNs);
    } else {
      this.rejected++;
      this.interval.rejected++;
    }
    if (intendedNs < this.times[MEASURED_FROM]!) return;
    this.latency.record(request, isAccepted, responseNs, readNs - sentNs);
  }

  onExplained(): void {
    this.explained++;
  }

  onUnmatched(user: string, reason: string): void {
    this.unmatched++;
    if (this.unmatchedTold.length < UNMATCHED_TOLD_MAX) {
      this.unmatchedTold.push(`${user}: ${reason}`);
    }
  }

  onRejectCode(code: number): void {
    this.rejectCodes.set(code, (this.rejectCodes.get(code) ?? 0) + 1);
  }

  /** An account ended before its time, or never answered its fence. */
  onLost(what: string): void {
    this.lost.push(what);
  }

  get losses(): readonly string[] {
    return this.lost;
  }

  isProgressDue(nowNs: number): boolean {
    return nowNs - this.times[INTERVAL_FROM]! >= INTERVAL_NS;
  }

  /** Sums the interval up and begins the next one. */
  progress(nowNs: number, totals: OrderTotals): LoadProgress {
    const { interval } = this;
    const fromNs = this.times[INTERVAL_FROM]!;
    const seconds = (nowNs - fromNs) / 1e9;
    interval.count++;
    const progress = {
      second: interval.count,
      isWarmup: fromNs < this.times[MEASURED_FROM]!,
      sentRate: interval.sent / seconds,
      answeredRate: (interval.accepted + interval.rejected) / seconds,
      executionRate: (totals.executions - interval.executions) / seconds,
      waiting: totals.waiting,
      rejected: interval.rejected,
      response: this.latency.interval.percentiles(),
      lateness: this.intervalLateness.percentiles(),
    };
    this.latency.interval.reset();
    this.intervalLateness.reset();
    interval.sent = 0;
    interval.accepted = 0;
    interval.rejected = 0;
    interval.executions = totals.executions;
    this.times[INTERVAL_FROM] = nowNs;
    return progress;
  }

  result(totals: OrderTotals): LoadResult {
    const { plan } = this;
    const counts: LoadCounts = {
      sent: this.sent,
      accepted: this.accepted,
      rejected: this.rejected,
      explained: this.explained,
      unanswered: totals.waiting,
      unmatched: this.unmatched,
      late: this.late,
      executions: totals.executions,
      sharesBought: totals.sharesBought,
      sharesSold: totals.sharesSold,
    };
    const seconds = Math.max(0, this.times[ENDS]! - this.times[MEASURED_FROM]!) / 1e9;
    const sentRate = seconds > 0 ? this.sentMeasured / seconds : 0;
    const faults = [...this.lost, ...faultsOf(counts, this.unmatchedTold)];
    const measured = { sent: this.sentMeasured, late: this.lateMeasured, seconds };
    const invalid = [...faults, ...paceProblems(plan, measured)];
    const rejectCodes = [...this.rejectCodes].map(([code, count]) => [codeText(code), count]);
    return {
      isValid: invalid.length === 0,
      invalid,
      faults,
      rate: { asked: plan.rate, sent: sentRate },
      seconds,
      counts,
      unmatched: this.unmatchedTold,
      rejectCodes: Object.fromEntries(rejectCodes),
      latency: this.latency.summary(),
      lateness: this.lateness.percentiles(),
      environment: environment(),
      plan: { ...plan, accounts: plan.accounts.length },
    };
  }
}

const MEASURED_FROM = 0;
const ENDS = 1;
const INTERVAL_FROM = 2;

const codeText = (code: number): string => code.toString(16).toUpperCase().padStart(4, "0");
