// One account of a load run: its session, its orders and its flow of requests. Hot path of the load process;
// allocates nothing per message.

import {
  ACCOUNT_QUERY_REQUEST_BYTES,
  AccountQueryRequest,
} from "../../protocol/ouch/account-query-request.ts";
import {
  ACCOUNT_QUERY_RESPONSE_TYPE,
  AccountQueryResponse,
} from "../../protocol/ouch/account-query-response.ts";
import { malformed } from "../client/malformed-message.ts";
import { OuchSession, type SessionSink } from "../client/session.ts";
import { AnswerReader } from "./answer-reader.ts";
import { ACTION, type Flow } from "./flow.ts";
import type { LoadPlan } from "./load-plan.ts";
import { OrderModel } from "./order-model.ts";
import { RequestWriter } from "./request-writer.ts";
import { REQUEST, type RequestSink } from "./requests.ts";

/** What an account tells its run. */
export interface LoadAccountSink {
  nowNs(): number;
  onAnswered(
    request: number,
    isAccepted: boolean,
    intendedNs: number,
    sentNs: number,
    readNs: number,
  ): void;
  onExplained(request: number): void;
  onUnmatched(account: LoadAccount, reason: string): void;
  onRejected(code: number): void;
  /** Logged in and its numbers known; later, the answer to a fence. */
  onReady(account: LoadAccount): void;
  /** The session is over, wanted or not. */
  onLost(account: LoadAccount, reason: string): void;
}

export class LoadAccount implements SessionSink, RequestSink {
  readonly user: string;
  /** There from the first Account Query on. */
  orders: OrderModel | undefined = undefined;
  /** Queries sent and not answered yet. */
  fences = 0;
  /** A query was answered since this was last set to false. */
  isFenced = false;
  isLost = false;

  private readonly session: OuchSession;
  private readonly sink: LoadAccountSink;
  private readonly numbersMax: number;
  private readonly requests: RequestWriter;
  private readonly answers: AnswerReader;
  private readonly query = new AccountQueryRequest();
  private readonly queried = new AccountQueryResponse();
  private readonly readNs = new Float64Array(1);
  private endReason = "";

  constructor(
    plan: LoadPlan,
    user: string,
    password: string,
    numbersMax: number,
    sink: LoadAccountSink,
  ) {
    this.user = user;
    this.sink = sink;
    this.numbersMax = numbersMax;
    this.session = new OuchSession({ host: plan.host, port: plan.port }, this);
    const clOrdId = `LOAD-${user}`;
    this.requests = new RequestWriter(this.session, plan.symbols, clOrdId);
    this.answers = new AnswerReader(plan.symbols, clOrdId);
    this.session.login({
      userName: user,
      password,
      requestedSession: "",
      requestedSequence: 0,
    });
  }

  /** Writes the next request of the flow; it leaves with flush(). False when the account can send no more. */
  send(flow: Flow, intendedNs: number, sentNs: number): boolean {
    const { orders, requests } = this;
    if (orders === undefined || this.isLost || !orders.hasRoom) return false;
    flow.choose(orders);
    const { target, price, quantity } = flow;
    if (flow.action === ACTION.CANCEL) {
      orders.change(target, REQUEST.CANCEL, intendedNs, sentNs, quantity);
      requests.writeCancel(flow);
    } else if (flow.action === ACTION.MODIFY) {
      orders.change(target, REQUEST.MODIFY, intendedNs, sentNs, quantity);
      requests.writeModify(flow);
    } else if (flow.action === ACTION.REPLACE) {
      const number = orders.replace(target, price, intendedNs, sentNs, quantity);
      requests.writeReplace(flow, number);
    } else {
      const { isBuy, symbol } = flow;
      const isImmediate = flow.action === ACTION.TAKE;
      const number = orders.enter(isBuy, symbol, price, intendedNs, sentNs, quantity, isImmediate);
      requests.writeEnter(flow, number);
    }
    return true;
  }

  /** Cancels every order that rests. */
  cancelAll(nowNs: number): void {
    const { orders } = this;
    if (orders === undefined || this.isLost) return;
    while (orders.idleCount > 0) {
      const target = orders.idleNumber(0);
      orders.change(target, REQUEST.CANCEL, nowNs, nowNs, 0);
      this.requests.writeCancel({ target, quantity: 0 });
    }
    this.flush();
  }

  /** Asks for the next number. Its answer comes after those of all requests before it. */
  fence(): void {
    const offset = this.session.claimMessage();
    this.query.wrap(this.session.sendView, offset).start();
    this.session.commitMessage(offset, ACCOUNT_QUERY_REQUEST_BYTES);
    this.session.flush();
    this.fences++;
  }

  flush(): void {
    this.session.flush();
  }

  /** Logs out; the server closes. */
  logout(): void {
    if (!this.isLost) this.session.logout();
  }

  // -- RequestSink ---------------------------------------------------------------------------------------------

  onAnswered(request: number, isAccepted: boolean, intendedNs: number, sentNs: number): void {
    this.sink.onAnswered(request, isAccepted, intendedNs, sentNs, this.readNs[0]!);
  }

  onExplained(request: number): void {
    this.sink.onExplained(request);
  }

  onUnmatched(reason: string): void {
    this.sink.onUnmatched(this, reason);
  }

  // -- SessionSink ---------------------------------------------------------------------------------------------

  onRead(): void {
    this.readNs[0] = this.sink.nowNs();
  }

  onLoginAccepted(): void {
    this.fence();
  }

  onLoginRejected(reason: number): void {
    this.endReason = `login refused, reason ${String.fromCharCode(reason)}`;
    // A gateway is to close now; who waits for one that does not learns nothing more.
    this.session.close(this.endReason);
  }

  onMessage(
    _sequence: number,
    _bytes: Buffer,
    view: DataView,
    offset: number,
    messageBytes: number,
  ): void {
    const wrong = malformed(view, offset, messageBytes);
    if (wrong !== "") {
      this.sink.onUnmatched(this, wrong);
      return;
    }
    if (view.getUint8(offset) === ACCOUNT_QUERY_RESPONSE_TYPE) {
      this.onQueried(this.queried.wrap(view, offset).nextUserRefNum);
      return;
    }
    // What an earlier session left behind may still move before our first query is answered.
    if (this.orders === undefined) return;
    const rejectCode = this.answers.read(view, offset, this.orders);
    if (rejectCode !== 0) this.sink.onRejected(rejectCode);
  }

  onDebug(text: string): void {
    // What became of one request says nothing about why a connection ends.
    if (!text.startsWith("ignored ")) this.endReason = `the gateway said: ${text}`;
  }

  onEndOfSession(): void {
    this.endReason = "the session ended";
  }

  onClosed(reason: string): void {
    this.isLost = true;
    this.sink.onLost(this, this.session.violation || this.endReason || reason);
  }

  private onQueried(nextNumber: number): void {
    if (this.fences === 0) {
      this.sink.onUnmatched(this, "an Account Query was answered twice");
      return;
    }
    this.fences--;
    this.isFenced = true;
    if (this.orders === undefined) {
      this.orders = new OrderModel(nextNumber, this.numbersMax, this);
    } else if (this.orders.waiting === 0) {
      this.orders.onFence(nextNumber);
    }
    this.sink.onReady(this);
  }
}
