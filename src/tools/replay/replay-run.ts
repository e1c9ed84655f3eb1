// A replay: goes over the plan's time line once or several times, with new connections each time, and sends what is due
// whatever the answers do. Owns the event loop while it runs.

import type { LoadProgress, LoadResult } from "../driver/load-result.ts";
import { PACE_ENDS, Pacer, paceNowNs } from "../driver/pacer.ts";
import { type OrderTotals, RunRecord } from "../driver/run-record.ts";
import { Differences } from "./differences.ts";
import { addTotals, newTotals } from "./order-totals.ts";
import { OUTCOME, outcomeKind, rejectReason } from "./outcome.ts";
import { ReplayAccount, type ReplayAccountSink } from "./replay-account.ts";
import { ReplayClock } from "./replay-clock.ts";
import { PHASE, ReplayConnection, type ReplayConnectionSink } from "./replay-connection.ts";
import { rateBetween, roundNs } from "./replay-pace.ts";
import type { PlannedConnection, ReplayPlan } from "./replay-plan.ts";
import { loadPlanOf, type ReplaySettings, type ReplayUser } from "./replay-settings.ts";
import { ASKED } from "./request-reader.ts";

const LOGIN_MS_MAX = 30_000;
const LOGOUT_MS_MAX = 5_000;
const STEPS_PER_TURN_MAX = 128;
/** Before the first send: code that runs for the first time is slow. */
const LEAD_NS = 2e7;
const WATCH_MS = 100;

export class ReplayRun implements ReplayAccountSink, ReplayConnectionSink {
  readonly record: RunRecord;
  readonly differences = new Differences();
  /** Packets that were not sent because the gateway closed, as it did in the capture. */
  unsentPackets = 0;
  /** Requests that were under way when another login took over, and were not answered. */
  takenOver = 0;
  queries = 0;
  private readonly plan: ReplayPlan;
  private readonly settings: ReplaySettings;
  private readonly onProgress: (progress: LoadProgress) => void;
  private readonly clock = new ReplayClock();
  private readonly roundNs: number;
  private readonly readNs = new Float64Array(1);
  private readonly totalsBefore: OrderTotals = newTotals();
  private accounts: ReplayAccount[] = [];
  private connections: ReplayConnection[] = [];
  /** When the time line began, in milliseconds since 1970. */
  private beganAtMs = 0;
  private next = 0;
  private round = 0;
  private pacer: Pacer | undefined = undefined;
  private isStopped = false;
  /** Requests but queries that wait for an answer. */
  private underway = 0;
  /** Goes on with each step and each answer; how far it was, and since when it is. */
  private moves = 0;
  private movesSeen = 0;
  private movedAtNs = 0;
  private changed: () => void = () => {};

  constructor(
    plan: ReplayPlan,
    settings: ReplaySettings,
    onProgress: (progress: LoadProgress) => void,
  ) {
    this.plan = plan;
    this.settings = settings;
    this.onProgress = onProgress;
    this.roundNs = roundNs(plan, settings.pace);
    this.record = new RunRecord(loadPlanOf(plan, settings));
  }

  /** Ends the sending early; what is under way is still answered. */
  stop(): void {
    this.isStopped = true;
    this.pacer?.stop();
    this.changed();
  }

  /** Rejects when not all connections can be logged in. */
  async run(): Promise<void> {
    const watch = setInterval(() => this.watch(), WATCH_MS);
    try {
      for (; this.round < this.settings.rounds && !this.isStopped; this.round++) {
        await this.runRound();
      }
    } finally {
      clearInterval(watch);
      for (const connection of this.connections) connection.destroy();
    }
    this.record.close(this.clock.nowNs());
  }

  result(): LoadResult {
    const result = this.record.result(this.totals());
    // Without a pace nothing was asked for but what was sent.
    const rate = this.isUnpaced ? { asked: result.rate.sent, sent: result.rate.sent } : result.rate;
    const measuredFromMs = this.beganAtMs + this.settings.warmupSeconds * 1e3;
    return { ...result, rate, measuredFromMs };
  }

  private totals(): OrderTotals {
    const totals = { ...this.totalsBefore };
    for (const { tracker } of this.accounts) addTotals(totals, tracker);
    return totals;
  }

  // -- one round -----------------------------------------------------------------------------------------------

  private async runRound(): Promise<void> {
    this.prepare();
    const { record, clock, round } = this;
    if (round === 0) record.start(0);
    while (this.isBeforeLine) this.step();
    await this.until(() => this.connections.every(({ isSettled }) => isSettled), LOGIN_MS_MAX);
    this.mustBeLoggedIn();
    if (!this.isStopped) {
      this.pacer = new Pacer();
      await this.pacer.start(() => this.sendDue());
    }
    const isLast = this.round === this.settings.rounds - 1;
    if (this.isStopped || (this.isUnpaced && isLast)) this.endSending();
    const areOver = (): boolean => this.connections.every(({ phase }) => phase === PHASE.OVER);
    const msMax = this.settings.drainMsMax + LOGOUT_MS_MAX;
    if (!this.isStopped) await this.until(areOver, msMax);
    // Before the last step, or behind it, while answers are still on their way.
    if (this.isStopped) {
      for (const connection of this.connections) connection.breakOff();
      await this.until(areOver, msMax);
    }
    clock.stop();
    this.sumUp();
  }

  /** A capture is not even: what was to come until then may have had another rate than all of it. */
  private endSending(): void {
    const { plan, settings, record } = this;
    const nowNs = this.clock.nowNs();
    const next = plan.steps[this.next];
    // What is due already, and not sent any more, belongs to the part that did not come.
    const untilNs = next === undefined ? nowNs : Math.min(nowNs, this.intendedNs(next.atNs));
    record.end(untilNs, rateBetween(plan, settings.pace, settings.warmupSeconds * 1e9, untilNs));
  }

  /** The next step is done before the time line begins, as is a login that came with the first request. */
  private get isBeforeLine(): boolean {
    const { steps, startsAtNs } = this.plan;
    const step = steps[this.next];
    if (step === undefined || step.atNs > startsAtNs) return false;
    return step.atNs < startsAtNs || this.connections[step.connection]?.hasBegun === false;
  }

  private startClock(): void {
    // Without a pace a round lasts as long as it does, with its last answers.
    const lineNs = this.isUnpaced ? this.clock.nowNs() : this.round * this.roundNs - LEAD_NS;
    this.clock.start(lineNs);
    if (this.round === 0) {
      this.beganAtMs = performance.timeOrigin + this.clock.paceNs(0) / 1e6;
    }
  }

  private prepare(): void {
    const { plan } = this;
    const { target, users } = this.settings;
    const accountOf = new Map(
      plan.accounts.map((planned) => {
        const { user, password } = users.get(planned.captured.name) ?? NOBODY;
        return [planned, new ReplayAccount(planned, user, password, this)];
      }),
    );
    const connectionOf = new Map<PlannedConnection, ReplayConnection>();
    this.accounts = [...accountOf.values()];
    this.connections = [];
    for (const planned of plan.connections) {
      const account = accountOf.get(planned.account);
      if (account === undefined) continue;
      const before = planned.predecessor && connectionOf.get(planned.predecessor);
      const place = this.connections.length;
      const connection = new ReplayConnection(planned, place, account, before, target, this);
      connectionOf.set(planned, connection);
      this.connections.push(connection);
    }
    this.next = 0;
    this.underway = 0;
  }

  /** Of the first round: nothing was measured. Later, what there is so far is told. */
  private mustBeLoggedIn(): void {
    const [loss] = this.record.losses;
    const waiting = this.connections.find(({ isSettled }) => !isSettled);
    let problem = "";
    if (loss !== undefined) problem = `could not log in: ${loss}`;
    else if (waiting !== undefined && !this.isStopped) {
      const what =
        waiting.phase === PHASE.PRELUDE ? "had no answer to an Account Query" : "was not logged in";
      problem = `${waiting.account.user} ${what} within ${LOGIN_MS_MAX} ms`;
    }
    if (problem === "") return;
    if (this.round === 0) throw new Error(problem);
    if (loss === undefined) this.record.onLost(problem);
    this.stop();
  }

  private sendDue(): number {
    const { steps } = this.plan;
    // Not before the pacer is ready: making it so takes tens of milliseconds.
    if (!this.clock.isRunning) this.startClock();
    const nowNs = this.clock.nowNs();
    let dueNs = nowNs;
    for (let count = 0; count < STEPS_PER_TURN_MAX; count++) {
      const step = steps[this.next];
      if (step === undefined) return PACE_ENDS;
      if (this.isUnpaced) {
        if (!this.mayGoOn(step.connection)) break;
      } else {
        dueNs = this.intendedNs(step.atNs);
        if (dueNs > nowNs) break;
      }
      this.step();
    }
    this.record.tick(nowNs);
    if (this.record.isProgressDue(nowNs)) {
      this.onProgress(this.record.progress(nowNs, this.totals()));
    }
    return this.clock.paceNs(dueNs);
  }

  /** As fast as the target takes it: so much is under way, and no connection runs ahead of another. */
  private mayGoOn(place: number): boolean {
    if (this.connections[place]?.isReady !== true) return false;
    if (this.underway < this.settings.pace.underwayMax) return true;
    // Perhaps with what OUCH leaves unanswered. A packet in the way of the question must first be whole.
    let isAsked = true;
    for (const connection of this.connections) if (!connection.askAgain()) isAsked = false;
    return !isAsked;
  }

  private step(): void {
    const step = this.plan.steps[this.next];
    this.next++;
    this.moves++;
    if (step !== undefined) this.connections[step.connection]?.step();
  }

  private get isUnpaced(): boolean {
    return this.settings.pace.speed === Number.POSITIVE_INFINITY;
  }

  /** What every round leaves: differences, and what was never answered. */
  private sumUp(): void {
    for (const account of this.accounts) {
      const { plan, tracker, user } = account;
      tracker.explainDoubted();
      const { outcomes, requests, name } = plan.captured;
      for (const [request, { asked }] of requests.entries()) {
        const outcome = tracker.outcomeOf(request);
        if (outcome === OUTCOME.UNKNOWN) continue;
        const captured = outcomes[request] ?? OUTCOME.UNKNOWN;
        const other = plan.captured.tracker.table.otherEcho(request, tracker.table);
        this.differences.add(name, request, asked, captured, outcome, other);
      }
      const queries = account.unansweredQueries();
      if (queries > 0) this.record.onLost(`${user} had no answer to an Account Query`);
      addTotals(this.totalsBefore, tracker);
      this.totalsBefore.waiting -= queries;
    }
    for (const connection of this.connections) {
      this.unsentPackets += connection.unsentPackets;
      if (connection.phase !== PHASE.OVER) {
        this.record.onLost(`${connection.account.user} was not over in time`);
      }
      connection.destroy();
    }
    this.accounts = [];
    this.connections = [];
  }

  private watch(): void {
    const nowNs = paceNowNs();
    for (const connection of this.connections) {
      connection.heartbeat(nowNs);
      const waitedMs = (nowNs - connection.endDueNs) / 1e6;
      if (waitedMs > this.settings.drainMsMax) connection.giveUpWaiting();
    }
    this.watchMoves(nowNs);
  }

  /** Without a schedule that goes on, a target that answers nothing more would be waited for forever. */
  private watchMoves(nowNs: number): void {
    const { drainMsMax } = this.settings;
    const isSending = this.clock.isRunning && this.next < this.plan.steps.length;
    if (!isSending || !this.isUnpaced || this.moves !== this.movesSeen) {
      this.movesSeen = this.moves;
      this.movedAtNs = nowNs;
    } else if (!this.isStopped && (nowNs - this.movedAtNs) / 1e6 > drainMsMax) {
      this.record.onLost(`nothing was answered for ${drainMsMax / 1e3} s`);
      this.stop();
    }
  }

  /** Resolves when that is so, or the time is over. Looks again whenever a connection changed. */
  private until(isSo: () => boolean, msMax: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.changed = () => {};
        resolve();
      };
      const timer = setTimeout(end, msMax);
      const isStoppedBefore = this.isStopped;
      let isLooking = false;
      const look = (): void => {
        isLooking = false;
        if (isSo() || (this.isStopped && !isStoppedBefore)) end();
      };
      // Once a turn, however many connections changed in it.
      this.changed = () => {
        if (!isLooking) setImmediate(look);
        isLooking = true;
      };
      this.changed();
    });
  }

  // -- ReplayConnectionSink ------------------------------------------------------------------------------------

  nowNs(): number {
    return this.clock.nowNs();
  }

  intendedNs(atNs: number): number {
    if (this.isUnpaced) return this.clock.nowNs();
    const { startsAtNs, endsAtNs } = this.plan;
    const lineNs = (Math.min(atNs, endsAtNs) - startsAtNs) / this.settings.pace.speed;
    return this.round * this.roundNs + Math.max(0, lineNs);
  }

  onRead(): void {
    this.readNs[0] = this.clock.nowNs();
  }

  onSent(intendedNs: number, sentNs: number): void {
    this.underway++;
    this.record.onSent(intendedNs, sentNs);
  }

  onOmitted(intendedNs: number): void {
    this.record.onOmitted(intendedNs);
  }

  onChanged(): void {
    this.moves++;
    this.changed();
  }

  onLost(connection: ReplayConnection, reason: string): void {
    this.record.onLost(`${connection.account.user} lost its connection (${reason})`);
    this.stop();
  }

  // -- ReplayAccountSink ---------------------------------------------------------------------------------------

  onAnswered(
    _account: ReplayAccount,
    _request: number,
    asked: number,
    outcome: number,
    intendedNs: number,
    sentNs: number,
  ): void {
    this.moves++;
    if (asked === ASKED.QUERY) {
      this.queries++;
      return;
    }
    this.underway--;
    const kind = outcomeKind(outcome);
    if (kind === OUTCOME.CONFIRMED) {
      this.record.onConfirmed();
      return;
    }
    // A replace that cost its target is no acceptance.
    const isAccepted =
      kind !== OUTCOME.REJECTED && !(asked === ASKED.REPLACE && kind === OUTCOME.CANCELED);
    if (kind === OUTCOME.REJECTED) this.record.onRejectCode(rejectReason(outcome));
    this.record.onAnswered(asked, isAccepted, intendedNs, sentNs, this.readNs[0]!);
  }

  onExplained(account: ReplayAccount, request: number): void {
    if (account.isQuery(request)) return;
    if (account.tracker.isDoubted(request)) this.takenOver++;
    this.moves++;
    this.underway--;
    this.record.onExplained();
  }

  onUnmatched(account: ReplayAccount, reason: string): void {
    this.record.onUnmatched(account.user, reason);
  }
}

const NOBODY: ReplayUser = { user: "", password: "" };
