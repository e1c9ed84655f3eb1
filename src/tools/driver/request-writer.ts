// Writes the requests of a load run's flow in place. Hot path of the load process; allocates nothing per message.

import { AppendageWriter } from "../../protocol/ouch/appendage-writer.ts";
import {
  CANCEL_ORDER_REQUEST_BYTES,
  CancelOrderRequest,
} from "../../protocol/ouch/cancel-order-request.ts";
import { SIDE } from "../../protocol/ouch/codes.ts";
import { ENTER_ORDER_BYTES, EnterOrder } from "../../protocol/ouch/enter-order.ts";
import {
  MODIFY_ORDER_REQUEST_BYTES,
  ModifyOrderRequest,
} from "../../protocol/ouch/modify-order-request.ts";
import {
  REPLACE_ORDER_REQUEST_BYTES,
  ReplaceOrderRequest,
} from "../../protocol/ouch/replace-order-request.ts";
import type { OuchSession } from "../client/session.ts";
import { ASKED, clOrdIdOf, timeInForceAsked } from "./asked-fields.ts";
import { ACTION, type Flow } from "./flow.ts";
import { type SymbolHalves, symbolHalves } from "./symbol-halves.ts";

/** Where messages are written: a session, or whatever else takes them. */
export type MessagePlace = Pick<OuchSession, "claimMessage" | "sendView" | "commitMessage">;

export class RequestWriter {
  private readonly session: MessagePlace;
  private readonly symbols: readonly SymbolHalves[];
  private readonly clOrdId: DataView;
  private readonly enter = new EnterOrder();
  private readonly replace = new ReplaceOrderRequest();
  private readonly cancel = new CancelOrderRequest();
  private readonly modify = new ModifyOrderRequest();
  private readonly appendage = new AppendageWriter();

  constructor(session: MessagePlace, symbols: readonly string[], clOrdId: string) {
    this.session = session;
    this.symbols = symbols.map(symbolHalves);
    this.clOrdId = clOrdIdOf(clOrdId);
  }

  writeEnter(flow: Flow, userRefNum: number): void {
    const { enter, session } = this;
    const offset = session.claimMessage();
    const symbol = this.symbols[flow.symbol];
    enter.wrap(session.sendView, offset).start();
    enter.userRefNum = userRefNum;
    enter.side = flow.isBuy ? SIDE.BUY : SIDE.SELL;
    enter.quantity = flow.quantity;
    enter.symbolHigh = symbol ? symbol.high : 0;
    enter.symbolLow = symbol ? symbol.low : 0;
    enter.price = flow.price;
    enter.timeInForce = timeInForceAsked(flow.action === ACTION.TAKE);
    enter.display = ASKED.display;
    enter.capacity = ASKED.capacity;
    enter.interMarketSweep = ASKED.interMarketSweep;
    enter.crossType = ASKED.crossType;
    enter.copyClOrdIdFrom(this.clOrdId, 0);
    this.commitWithoutTags(offset, ENTER_ORDER_BYTES);
  }

  writeReplace(flow: Flow, userRefNum: number): void {
    const { replace, session } = this;
    const offset = session.claimMessage();
    replace.wrap(session.sendView, offset).start();
    replace.origUserRefNum = flow.target;
    replace.userRefNum = userRefNum;
    replace.quantity = flow.quantity;
    replace.price = flow.price;
    replace.timeInForce = timeInForceAsked(false);
    replace.display = ASKED.display;
    replace.interMarketSweep = ASKED.interMarketSweep;
    replace.copyClOrdIdFrom(this.clOrdId, 0);
    this.commitWithoutTags(offset, REPLACE_ORDER_REQUEST_BYTES);
  }

  writeCancel(flow: Pick<Flow, "target" | "quantity">): void {
    const offset = this.session.claimMessage();
    const cancel = this.cancel.wrap(this.session.sendView, offset).start();
    cancel.userRefNum = flow.target;
    cancel.quantity = flow.quantity;
    this.session.commitMessage(offset, CANCEL_ORDER_REQUEST_BYTES);
  }

  writeModify(flow: Flow): void {
    const offset = this.session.claimMessage();
    const modify = this.modify.wrap(this.session.sendView, offset).start();
    modify.userRefNum = flow.target;
    modify.side = flow.isBuy ? SIDE.BUY : SIDE.SELL;
    modify.quantity = flow.quantity;
    this.session.commitMessage(offset, MODIFY_ORDER_REQUEST_BYTES);
  }

  /** Enter and Replace always have an appendage length, here 0. */
  private commitWithoutTags(offset: number, fixedBytes: number): void {
    const end = this.appendage.begin(this.session.sendView, offset + fixedBytes).end();
    this.session.commitMessage(offset, end - offset);
  }
}
