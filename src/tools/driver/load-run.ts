// A load run: logs its accounts in, sends on schedule whatever the answers do (open loop), and ends each connection
// with an Account Query as a fence, so that silence can be told from loss. Owns the load process's event loop.

import { assert } from "../../base/assert.ts";
import { Flow } from "./flow.ts";
import type { LatencyInterval } from "./latency-book.ts";
import { LoadAccount, type LoadAccountSink } from "./load-account.ts";
import { type LoadPlan, numbersOfAccount } from "./load-plan.ts";
import type { LoadProgress, LoadResult } from "./load-result.ts";
import { PACE_ENDS, Pacer, paceNowNs } from "./pacer.ts";
import { type OrderTotals, RunRecord } from "./run-record.ts";
import { Schedule } from "./schedule.ts";
import { SeededRandom } from "./seeded-random.ts";

const LOGIN_MS_MAX = 30_000;
/** On top for each account: some thousand connections take their time. */
const LOGIN_MS_PER_ACCOUNT = 5;
/** So many connections are opened at once: a queue of accepts is not what is measured. */
const LOGINS_AT_ONCE_MAX = 256;
/** Between the answer to a fence and the next one. */
const FENCE_PAUSE_MS = 20;
/** A sender that is so far behind at the end gives up the rest: the rate is missed and the run invalid. */
const BEHIND_NS_MAX = 1e9;
/** Sends of one turn before the loop looks at its sockets again: after a stall the backlog goes out in pieces. */
const SENDS_PER_TURN_MAX = 128;

export class LoadRun implements LoadAccountSink {
  private readonly plan: LoadPlan;
  private readonly onProgress: (progress: LoadProgress) => void;
  private readonly numbersMax: number;
  private readonly accounts: LoadAccount[] = [];
  private readonly random: SeededRandom;
  private readonly flow: Flow;
  private readonly schedule: Schedule;
  private readonly record: RunRecord;
  private readonly pacer = new Pacer();
  // Accounts with requests that have not left yet, and which of all accounts these are.
  private readonly touched: LoadAccount[] = [];
  private readonly isTouched: Uint8Array;
  private ready = 0;
  /** Accounts with a fence that is not answered. */
  private unfenced = 0;
  /** A message was due that its account could not send. */
  private hasUnsent = false;
  private isStopped = false;
  private isClearing = false;
  private isLoggingOut = false;
  private changed: () => void = () => {};

  constructor(plan: LoadPlan, onProgress: (progress: LoadProgress) => void) {
    assert(plan.accounts.length > 0, "a load run needs an account");
    this.plan = plan;
    this.onProgress = onProgress;
    this.numbersMax = numbersOfAccount(plan);
    this.random = new SeededRandom(plan.seed);
    this.flow = new Flow(plan.mix, plan.symbols.length, plan.restingMax, this.random);
    this.schedule = new Schedule(plan.rate, plan.arrivals, this.random, plan);
    this.record = new RunRecord(plan);
    this.isTouched = new Uint8Array(plan.accounts.length);
  }

  /** Ends the sending early; the run still fences and reports. */
  stop(): void {
    this.isStopped = true;
    this.pacer.stop();
    this.changed();
  }

  /** Of the measured part; there when run() has resolved. */
  get intervals(): readonly LatencyInterval[] {
    return this.record.intervals;
  }

  async run(): Promise<LoadResult> {
    try {
      await this.logIn();
      await this.sendAll();
      await this.drain();
      this.record.close(paceNowNs());
      if (this.plan.clearsOrders) await this.clearOrders();
      if (this.record.hasOnlyRejects) this.record.onSpoiled("no request was accepted");
      if (this.hasUnsent) this.record.onSpoiled("an account could not send a message that was due");
      return this.record.result(this.totals());
    } finally {
      this.isLoggingOut = true;
      for (const account of this.accounts) account.logout();
    }
  }

  // -- LoadAccountSink -----------------------------------------------------------------------------------------

  nowNs(): number {
    return paceNowNs();
  }

  onAnswered(
    request: number,
    isAccepted: boolean,
    intendedNs: number,
    sentNs: number,
    readNs: number,
  ): void {
    if (this.isClearing) return;
    this.record.onAnswered(request, isAccepted, intendedNs, sentNs, readNs);
  }

  onExplained(): void {
    if (!this.isClearing) this.record.onExplained();
  }

  onUnmatched(account: LoadAccount, reason: string): void {
    this.record.onUnmatched(account.user, reason);
  }

  onRejected(code: number): void {
    this.record.onRejectCode(code);
  }

  onReady(account: LoadAccount): void {
    if (this.ready < this.plan.accounts.length) {
      this.ready++;
      this.openConnections();
    } else if (account.fences === 0) {
      this.unfenced--;
    }
    this.changed();
  }

  onLost(account: LoadAccount, reason: string): void {
    if (this.isLoggingOut) return;
    this.record.onLost(`${account.user} lost its connection (${reason})`);
    if (account.fences > 0) this.unfenced--;
    this.stop();
  }

  // -- the three parts of a run --------------------------------------------------------------------------------

  private async logIn(): Promise<void> {
    const { accounts } = this.plan;
    const msMax = LOGIN_MS_MAX + accounts.length * LOGIN_MS_PER_ACCOUNT;
    this.openConnections();
    await this.until(() => this.ready === accounts.length || this.isStopped, msMax);
    const [loss] = this.record.losses;
    if (loss !== undefined) throw new Error(`could not log in: ${loss}`);
    if (!this.isStopped && this.ready < accounts.length) {
      throw new Error(
        `${this.ready} of ${accounts.length} accounts were logged in within ${msMax} ms`,
      );
    }
  }

  private openConnections(): void {
    const { accounts, plan } = this;
    while (accounts.length < plan.accounts.length && !this.isStopped) {
      if (accounts.length - this.ready >= LOGINS_AT_ONCE_MAX) return;
      const { user, password } = plan.accounts[accounts.length]!;
      accounts.push(new LoadAccount(plan, user, password, this.numbersMax, this));
    }
  }

  private async sendAll(): Promise<void> {
    const { record, schedule } = this;
    let hasBegun = false;
    await this.pacer.start(() => {
      const nowNs = paceNowNs();
      if (!hasBegun) {
        hasBegun = true;
        record.start(nowNs);
        schedule.start(nowNs);
      }
      const { dueNs } = schedule;
      if (this.isStopped || nowNs > record.endsNs + BEHIND_NS_MAX) return PACE_ENDS;
      if (nowNs >= record.endsNs && dueNs >= record.endsNs) return PACE_ENDS;
      this.sendDue();
      record.tick(paceNowNs());
      if (record.isProgressDue(paceNowNs())) this.tellProgress();
      return Math.min(schedule.dueNs, record.nextLookNs);
    });
    record.end(paceNowNs());
    if (record.isRestDue(paceNowNs())) this.tellProgress();
  }

  private sendDue(): void {
    const { accounts, record, schedule, isTouched, touched } = this;
    for (let sends = 0; sends < SENDS_PER_TURN_MAX; sends++) {
      const intendedNs = schedule.dueNs;
      const sentNs = paceNowNs();
      if (intendedNs > sentNs || intendedNs >= record.endsNs) break;
      const place = this.random.below(accounts.length);
      const account = accounts[place]!;
      schedule.advance();
      if (!account.send(this.flow, intendedNs, sentNs)) {
        // It is not the load that was asked for any more, and one of a count would never be complete.
        this.hasUnsent = true;
        this.stop();
        break;
      }
      if (isTouched[place] === 0) {
        isTouched[place] = 1;
        touched.push(account);
      }
      record.onSent(intendedNs, sentNs);
      // A burst is not cut.
      if (record.hasEnough && schedule.dueNs > intendedNs) record.endMeasured(schedule.dueNs);
    }
    for (const account of touched) account.flush();
    touched.length = 0;
    isTouched.fill(0);
  }

  /**
   * Fences until nothing is waiting: a gateway in the middle of a long sweep may answer after the first fence. The last
   * fences are sent when nothing is waiting any more: what was answered behind an account's fence may have executed
   * an order of that account, which hears of it after its fence. So may an immediate-or-cancel order end that sweeps far.
   * One that lost an answer is not to be flooded with queries meanwhile.
   */
  private async drain(): Promise<void> {
    if (this.ready < this.plan.accounts.length) return;
    const deadlineMs = performance.now() + this.plan.drainMsMax;
    for (const account of this.accounts) account.isFenced = false;
    for (;;) {
      const wasQuiet = this.isQuiet;
      for (const account of this.accounts) {
        if (account.isLost || account.fences > 0) continue;
        this.unfenced++;
        account.fence();
      }
      await this.until(() => this.unfenced === 0, deadlineMs - performance.now());
      const { isQuiet } = this;
      if ((wasQuiet && isQuiet) || !this.hasConnections()) break;
      const leftMs = deadlineMs - performance.now();
      if (leftMs <= 0) break;
      if (isQuiet) continue;
      await this.until(() => !this.hasConnections(), Math.min(FENCE_PAUSE_MS, leftMs));
    }
    const silent = this.accounts.filter((account) => !account.isFenced && !account.isLost);
    if (silent.length > 0) {
      this.record.onLost(`${silent.length} accounts had no answer to an Account Query`);
    }
    for (const { user, orders } of this.unended()) {
      const count = `${orders?.unended} immediate-or-cancel orders were accepted and never ended`;
      this.record.onLost(`${user}: ${count}, the first: UserRefNum ${orders?.firstUnended}`);
    }
  }

  /** Behind everything that is counted; a cancel without an answer is a fault as any other. */
  private async clearOrders(): Promise<void> {
    if (this.record.losses.length > 0 || this.totals().waiting > 0) return;
    this.isClearing = true;
    for (const account of this.accounts) account.cancelAll(paceNowNs());
    await this.drain();
  }

  /** Nothing is to come any more. */
  private get isQuiet(): boolean {
    return this.totals().waiting === 0 && this.unended().length === 0;
  }

  /** Accounts with immediate-or-cancel orders that have not ended. */
  private unended(): readonly LoadAccount[] {
    return this.accounts.filter(({ isLost, orders }) => !isLost && orders && orders.unended > 0);
  }

  private hasConnections(): boolean {
    return this.accounts.some((account) => !account.isLost);
  }

  private totals(): OrderTotals {
    const totals = { waiting: 0, executions: 0, sharesBought: 0, sharesSold: 0 };
    for (const { orders } of this.accounts) {
      if (orders === undefined) continue;
      totals.waiting += orders.waiting;
      totals.executions += orders.executions;
      totals.sharesBought += orders.sharesBought;
      totals.sharesSold += orders.sharesSold;
    }
    return totals;
  }

  private tellProgress(): void {
    this.onProgress(this.record.progress(paceNowNs(), this.totals()));
  }

  /** Resolves when that is so, or the time is over. Looks again whenever an account changed. */
  private until(isSo: () => boolean, msMax: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.changed = () => {};
        resolve();
      };
      const timer = setTimeout(end, Math.max(1, msMax));
      this.changed = () => {
        if (isSo()) end();
      };
      this.changed();
    });
  }
}
