// Reads the answers of a load run into the order model. Hot path of the load process; allocates nothing per message.

import { AIQ_CANCELED_TYPE, AiqCanceled } from "../../protocol/ouch/aiq-canceled.ts";
import { CANCEL_REASON } from "../../protocol/ouch/codes.ts";
import { ORDER_ACCEPTED_TYPE, OrderAccepted } from "../../protocol/ouch/order-accepted.ts";
import { ORDER_CANCELED_TYPE, OrderCanceled } from "../../protocol/ouch/order-canceled.ts";
import { ORDER_EXECUTED_TYPE, OrderExecuted } from "../../protocol/ouch/order-executed.ts";
import { ORDER_MODIFIED_TYPE, OrderModified } from "../../protocol/ouch/order-modified.ts";
import { ORDER_REJECTED_TYPE, OrderRejected } from "../../protocol/ouch/order-rejected.ts";
import { ORDER_REPLACED_TYPE, OrderReplaced } from "../../protocol/ouch/order-replaced.ts";
import type { OrderModel } from "./order-model.ts";

export class AnswerReader {
  private readonly accepted = new OrderAccepted();
  private readonly replaced = new OrderReplaced();
  private readonly canceled = new OrderCanceled();
  private readonly aiqCanceled = new AiqCanceled();
  private readonly executed = new OrderExecuted();
  private readonly rejected = new OrderRejected();
  private readonly modified = new OrderModified();

  /** Takes one sequenced message into the model. Returns its reject code, or 0. */
  read(view: DataView, offset: number, orders: OrderModel): number {
    switch (view.getUint8(offset)) {
      case ORDER_ACCEPTED_TYPE: {
        const accepted = this.accepted.wrap(view, offset);
        orders.onAccepted(accepted.userRefNum, accepted.quantity, accepted.orderState);
        return 0;
      }
      case ORDER_EXECUTED_TYPE: {
        const executed = this.executed.wrap(view, offset);
        orders.onExecuted(executed.userRefNum, executed.quantity);
        return 0;
      }
      case ORDER_CANCELED_TYPE: {
        const canceled = this.canceled.wrap(view, offset);
        orders.onCanceled(canceled.userRefNum, canceled.quantity, canceled.reason);
        return 0;
      }
      case ORDER_REPLACED_TYPE: {
        const { origUserRefNum, userRefNum, quantity, orderState } = this.replaced.wrap(
          view,
          offset,
        );
        orders.onReplaced(origUserRefNum, userRefNum, quantity, orderState);
        return 0;
      }
      case ORDER_MODIFIED_TYPE: {
        const modified = this.modified.wrap(view, offset);
        orders.onModified(modified.userRefNum, modified.quantity);
        return 0;
      }
      case ORDER_REJECTED_TYPE: {
        const rejected = this.rejected.wrap(view, offset);
        orders.onRejected(rejected.userRefNum);
        return rejected.reason;
      }
      case AIQ_CANCELED_TYPE: {
        const { userRefNum, decrementShares } = this.aiqCanceled.wrap(view, offset);
        orders.onCanceled(userRefNum, decrementShares, CANCEL_REASON.SELF_MATCH_PREVENTION);
        return 0;
      }
      default: // System events, restatements and the like ask nothing of a model of orders.
        return 0;
    }
  }
}
