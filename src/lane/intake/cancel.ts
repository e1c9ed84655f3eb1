// Cancel Order Request (ouch50.md §6.3). Lane thread.

import { APPENDAGE_OK, AppendageReader } from "../../protocol/ouch/appendage-reader.ts";
import {
  CANCEL_ORDER_REQUEST_BYTES,
  CANCEL_ORDER_REQUEST_TAGS,
  CANCEL_ORDER_REQUEST_TYPE,
  CancelOrderRequest,
} from "../../protocol/ouch/cancel-order-request.ts";
import { CANCEL_REASON } from "../../protocol/ouch/codes.ts";
import { NO_ORDER } from "../../venue/order-slab.ts";
import { IGNORED_REASON } from "../../venue/venue.ts";
import type { Account } from "../accounts.ts";
import { HELD_KIND } from "../held-requests.ts";
import type { LaneState } from "../lane-state.ts";

export class CancelIntake {
  private readonly state: LaneState;
  private readonly request = new CancelOrderRequest();
  private readonly tags = new AppendageReader();

  constructor(state: LaneState) {
    this.state = state;
  }

  /** False when the message is malformed; a wrong tag makes it so, since a cancel cannot be rejected. */
  take(account: Account, view: DataView, base: number, messageBytes: number): boolean {
    const { state, request, tags } = this;
    const structure = tags.read(
      view,
      base,
      messageBytes,
      CANCEL_ORDER_REQUEST_BYTES,
      true,
      CANCEL_ORDER_REQUEST_TAGS,
    );
    if (structure !== APPENDAGE_OK) return false;
    request.wrap(view, base);

    const userRefNum = request.userRefNum;
    state.facts?.onCancel(state, account.number, tags.userRefIdx, userRefNum);
    const order = state.index.find(account.number, tags.userRefIdx, userRefNum);
    if (order === NO_ORDER) {
      const reason = userRefNum === 0 ? IGNORED_REASON.ZERO : IGNORED_REASON.DEAD_TARGET;
      state.ignored.ignore(account, reason, CANCEL_ORDER_REQUEST_TYPE, userRefNum, state.eventNs);
      return true;
    }
    state.cause.begin(CANCEL_ORDER_REQUEST_TYPE, account.number, userRefNum);
    if (state.orderLife.isAskedLater(order)) {
      state.isChanged = true;
      state.orderLife.countWaiting(order, 1);
      state.held.add(
        account,
        HELD_KIND.CANCEL,
        CANCEL_ORDER_REQUEST_TYPE,
        state.cause.sinceNs,
        tags.userRefIdx,
        userRefNum,
        0,
        request.quantity,
        CANCEL_REASON.USER,
      );
      return true;
    }
    state.isVenueIgnoring = false;
    state.venue.cancel(order, request.quantity, CANCEL_REASON.USER);
    if (!state.isVenueIgnoring) state.isChanged = true;
    return true;
  }
}
