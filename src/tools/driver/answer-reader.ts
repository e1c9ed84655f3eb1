// Reads the answers of a load run into the order model, and compares them with what was asked for. Hot path of the
// load process; allocates nothing per message, unless one is wrong.

import { AIQ_CANCELED_TYPE, AiqCanceled } from "../../protocol/ouch/aiq-canceled.ts";
import { CANCEL_REASON, SIDE } from "../../protocol/ouch/codes.ts";
import {
  DISABLE_ORDER_ENTRY_RESPONSE_TYPE,
  DisableOrderEntryResponse,
} from "../../protocol/ouch/disable-order-entry-response.ts";
import {
  ENABLE_ORDER_ENTRY_RESPONSE_TYPE,
  EnableOrderEntryResponse,
} from "../../protocol/ouch/enable-order-entry-response.ts";
import {
  MASS_CANCEL_RESPONSE_TYPE,
  MassCancelResponse,
} from "../../protocol/ouch/mass-cancel-response.ts";
import { ORDER_ACCEPTED_TYPE, OrderAccepted } from "../../protocol/ouch/order-accepted.ts";
import { ORDER_CANCELED_TYPE, OrderCanceled } from "../../protocol/ouch/order-canceled.ts";
import { ORDER_EXECUTED_TYPE, OrderExecuted } from "../../protocol/ouch/order-executed.ts";
import { ORDER_MODIFIED_TYPE, OrderModified } from "../../protocol/ouch/order-modified.ts";
import { ORDER_REJECTED_TYPE, OrderRejected } from "../../protocol/ouch/order-rejected.ts";
import { ORDER_REPLACED_TYPE, OrderReplaced } from "../../protocol/ouch/order-replaced.ts";
import { clOrdIdOf, wrongField } from "./asked-fields.ts";
import type { OrderModel } from "./order-model.ts";
import { type SymbolHalves, symbolHalves } from "./symbol-halves.ts";

export class AnswerReader {
  private readonly symbols: readonly SymbolHalves[];
  private readonly clOrdId: DataView | undefined;
  private readonly accepted = new OrderAccepted();
  private readonly replaced = new OrderReplaced();
  private readonly canceled = new OrderCanceled();
  private readonly aiqCanceled = new AiqCanceled();
  private readonly executed = new OrderExecuted();
  private readonly rejected = new OrderRejected();
  private readonly modified = new OrderModified();
  private readonly massCanceled = new MassCancelResponse();
  private readonly disabled = new DisableOrderEntryResponse();
  private readonly enabled = new EnableOrderEntryResponse();

  /**
   * `symbols` as the model numbers them; one that is not among them is not compared. `clOrdId` is that of all orders; who
   * does not say it has none of the fields compared that are the same in each.
   */
  constructor(symbols: readonly string[] = [], clOrdId?: string) {
    this.symbols = symbols.map(symbolHalves);
    this.clOrdId = clOrdId === undefined ? undefined : clOrdIdOf(clOrdId);
  }

  /** Takes one sequenced message that is not malformed into the model. Returns its reject code, or 0. */
  read(view: DataView, offset: number, orders: OrderModel): number {
    switch (view.getUint8(offset)) {
      case ORDER_ACCEPTED_TYPE: {
        const accepted = this.accepted.wrap(view, offset);
        const { userRefNum, quantity, orderState } = accepted;
        if (orders.onAccepted(userRefNum, quantity, orderState)) {
          this.compare("accepted", accepted, orders);
        }
        return 0;
      }
      case ORDER_EXECUTED_TYPE: {
        const executed = this.executed.wrap(view, offset);
        if (orders.onExecuted(executed.userRefNum, executed.quantity)) {
          this.comparePrice("executed", executed, orders);
        }
        return 0;
      }
      case ORDER_CANCELED_TYPE: {
        const canceled = this.canceled.wrap(view, offset);
        orders.onCanceled(canceled.userRefNum, canceled.quantity, canceled.reason);
        return 0;
      }
      case ORDER_REPLACED_TYPE: {
        const replaced = this.replaced.wrap(view, offset);
        const { origUserRefNum, userRefNum, quantity, orderState } = replaced;
        if (orders.onReplaced(origUserRefNum, userRefNum, quantity, orderState)) {
          this.compare("replaced", replaced, orders);
        }
        return 0;
      }
      case ORDER_MODIFIED_TYPE: {
        const modified = this.modified.wrap(view, offset);
        if (orders.onModified(modified.userRefNum, modified.quantity)) {
          this.compareSide("modified", modified, orders);
        }
        return 0;
      }
      case ORDER_REJECTED_TYPE: {
        const rejected = this.rejected.wrap(view, offset);
        if (orders.onRejected(rejected.userRefNum)) this.compareClOrdId(rejected, orders);
        return rejected.reason;
      }
      case AIQ_CANCELED_TYPE: {
        const { userRefNum, decrementShares } = this.aiqCanceled.wrap(view, offset);
        orders.onCanceled(userRefNum, decrementShares, CANCEL_REASON.SELF_MATCH_PREVENTION);
        return 0;
      }
      case MASS_CANCEL_RESPONSE_TYPE:
        orders.onConfirmed(this.massCanceled.wrap(view, offset).userRefNum);
        return 0;
      case DISABLE_ORDER_ENTRY_RESPONSE_TYPE:
        orders.onConfirmed(this.disabled.wrap(view, offset).userRefNum);
        return 0;
      case ENABLE_ORDER_ENTRY_RESPONSE_TYPE:
        orders.onConfirmed(this.enabled.wrap(view, offset).userRefNum);
        return 0;
      default: // System events, restatements and the like ask nothing of a model of orders.
        return 0;
    }
  }

  /** Shares are the model's. */
  private compare(what: string, answer: OrderAccepted | OrderReplaced, orders: OrderModel): void {
    this.compareSide(what, answer, orders);
    this.comparePrice(what, answer, orders);
    const { userRefNum } = answer;
    const symbol = this.symbols[orders.symbolOf(userRefNum)];
    if (symbol && (answer.symbolHigh !== symbol.high || answer.symbolLow !== symbol.low)) {
      orders.unmatched(`${what} in another symbol, "${answer.symbol.trimEnd()}"`, userRefNum);
    }
    if (this.clOrdId === undefined) return;
    const wrong = wrongField(answer, orders.isImmediate(userRefNum), this.clOrdId);
    if (wrong !== "") orders.unmatched(`${what} ${wrong}`, userRefNum);
  }

  private compareClOrdId(rejected: OrderRejected, orders: OrderModel): void {
    if (this.clOrdId === undefined || rejected.hasClOrdId(this.clOrdId, 0)) return;
    const text = rejected.clOrdId.trimEnd();
    orders.unmatched(`rejected with ClOrdID "${text}"`, rejected.userRefNum);
  }

  /** The protocol lets a gateway give a better one (ouch50.md §5.2). */
  private comparePrice(
    what: string,
    { userRefNum, price }: { readonly userRefNum: number; readonly price: number },
    orders: OrderModel,
  ): void {
    const asked = orders.priceOf(userRefNum);
    if (orders.isBuy(userRefNum) ? price > asked : price < asked) {
      orders.unmatched(`${what} at ${price} where ${asked} was asked for`, userRefNum);
    }
  }

  /** The load sells what it has: no side but these two is ever asked for. */
  private compareSide(
    what: string,
    { userRefNum, side }: { readonly userRefNum: number; readonly side: number },
    orders: OrderModel,
  ): void {
    const asked = orders.isBuy(userRefNum) ? SIDE.BUY : SIDE.SELL;
    if (side === asked) return;
    const [told, wanted] = [side, asked].map((code) => String.fromCharCode(code));
    orders.unmatched(`${what} with side ${told} where ${wanted} was asked for`, userRefNum);
  }
}
