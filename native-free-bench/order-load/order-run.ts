// Sends orders on schedule over many connections, to a gateway or to whatever else answers each of them, and measures
// the answers from the intended send. One and the same for all targets, so that what differs is theirs. Owns the load
// process's event loop.

import { Pacer, paceNowNs } from "../../src/tools/driver/pacer.ts";
import { LatencyHistogram } from "../../src/tools/driver/percentiles.ts";
import { Schedule } from "../../src/tools/driver/schedule.ts";
import { SeededRandom } from "../../src/tools/driver/seeded-random.ts";
import { OrderConnection, type OrderSink } from "./order-connection.ts";
import { LATE_NS_MAX, LATE_SHARE_MAX, type OrderPlan, type OrderResult } from "./order-plan.ts";

/** After a stall the backlog goes out in pieces, and answers are read in between. */
const SENDS_PER_TURN_MAX = 128;
const LOGINS_AT_ONCE = 128;
const LOGIN_MS_MAX = 60_000;
const DRAIN_MS_MAX = 5_000;
const FAULTS_TOLD_MAX = 5;
/** Room for more than the expected number: Poisson arrivals scatter. */
const ORDERS_SPARE = 10_000;

const READ = 0;
const MEASURED_FROM = 1;
const ENDS = 2;

export class OrderRun implements OrderSink {
  private readonly plan: OrderPlan;
  private readonly connections: OrderConnection[] = [];
  private readonly schedule: Schedule;
  private readonly pacer = new Pacer();
  private readonly response = new LatencyHistogram(3);
  private readonly service = new LatencyHistogram(3);
  private readonly lateness = new LatencyHistogram(3);
  private readonly faults: string[] = [];
  private faultCount = 0;
  // By order: nanoseconds, and whether its answer came.
  private readonly intendedNs: Float64Array;
  private readonly sentNs: Float64Array;
  private readonly isAnswered: Uint8Array;
  /** Connections that have something to flush. */
  private readonly touched: Int32Array;
  // In an array because a field would box each new double.
  private readonly times = new Float64Array(3);
  private ready = 0;
  private sent = 0;
  private sentMeasured = 0;
  private late = 0;
  private lateMeasured = 0;
  private answered = 0;
  private executions = 0;
  private loginSeconds = 0;
  private isEnding = false;
  private changed: () => void = () => undefined;

  constructor(plan: OrderPlan) {
    this.plan = plan;
    this.schedule = new Schedule(plan.rate, plan.arrivals, new SeededRandom(plan.seed));
    const orders = Math.ceil(1.1 * plan.rate * (plan.warmupSeconds + plan.seconds)) + ORDERS_SPARE;
    this.intendedNs = new Float64Array(orders);
    this.sentNs = new Float64Array(orders);
    this.isAnswered = new Uint8Array(orders);
    this.touched = new Int32Array(SENDS_PER_TURN_MAX);
  }

  /** Connects and logs in; so many at once. Rejects when one of them could not. */
  async logIn(): Promise<void> {
    const startNs = paceNowNs();
    while (this.ready < this.plan.connections) {
      while (
        this.connections.length < this.plan.connections &&
        this.connections.length - this.ready < LOGINS_AT_ONCE
      ) {
        this.connections.push(new OrderConnection(this.plan, this.connections.length, this));
      }
      const before = this.ready;
      await this.until(() => this.ready > before || this.faultCount > 0, LOGIN_MS_MAX);
      if (this.faultCount > 0) throw new Error(`could not log in: ${this.faults[0]}`);
      if (this.ready === before) throw new Error(`no login was answered for ${LOGIN_MS_MAX} ms`);
    }
    this.loginSeconds = (paceNowNs() - startNs) / 1e9;
  }

  /** Sends, and waits for the last answers. */
  async measure(): Promise<OrderResult> {
    // The schedule begins when the pacer does: what it needs until then would make the first orders late.
    await this.pacer.start(() => {
      if (this.times[ENDS] === 0) this.begin();
      return this.sendDue();
    });
    await this.until(() => this.isComplete || this.faultCount > 0, DRAIN_MS_MAX);
    return this.result();
  }

  /** Ends the sending early; what was measured still counts. */
  stop(): void {
    this.times[ENDS] = Math.min(this.times[ENDS]!, paceNowNs());
    this.pacer.stop();
  }

  end(): void {
    this.isEnding = true;
    for (const connection of this.connections) connection.end();
  }

  // -- OrderSink -----------------------------------------------------------------------------------------------

  onReady(): void {
    this.ready++;
    this.changed();
  }

  onRead(): void {
    this.times[READ] = paceNowNs();
  }

  onAnswer(connection: number, userRefNum: number): void {
    const order = (userRefNum - 1) * this.plan.connections + connection;
    if (order >= this.sent || this.isAnswered[order] !== 0) {
      this.onFault(
        `an answer to order ${userRefNum} of connection ${connection}, twice or unasked`,
      );
      return;
    }
    this.isAnswered[order] = 1;
    this.answered++;
    const intendedNs = this.intendedNs[order]!;
    if (intendedNs >= this.times[MEASURED_FROM]!) {
      this.response.record(this.times[READ]! - intendedNs);
      this.service.record(this.times[READ]! - this.sentNs[order]!);
    }
    if (this.answered === this.sent) this.changed();
  }

  onExecution(): void {
    this.executions++;
    if (this.answered === this.sent) this.changed();
  }

  onFault(reason: string): void {
    if (this.isEnding) return;
    if (this.faultCount++ < FAULTS_TOLD_MAX) this.faults.push(reason);
    this.stop();
    this.changed();
  }

  // ------------------------------------------------------------------------------------------------------------

  private begin(): void {
    const { plan, schedule, times } = this;
    const startNs = paceNowNs();
    times[MEASURED_FROM] = startNs + plan.warmupSeconds * 1e9;
    times[ENDS] = times[MEASURED_FROM]! + plan.seconds * 1e9;
    schedule.start(startNs);
  }

  /** Returns when the next order is due. */
  private sendDue(): number {
    const { connections, schedule, times, touched } = this;
    let touchedCount = 0;
    while (touchedCount < SENDS_PER_TURN_MAX) {
      const intendedNs = schedule.dueNs;
      const nowNs = paceNowNs();
      const order = this.sent;
      if (intendedNs > nowNs || intendedNs >= times[ENDS]!) break;
      if (order === this.intendedNs.length) break;
      schedule.advance();
      const place = order % connections.length;
      connections[place]!.send(order, Math.floor(order / connections.length) + 1);
      touched[touchedCount++] = place;
      this.noteSent(order, intendedNs, nowNs);
    }
    for (let index = 0; index < touchedCount; index++) connections[touched[index]!]!.flush();
    const isOver = schedule.dueNs >= times[ENDS]! || this.sent === this.intendedNs.length;
    return isOver ? Number.POSITIVE_INFINITY : schedule.dueNs;
  }

  private noteSent(order: number, intendedNs: number, nowNs: number): void {
    this.intendedNs[order] = intendedNs;
    this.sentNs[order] = nowNs;
    this.sent++;
    const isLate = nowNs - intendedNs > LATE_NS_MAX;
    if (isLate) this.late++;
    if (intendedNs < this.times[MEASURED_FROM]!) return;
    this.sentMeasured++;
    if (isLate) this.lateMeasured++;
    this.lateness.record(nowNs - intendedNs);
  }

  private get executionsDue(): number {
    return this.plan.isCrossing ? 2 * Math.floor(this.sent / 2) : 0;
  }

  private get isComplete(): boolean {
    return this.answered === this.sent && this.executions >= this.executionsDue;
  }

  private result(): OrderResult {
    const { plan, sent, answered, executions, executionsDue } = this;
    const seconds = Math.max(0, this.times[ENDS]! - this.times[MEASURED_FROM]!) / 1e9;
    const faults = [...this.faults];
    if (answered < sent) faults.push(`${sent - answered} orders were never answered`);
    if (executions !== executionsDue) {
      faults.push(`${executions} executions were told, ${executionsDue} are due`);
    }
    const invalid = [...faults, ...this.paceProblems(seconds)];
    return {
      isValid: invalid.length === 0,
      invalid,
      faults,
      rate: { asked: plan.rate, sent: seconds > 0 ? this.sentMeasured / seconds : 0 },
      seconds,
      counts: { connections: plan.connections, sent, answered, executions, late: this.late },
      latency: { response: this.response.percentiles(), service: this.service.percentiles() },
      lateness: this.lateness.percentiles(),
      loginSeconds: this.loginSeconds,
    };
  }

  private paceProblems(seconds: number): string[] {
    if (seconds === 0 || this.sentMeasured === 0) return ["nothing was measured"];
    const problems: string[] = [];
    const intended = this.plan.rate * seconds;
    // Poisson arrivals scatter by the root of their number; four times that is not scatter any more.
    const scatter = this.plan.arrivals === "poisson" ? 4 * Math.sqrt(intended) : 0;
    if (this.sentMeasured < 0.99 * intended - scatter) {
      const percent = ((100 * this.sentMeasured) / intended).toFixed(1);
      problems.push(`the rate was missed: ${percent} % of ${this.plan.rate}/s`);
    }
    const lateShare = this.lateMeasured / this.sentMeasured;
    if (lateShare > LATE_SHARE_MAX) {
      const percent = (100 * lateShare).toFixed(1);
      problems.push(`${percent} % of the orders were sent more than ${LATE_NS_MAX / 1e6} ms late`);
    }
    return problems;
  }

  /** Resolves when that is so, or the time is over. Looks again whenever something changed. */
  private until(isSo: () => boolean, msMax: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.changed = () => undefined;
        resolve();
      };
      const timer = setTimeout(end, msMax);
      this.changed = () => {
        if (isSo()) end();
      };
      this.changed();
    });
  }
}
