// One OUCH message of the gateway into a request tracker. Hot path of a replay; allocates nothing per message.

import {
  ACCOUNT_QUERY_RESPONSE_BYTES,
  ACCOUNT_QUERY_RESPONSE_TYPE,
  AccountQueryResponse,
} from "../../protocol/ouch/account-query-response.ts";
import {
  AIQ_CANCELED_BYTES,
  AIQ_CANCELED_TYPE,
  AiqCanceled,
} from "../../protocol/ouch/aiq-canceled.ts";
import { AppendageReader } from "../../protocol/ouch/appendage-reader.ts";
import { CANCEL_REASON } from "../../protocol/ouch/codes.ts";
import {
  DISABLE_ORDER_ENTRY_RESPONSE_BYTES,
  DISABLE_ORDER_ENTRY_RESPONSE_TYPE,
  DisableOrderEntryResponse,
} from "../../protocol/ouch/disable-order-entry-response.ts";
import {
  ENABLE_ORDER_ENTRY_RESPONSE_BYTES,
  ENABLE_ORDER_ENTRY_RESPONSE_TYPE,
  EnableOrderEntryResponse,
} from "../../protocol/ouch/enable-order-entry-response.ts";
import {
  MASS_CANCEL_RESPONSE_BYTES,
  MASS_CANCEL_RESPONSE_TYPE,
  MassCancelResponse,
} from "../../protocol/ouch/mass-cancel-response.ts";
import {
  ORDER_ACCEPTED_BYTES,
  ORDER_ACCEPTED_TYPE,
  OrderAccepted,
} from "../../protocol/ouch/order-accepted.ts";
import {
  ORDER_CANCELED_BYTES,
  ORDER_CANCELED_TYPE,
  OrderCanceled,
} from "../../protocol/ouch/order-canceled.ts";
import {
  ORDER_EXECUTED_BYTES,
  ORDER_EXECUTED_TYPE,
  OrderExecuted,
} from "../../protocol/ouch/order-executed.ts";
import {
  ORDER_MODIFIED_BYTES,
  ORDER_MODIFIED_TYPE,
  OrderModified,
} from "../../protocol/ouch/order-modified.ts";
import {
  ORDER_REJECTED_BYTES,
  ORDER_REJECTED_TYPE,
  OrderRejected,
} from "../../protocol/ouch/order-rejected.ts";
import {
  ORDER_REPLACED_BYTES,
  ORDER_REPLACED_TYPE,
  OrderReplaced,
} from "../../protocol/ouch/order-replaced.ts";
import { TAG, tagMask } from "../../protocol/ouch/tag.ts";
import { NOWHERE } from "./number-map.ts";
import { ASKED } from "./request-reader.ts";
import type { RequestTracker } from "./request-tracker.ts";

/** Whatever tags come: only the index of the channel is looked at, and an unknown tag does not hide it. */
const INDEX_ONLY = tagMask(TAG.USER_REF_IDX);

export class AnswerReader {
  /** Of the last message that was a query's response: its channel and the number in it. */
  channel = 0;
  nextNumber = 0;

  private readonly tags = new AppendageReader();
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
  private readonly queried = new AccountQueryResponse();

  /** Takes one message into the tracker. Returns the query that it answers, or NOWHERE. One too short says nothing. */
  read(view: DataView, base: number, bytes: number, tracker: RequestTracker): number {
    if (bytes === 0) return NOWHERE;
    const { echo } = tracker.table;
    echo.clear();
    switch (view.getUint8(base)) {
      case ORDER_ACCEPTED_TYPE: {
        if (!this.reads(view, base, bytes, ORDER_ACCEPTED_BYTES)) break;
        const accepted = this.accepted.wrap(view, base);
        const { userRefNum, quantity, orderState } = accepted;
        echo.readAccepted(accepted);
        echo.readClOrdId(view, base + ORDER_ACCEPTED_BYTES);
        tracker.onAccepted(this.channel, userRefNum, quantity, orderState);
        break;
      }
      case ORDER_EXECUTED_TYPE: {
        if (!this.reads(view, base, bytes, ORDER_EXECUTED_BYTES)) break;
        const { userRefNum, quantity } = this.executed.wrap(view, base);
        tracker.onExecuted(this.channel, userRefNum, quantity);
        break;
      }
      case ORDER_CANCELED_TYPE: {
        if (!this.reads(view, base, bytes, ORDER_CANCELED_BYTES)) break;
        const { userRefNum, quantity, reason } = this.canceled.wrap(view, base);
        tracker.onCanceled(this.channel, userRefNum, quantity, reason);
        break;
      }
      case ORDER_REPLACED_TYPE: {
        if (!this.reads(view, base, bytes, ORDER_REPLACED_BYTES)) break;
        const replaced = this.replaced.wrap(view, base);
        const { origUserRefNum, userRefNum, quantity, orderState } = replaced;
        echo.readOrder(replaced);
        echo.readClOrdId(view, base + ORDER_REPLACED_BYTES);
        tracker.onReplaced(this.channel, origUserRefNum, userRefNum, quantity, orderState);
        break;
      }
      case ORDER_MODIFIED_TYPE: {
        if (!this.reads(view, base, bytes, ORDER_MODIFIED_BYTES)) break;
        const { userRefNum, quantity, side } = this.modified.wrap(view, base);
        tracker.onModified(this.channel, userRefNum, quantity, side);
        break;
      }
      case ORDER_REJECTED_TYPE: {
        if (!this.reads(view, base, bytes, ORDER_REJECTED_BYTES)) break;
        const { userRefNum, reason } = this.rejected.wrap(view, base);
        echo.readClOrdId(view, base + ORDER_REJECTED_BYTES);
        tracker.onRejected(this.channel, userRefNum, reason);
        break;
      }
      case AIQ_CANCELED_TYPE: {
        if (!this.reads(view, base, bytes, AIQ_CANCELED_BYTES)) break;
        const { userRefNum, decrementShares } = this.aiqCanceled.wrap(view, base);
        const reason = CANCEL_REASON.SELF_MATCH_PREVENTION;
        tracker.onCanceled(this.channel, userRefNum, decrementShares, reason);
        break;
      }
      case MASS_CANCEL_RESPONSE_TYPE:
        if (!this.reads(view, base, bytes, MASS_CANCEL_RESPONSE_BYTES)) break;
        this.massCanceled.wrap(view, base);
        tracker.onConfirmed(this.channel, this.massCanceled.userRefNum, ASKED.MASS_CANCEL);
        break;
      case DISABLE_ORDER_ENTRY_RESPONSE_TYPE:
        if (!this.reads(view, base, bytes, DISABLE_ORDER_ENTRY_RESPONSE_BYTES)) break;
        this.disabled.wrap(view, base);
        tracker.onConfirmed(this.channel, this.disabled.userRefNum, ASKED.DISABLE);
        break;
      case ENABLE_ORDER_ENTRY_RESPONSE_TYPE:
        if (!this.reads(view, base, bytes, ENABLE_ORDER_ENTRY_RESPONSE_BYTES)) break;
        this.enabled.wrap(view, base);
        tracker.onConfirmed(this.channel, this.enabled.userRefNum, ASKED.ENABLE);
        break;
      case ACCOUNT_QUERY_RESPONSE_TYPE:
        if (!this.reads(view, base, bytes, ACCOUNT_QUERY_RESPONSE_BYTES)) break;
        this.nextNumber = this.queried.wrap(view, base).nextUserRefNum;
        return tracker.onQueried(this.channel, this.nextNumber);
      default: // System events, restatements and the like answer nothing.
        break;
    }
    return NOWHERE;
  }

  /** False: the message is shorter than its type says. Otherwise `channel` is the message's. */
  private reads(view: DataView, base: number, bytes: number, fixedBytes: number): boolean {
    if (bytes < fixedBytes) return false;
    this.tags.read(view, base, bytes, fixedBytes, true, INDEX_ONLY);
    this.channel = this.tags.userRefIdx;
    return true;
  }
}
