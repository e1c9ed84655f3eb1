// One connection of an order load: writes Enter Orders and takes their answers, from a gateway or from an echo.
// Hot path of the load process; allocates nothing per message.

import { accountNames } from "../../src/config/accounts.ts";
import { AppendageWriter } from "../../src/protocol/ouch/appendage-writer.ts";
import { CL_ORD_ID_BYTES } from "../../src/protocol/ouch/cl-ord-id.ts";
import {
  CAPACITY,
  CROSS_TYPE,
  DISPLAY,
  NO,
  SIDE,
  TIME_IN_FORCE,
} from "../../src/protocol/ouch/codes.ts";
import {
  ENTER_ORDER_BYTES,
  ENTER_ORDER_TYPE,
  EnterOrder,
} from "../../src/protocol/ouch/enter-order.ts";
import { ORDER_ACCEPTED_TYPE, OrderAccepted } from "../../src/protocol/ouch/order-accepted.ts";
import { ORDER_EXECUTED_TYPE } from "../../src/protocol/ouch/order-executed.ts";
import { ORDER_REJECTED_TYPE, OrderRejected } from "../../src/protocol/ouch/order-rejected.ts";
import { writeSequencedHeader } from "../../src/protocol/soupbintcp/sequenced.ts";
import { UNSEQUENCED_HEADER_BYTES } from "../../src/protocol/soupbintcp/unsequenced.ts";
import { OuchSession, type SessionSink } from "../../src/tools/client/session.ts";
import type { OrderPlan } from "./order-plan.ts";

/** What a connection tells its run. */
export interface OrderSink {
  /** Connected, and logged in where there is a login. */
  onReady(): void;
  /** A chunk has arrived. */
  onRead(): void;
  /** The first answer to an order. */
  onAnswer(connection: number, userRefNum: number): void;
  onExecution(): void;
  onFault(reason: string): void;
}

/** As config/bench.json has them. */
const ACCOUNTS = { prefix: "B", count: 20_000, password: "BENCH", firm: "BNCH" };
const NAMES = Array.from(accountNames(ACCOUNTS));

const SYMBOL_COUNT = 8;
const SYMBOL_HIGH = Buffer.from("BENC").readUInt32BE(0);
const SYMBOL_LOW = Buffer.from("HA  ").readUInt32BE(0);
/** The letter behind BENCH. */
const SYMBOL_STEP = 0x10000;
const PRICE = 1_000_000;
const SHARES = 100;

const clOrdId = new DataView(new ArrayBuffer(CL_ORD_ID_BYTES));
for (let index = 0; index < CL_ORD_ID_BYTES; index++) clOrdId.setUint8(index, 0x42);

const enter = new EnterOrder();
const appendage = new AppendageWriter();
const accepted = new OrderAccepted();
const rejected = new OrderRejected();

export class OrderConnection implements SessionSink {
  readonly session: OuchSession;
  private readonly plan: OrderPlan;
  private readonly index: number;
  private readonly sink: OrderSink;
  private endReason = "";

  constructor(plan: OrderPlan, index: number, sink: OrderSink) {
    this.plan = plan;
    this.index = index;
    this.sink = sink;
    const { host, port, sendsHeartbeats } = plan;
    this.session = new OuchSession({ host, port, sendsHeartbeats }, this);
    if (plan.isEcho) {
      this.session.socket.once("connect", () => sink.onReady());
      return;
    }
    this.session.login({
      userName: NAMES[index] ?? "",
      password: ACCOUNTS.password,
      requestedSession: "",
      requestedSequence: 0,
    });
  }

  /**
   * Writes an order; it leaves with flush(). `order` counts them over all connections: two that follow each other
   * are a buyer and a seller of the same, at a price at which they meet or at prices at which nobody ever does.
   */
  send(order: number, userRefNum: number): void {
    const { session, plan } = this;
    const isBuy = (order & 1) === 0;
    const away = plan.isCrossing ? 0 : PRICE >> 1;
    const offset = session.claimMessage();
    enter.wrap(session.sendView, offset).start();
    enter.userRefNum = userRefNum;
    enter.side = isBuy ? SIDE.BUY : SIDE.SELL;
    enter.quantity = SHARES;
    enter.symbolHigh = SYMBOL_HIGH;
    enter.symbolLow = SYMBOL_LOW + ((order >> 1) % SYMBOL_COUNT) * SYMBOL_STEP;
    enter.price = isBuy ? PRICE - away : PRICE + away;
    enter.timeInForce = TIME_IN_FORCE.DAY;
    enter.display = DISPLAY.VISIBLE;
    enter.capacity = CAPACITY.PRINCIPAL;
    enter.interMarketSweep = NO;
    enter.crossType = CROSS_TYPE.CONTINUOUS;
    enter.copyClOrdIdFrom(clOrdId, 0);
    const messageBytes =
      appendage.begin(session.sendView, offset + ENTER_ORDER_BYTES).end() - offset;
    const { sendView } = session;
    session.commitMessage(offset, messageBytes);
    // What comes back from an echo is then what a server sends; it is as long, and nobody there looks at it.
    if (plan.isEcho)
      writeSequencedHeader(sendView, offset - UNSEQUENCED_HEADER_BYTES, messageBytes);
  }

  flush(): void {
    this.session.flush();
  }

  end(): void {
    if (this.plan.isEcho) this.session.close("done");
    else if (!this.session.isClosed) this.session.logout();
  }

  onRead(): void {
    this.sink.onRead();
  }

  onLoginAccepted(): void {
    this.sink.onReady();
  }

  onLoginRejected(reason: number): void {
    this.endReason = `login refused, reason ${String.fromCharCode(reason)}`;
  }

  onMessage(_sequence: number, _bytes: Buffer, view: DataView, offset: number): void {
    switch (view.getUint8(offset)) {
      case ORDER_ACCEPTED_TYPE:
        this.sink.onAnswer(this.index, accepted.wrap(view, offset).userRefNum);
        break;
      case ENTER_ORDER_TYPE:
        this.sink.onAnswer(this.index, enter.wrap(view, offset).userRefNum);
        break;
      case ORDER_EXECUTED_TYPE:
        this.sink.onExecution();
        break;
      case ORDER_REJECTED_TYPE: {
        const { userRefNum, reason } = rejected.wrap(view, offset);
        this.sink.onFault(`order ${userRefNum} was rejected, reason 0x${reason.toString(16)}`);
        break;
      }
      default: // System events and the like answer nobody.
        break;
    }
  }

  onDebug(text: string): void {
    this.endReason = `the target said: ${text}`;
  }

  onEndOfSession(): void {
    this.endReason = "the session ended";
  }

  onClosed(reason: string): void {
    this.sink.onFault(`connection ${this.index} was lost: ${this.endReason || reason}`);
  }
}
