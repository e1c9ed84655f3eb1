// Everything a load run counts and measures, for its progress lines and its result. Hot path of the load process.

import { LatencyBook, type LatencyInterval } from "./latency-book.ts";
import type { LoadPlan } from "./load-plan.ts";
import {
  faultsOf,
  type LoadCounts,
  type LoadPhase,
  type LoadProgress,
  type LoadResult,
  paceProblems,
  readableRate,
} from "./load-result.ts";
import { LatencyHistogram } from "./percentiles.ts";
import { runEnvironment } from "./run-environment.ts";

const UNMATCHED_TOLD_MAX = 10;
const LOST_TOLD_MAX = 10;
/** A rate over less is not worth a line. */
const REST_NS_MIN = 0.5e9;
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
  private readonly environment = runEnvironment();
  private readonly lateness = new LatencyHistogram(3);
  private readonly intervalLateness = new LatencyHistogram(2);
  private readonly unmatchedTold: string[] = [];
  private readonly rejectCodes = new Map<number, number>();
  private readonly lost: string[] = [];
  private readonly spoiled: string[] = [];
  // Doubles that a field would box.
  private readonly times = new Float64Array(6);
  /** That was asked for. */
  private rate: number;
  private lostCount = 0;
  private sent = 0;
  private sentMeasured = 0;
  private omittedMeasured = 0;
  private sentBeforeSecond = 0;
  private late = 0;
  private lateMeasured = 0;
  private accepted = 0;
  private rejected = 0;
  private explained = 0;
  private unmatched = 0;
  private readonly interval = { sent: 0, accepted: 0, rejected: 0, executions: 0, count: 0 };

  constructor(plan: LoadPlan) {
    this.plan = plan;
    this.rate = plan.rate;
  }

  start(startNs: number): void {
    const { rampSeconds, warmupSeconds, seconds, countMax } = this.plan;
    this.times[RAMP_ENDS] = startNs + rampSeconds * 1e9;
    this.times[MEASURED_FROM] = this.times[RAMP_ENDS] + warmupSeconds * 1e9;
    this.times[SECOND_ENDS] = this.times[MEASURED_FROM] + INTERVAL_NS;
    this.times[INTERVAL_FROM] = startNs;
    this.endMeasured(countMax === null ? this.times[MEASURED_FROM] + seconds * 1e9 : Infinity);
  }

  /** Nothing is meant to be sent from here on. */
  get endsNs(): number {
    return this.times[ENDS]!;
  }

  /** As many were sent as were to be measured; endMeasured() says from when on nothing is. */
  get hasEnough(): boolean {
    const { countMax } = this.plan;
    return (
      countMax !== null && this.sentMeasured >= countMax && this.times[MEASURED_TO] === Infinity
    );
  }

  endMeasured(atNs: number): void {
    this.times[MEASURED_TO] = atNs;
    this.times[ENDS] = atNs + this.plan.cooldownSeconds * 1e9;
  }

  /** The sending ended, perhaps before its time; `rate` is what was asked for until then. */
  end(atNs: number, rate = this.rate): void {
    this.rate = rate;
    this.times[ENDS] = Math.min(this.times[ENDS]!, atNs);
    this.times[MEASURED_TO] = Math.min(this.times[MEASURED_TO]!, atNs);
  }

  /** Every answer is in that will come. */
  close(nowNs: number): void {
    this.endSecond(nowNs);
  }

  onSent(intendedNs: number, sentNs: number): void {
    const lateNs = sentNs - intendedNs;
    const isLate = lateNs > this.plan.lateNsMax;
    this.sent++;
    this.interval.sent++;
    if (isLate) this.late++;
    this.intervalLateness.record(lateNs);
    if (!this.isMeasured(intendedNs)) return;
    this.sentMeasured++;
    if (isLate) this.lateMeasured++;
    this.lateness.record(lateNs);
  }

  /** It was to be sent, and what happened before makes that impossible: no fault of the pace. */
  onOmitted(intendedNs: number): void {
    if (this.isMeasured(intendedNs)) this.omittedMeasured++;
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
    if (!this.isMeasured(intendedNs)) return;
    this.latency.record(request, isAccepted, responseNs, readNs - sentNs);
  }

  /** Answered as asked, but of a kind that is not in the headline and has no latency of its own. */
  onConfirmed(): void {
    this.accepted++;
    this.interval.accepted++;
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
    this.lostCount++;
    if (this.lostCount <= LOST_TOLD_MAX) this.lost.push(what);
  }

  get hasOnlyRejects(): boolean {
    return this.rejected > 0 && this.accepted === 0;
  }

  /** Nobody's fault at the other end, but what was measured is not what was asked for. */
  onSpoiled(why: string): void {
    this.spoiled.push(why);
  }

  /** First few. */
  get losses(): readonly string[] {
    return this.lost;
  }

  /** The measured part second by second, with what each was made of. */
  get intervals(): readonly LatencyInterval[] {
    return this.latency.intervals;
  }

  /** To be called in each turn: keeps the seconds of the measured part apart. What comes behind it is the last one's. */
  tick(nowNs: number): void {
    if (nowNs < this.times[SECOND_ENDS]! || nowNs >= this.times[MEASURED_TO]!) return;
    this.endSecond(nowNs);
    // After a stall of several seconds there is nothing to tell of those in between.
    const fromNs = this.times[MEASURED_FROM]!;
    const second = Math.floor((nowNs - fromNs) / INTERVAL_NS);
    this.times[SECOND_ENDS] = fromNs + (second + 1) * INTERVAL_NS;
  }

  /** When there is something to be done even if nothing is to be sent: the next line, or the end. */
  get nextLookNs(): number {
    return Math.min(this.times[INTERVAL_FROM]! + INTERVAL_NS, this.times[ENDS]!);
  }

  isProgressDue(nowNs: number): boolean {
    return nowNs - this.times[INTERVAL_FROM]! >= INTERVAL_NS;
  }

  /** The sending has ended, as a rule a moment before a second was over: what that had is to be seen, too. */
  isRestDue(nowNs: number): boolean {
    return nowNs - this.times[INTERVAL_FROM]! >= REST_NS_MIN;
  }

  /** Sums the interval up and begins the next one. */
  progress(nowNs: number, totals: OrderTotals): LoadProgress {
    const { interval } = this;
    const fromNs = this.times[INTERVAL_FROM]!;
    const seconds = (nowNs - fromNs) / 1e9;
    interval.count++;
    const progress = {
      second: interval.count,
      phase: this.phaseAt(fromNs),
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
    const seconds = Math.max(0, this.times[MEASURED_TO]! - this.times[MEASURED_FROM]!) / 1e9;
    const sentRate = seconds > 0 ? this.sentMeasured / seconds : 0;
    const untold = this.lostCount - this.lost.length;
    const lost = untold > 0 ? [...this.lost, `and ${untold} more connections lost`] : this.lost;
    const faults = [...lost, ...faultsOf(counts, this.unmatchedTold)];
    const asked = { ...plan, rate: this.askedRate(seconds) };
    const measured = { sent: this.sentMeasured, late: this.lateMeasured, seconds };
    const invalid = [...faults, ...this.spoiled, ...paceProblems(asked, measured)];
    const rejectCodes = [...this.rejectCodes].map(([code, count]) => [codeText(code), count]);
    return {
      isValid: invalid.length === 0,
      invalid,
      faults,
      rate: { asked: asked.rate, sent: sentRate },
      seconds,
      measuredFromMs: performance.timeOrigin + this.times[MEASURED_FROM]! / 1e6,
      counts,
      unmatched: this.unmatchedTold,
      rejectCodes: Object.fromEntries(rejectCodes),
      latency: this.latency.summary(),
      lateness: this.lateness.percentiles(),
      histogram: this.latency.histogram("response"),
      serviceHistogram: this.latency.histogram("service"),
      series: this.latency.series(),
      environment: this.environment(),
      plan: { ...plan, accounts: plan.accounts.length },
    };
  }

  /** Without what was omitted. */
  private askedRate(seconds: number): number {
    const { rate } = this;
    if (this.omittedMeasured === 0 || seconds === 0) return rate;
    return readableRate(Math.max(0, rate - this.omittedMeasured / seconds));
  }

  private isMeasured(intendedNs: number): boolean {
    return intendedNs >= this.times[MEASURED_FROM]! && intendedNs < this.times[MEASURED_TO]!;
  }

  private endSecond(nowNs: number): void {
    if (this.times[MEASURED_TO]! <= this.times[MEASURED_FROM]!) return;
    const until = (nowNs - this.times[MEASURED_FROM]!) / 1e9;
    this.latency.endSecond(until, this.sentMeasured - this.sentBeforeSecond);
    this.sentBeforeSecond = this.sentMeasured;
  }

  private phaseAt(ns: number): LoadPhase {
    if (ns < this.times[RAMP_ENDS]!) return "ramp";
    if (ns < this.times[MEASURED_FROM]!) return "warm-up";
    return ns < this.times[MEASURED_TO]! ? "measured" : "cool-down";
  }
}

const RAMP_ENDS = 0;
const MEASURED_FROM = 1;
const MEASURED_TO = 2;
const ENDS = 3;
const INTERVAL_FROM = 4;
const SECOND_ENDS = 5;

const codeText = (code: number): string => code.toString(16).toUpperCase().padStart(4, "0");
