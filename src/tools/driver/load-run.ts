// A load run: logs its accounts in, sends on schedule whatever the answers do (open loop), and ends each connection
// with an Account Query as a fence, so that silence can be told from loss. Owns the load process's event loop.

import { assert } from "../../base/assert.ts";
import { Flow } from "./flow.ts";
import { LoadAccount, type LoadAccountSink } from "./load-account.ts";
import type { LoadPlan } from "./load-plan.ts";
import type { LoadProgress, LoadResult } from "./load-result.ts";
import { PACE_ENDS, Pacer, paceNowNs } from "./pacer.ts";
import { type OrderTotals, RunRecord } from "./run-record.ts";
import { Schedule } from "./schedule.ts";
import { SeededRandom } from "./seeded-random.ts";

const LOGIN_MS_MAX = 30_000;
/** Sends of one turn before the loop looks at its sockets again: after a stall the backlog goes out in pieces. */
const SENDS_PER_TURN_MAX = 128;

export class LoadRun implements LoadAccountSink {
  private readonly plan: LoadPlan;
  private readonly onProgress: (progress: LoadProgress) => void;
  private readonly accounts: LoadAccount[] = [];
  private readonly random: SeededRandom;
  private readonly flow: Flow;
  private readonly schedule: Schedule;
  private readonly record: RunRecord;
  private readonly pacer = new Pacer();
  private readonly touched: Uint8Array;
  private isStopped = false;
  private isLoggingOut = false;
  private changed: () => void = () => {};

  constructor(plan: LoadPlan, onProgress: (progress: LoadProgress) => void) {
    assert(plan.accounts.length > 0, "a load run needs an account");
    this.plan = plan;
    this.onProgress = onProgress;
    this.random = new SeededRandom(plan.seed);
    this.flow = new Flow(plan.mix, plan.symbols.length, plan.restingMax, this.random);
    this.schedule = new Schedule(plan.rate, plan.arrivals, this.random);
    this.record = new RunRecord(plan);
    this.touched = new Uint8Array(plan.accounts.length);
  }

  /** Ends the sending early; the run still fences and reports. */
  stop(): void {
    this.isStopped = true;
  }

  async run(): Promise<LoadResult> {
    try {
      await this.logIn();
      await this.sendAll();
      await this.drain();
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
    this.record.onAnswered(request, isAccepted, intendedNs, sentNs, readNs);
  }

  onExplained(): void {
    this.record.onExplained();
  }

  onUnmatched(account: LoadAccount, reason: string): void {
    this.record.onUnmatched(account.user, reason);
  }

  onRejected(code: number): void {
    this.record.onRejectCode(code);
  }

  onReady(): void {
    this.changed();
  }

  onLost(account: LoadAccount, reason: string): void {
    if (this.isLoggingOut) return;
    this.record.onLost(`${account.user} lost its connection (${reason})`);
    this.stop();
    this.changed();
  }

  // -- the three parts of a run --------------------------------------------------------------------------------

  private async logIn(): Promise<void> {
    const { plan, record } = this;
    // Accounts are chosen at random, so some send more than their share; what is not used is never touched memory.
    const sends = plan.rate * (plan.warmupSeconds + plan.seconds);
    const numbersMax = Math.ceil((1.5 * sends) / plan.accounts.length) + 1_000;
    for (const { user, password } of plan.accounts) {
      this.accounts.push(new LoadAccount(plan, user, password, numbersMax, this));
    }
    const areReady = (): boolean => this.accounts.every((account) => account.orders !== undefined);
    await this.until(() => areReady() || this.isStopped, LOGIN_MS_MAX);
    if (record.losses.length > 0) throw new Error(`could not log in: ${record.losses.join("; ")}`);
    if (this.isStopped) return;
    if (!areReady()) throw new Error(`not all accounts were logged in within ${LOGIN_MS_MAX} ms`);
  }

  private async sendAll(): Promise<void> {
    const { record, schedule } = this;
    const startNs = paceNowNs();
    record.start(startNs);
    schedule.start(startNs);
    await this.pacer.start(() => {
      if (this.isStopped || schedule.dueNs >= record.endsNs) return PACE_ENDS;
      this.sendDue();
      this.tellProgress();
      return schedule.dueNs;
    });
    record.end(paceNowNs());
  }

  private sendDue(): void {
    const { accounts, record, schedule, touched } = this;
    for (let sends = 0; sends < SENDS_PER_TURN_MAX; sends++) {
      const intendedNs = schedule.dueNs;
      const sentNs = paceNowNs();
      if (intendedNs > sentNs || intendedNs >= record.endsNs) break;
      const place = this.random.below(accounts.length);
      schedule.advance();
      if (!accounts[place]?.send(this.flow, intendedNs, sentNs)) continue;
      touched[place] = 1;
      record.onSent(intendedNs, sentNs);
    }
    for (let place = 0; place < accounts.length; place++) {
      if (touched[place] === 0) continue;
      touched[place] = 0;
      accounts[place]?.flush();
    }
  }

  /** Fences until nothing is waiting: a gateway in the middle of a long sweep may answer after the first fence. */
  private async drain(): Promise<void> {
    const deadlineMs = performance.now() + this.plan.drainMsMax;
    const isSettled = (account: LoadAccount): boolean => account.isLost || account.fences === 0;
    do {
      for (const account of this.accounts) {
        if (!account.isLost && account.fences === 0) account.fence();
      }
      await this.until(() => this.accounts.every(isSettled), deadlineMs - performance.now());
    } while (this.totals().waiting > 0 && performance.now() < deadlineMs && this.hasConnections());
    const unfenced = this.accounts.filter((account) => !isSettled(account)).length;
    if (unfenced > 0) this.record.onLost(`${unfenced} accounts had no answer to an Account Query`);
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
    const nowNs = paceNowNs();
    if (this.record.isProgressDue(nowNs)) {
      this.onProgress(this.record.progress(nowNs, this.totals()));
    }
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
