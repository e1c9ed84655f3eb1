// The load driver's flow of requests (src/tools/driver/) straight into a lane, without sockets and without a schedule:
// the same makers and takers as in a demo, as fast as the lane can take them.

import { INBOUND_KIND, type InboundRecord } from "../../src/memory/inbound-record.ts";
import { AnswerReader } from "../../src/tools/driver/answer-reader.ts";
import { ACTION, Flow } from "../../src/tools/driver/flow.ts";
import { LOAD_PLAN_DEFAULTS } from "../../src/tools/driver/load-plan.ts";
import { OrderModel } from "../../src/tools/driver/order-model.ts";
import { type MessagePlace, RequestWriter } from "../../src/tools/driver/request-writer.ts";
import { REQUEST, type RequestSink } from "../../src/tools/driver/requests.ts";
import { SeededRandom } from "../../src/tools/driver/seeded-random.ts";
import { BenchLane, type BenchLaneOptions } from "./bench-lane.ts";

const BATCH_MAX = 256; // as lanes.batchMax
const FIRST_NUMBER = 1;
const { mix, symbols, seed } = LOAD_PLAN_DEFAULTS;

export interface FlowTraderOptions extends Omit<BenchLaneOptions, "onMessage" | "batchMax"> {
  /** All requests to come. */
  readonly requestsMax: number;
  /** Above so many resting orders an account cancels instead of entering. */
  readonly restingMax: number;
}

export class FlowTrader implements MessagePlace, RequestSink {
  readonly lane: BenchLane;
  private readonly random = new SeededRandom(seed);
  private readonly flow: Flow;
  private readonly accounts: readonly OrderModel[];
  private readonly requests: RequestWriter;
  private readonly answers = new AnswerReader();
  private account = 0;
  private record: InboundRecord | undefined = undefined;

  constructor(options: FlowTraderOptions) {
    const { accounts, requestsMax, restingMax } = options;
    this.flow = new Flow(mix, symbols.length, restingMax, this.random);
    // Accounts are chosen at random, so some send more than their share; what is not used is never touched memory.
    const numbersMax = Math.ceil((1.5 * requestsMax) / accounts) + 1000;
    this.accounts = Array.from(
      { length: accounts },
      () => new OrderModel(FIRST_NUMBER, numbersMax, this),
    );
    this.requests = new RequestWriter(this, symbols, "BENCH");
    this.lane = new BenchLane({
      ...options,
      batchMax: BATCH_MAX,
      onMessage: (account, view, offset) => this.onMessage(account, view, offset),
    });
  }

  /** A batch of so many requests at most, `eventNs` after the one before; all are answered when it returns. */
  trade(requests: number, eventNs: number): void {
    this.lane.pass(eventNs);
    for (let index = 0; index < requests; index++) this.request();
    this.lane.turn();
  }

  // -- MessagePlace --------------------------------------------------------------------------------------------

  get sendView(): DataView {
    return this.lane.inbound.slots.view;
  }

  claimMessage(): number {
    this.record = this.lane.start(INBOUND_KIND.MESSAGE, this.account);
    return this.record.payloadOffset;
  }

  commitMessage(_offset: number, messageBytes: number): void {
    if (this.record !== undefined) this.record.payloadBytes = messageBytes;
  }

  // -- RequestSink ---------------------------------------------------------------------------------------------

  onAnswered(): void {}
  onExplained(): void {}
  onUnmatched(reason: string): void {
    throw new Error(`the lane said what cannot be: ${reason}`);
  }

  private request(): void {
    const { flow, requests } = this;
    this.account = this.random.below(this.accounts.length);
    const orders = this.accounts[this.account]!;
    flow.choose(orders);
    if (flow.action === ACTION.CANCEL) {
      orders.change(flow.target, REQUEST.CANCEL, 0, 0);
      requests.writeCancel(flow);
    } else if (flow.action === ACTION.MODIFY) {
      orders.change(flow.target, REQUEST.MODIFY, 0, 0);
      requests.writeModify(flow);
    } else if (flow.action === ACTION.REPLACE) {
      requests.writeReplace(flow, orders.replace(flow.target, flow.price, 0, 0));
    } else {
      requests.writeEnter(flow, orders.enter(flow.isBuy, flow.symbol, flow.price, 0, 0));
    }
  }

  private onMessage(account: number, view: DataView, offset: number): void {
    const orders = this.accounts[account];
    if (orders !== undefined) this.answers.read(view, offset, orders);
  }
}
