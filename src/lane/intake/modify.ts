// Modify Order Request (ouch50.md §6.4): another kind of sell, fewer shares, or both, keeping priority. Lane thread.

import { APPENDAGE_OK, AppendageReader } from "../../protocol/ouch/appendage-reader.ts";
import { isSell } from "../../protocol/ouch/codes.ts";
import {
  MODIFY_ORDER_REQUEST_BYTES,
  MODIFY_ORDER_REQUEST_TAGS,
  MODIFY_ORDER_REQUEST_TYPE,
  ModifyOrderRequest,
} from "../../protocol/ouch/modify-order-request.ts";
import { TAG } from "../../protocol/ouch/tag.ts";
import { NO_ORDER } from "../../venue/order-slab.ts";
import { IGNORED_REASON } from "../../venue/venue.ts";
import type { Account } from "../accounts.ts";
import { HELD_KIND } from "../held-requests.ts";
import type { LaneState } from "../lane-state.ts";
import { locatedOf } from "../located-shares.ts";
import { isYesOrNo } from "../order-checks.ts";

export class ModifyIntake {
  private readonly state: LaneState;
  private readonly request = new ModifyOrderRequest();
  private readonly tags = new AppendageReader();

  constructor(state: LaneState) {
    this.state = state;
  }

  /** False when the message is malformed; a wrong tag makes it so, since a modify cannot be rejected. */
  take(account: Account, view: DataView, base: number, messageBytes: number): boolean {
    const { state, request, tags } = this;
    const structure = tags.read(
      view,
      base,
      messageBytes,
      MODIFY_ORDER_REQUEST_BYTES,
      true,
      MODIFY_ORDER_REQUEST_TAGS,
    );
    if (structure !== APPENDAGE_OK) return false;
    request.wrap(view, base);

    const userRefNum = request.userRefNum;
    const order = state.index.find(account.number, tags.userRefIdx, userRefNum);
    if (order === NO_ORDER) {
      const reason = userRefNum === 0 ? IGNORED_REASON.ZERO : IGNORED_REASON.DEAD_TARGET;
      this.ignore(account, reason, userRefNum);
      return true;
    }
    if (!this.isAllowed(order)) {
      this.ignore(account, IGNORED_REASON.SUPERFLUOUS, userRefNum);
      return true;
    }
    state.cause.begin(MODIFY_ORDER_REQUEST_TYPE, account.number, userRefNum);
    const located = locatedOf(tags.present, tags.sharesLocated);
    if (state.orderLife.isAskedLater(order)) {
      state.isChanged = true;
      state.orderLife.countWaiting(order, 1);
      state.held.add(
        account,
        HELD_KIND.MODIFY,
        MODIFY_ORDER_REQUEST_TYPE,
        state.cause.sinceNs,
        tags.userRefIdx,
        userRefNum,
        0,
        request.quantity,
        request.side,
      );
      state.held.setLocated(account, located, tags.locateBroker);
      return true;
    }
    state.isVenueIgnoring = false;
    state.venue.modify(order, request.side, request.quantity, located, tags.locateBroker);
    if (!state.isVenueIgnoring) state.isChanged = true;
    return true;
  }

  /** A side only changes among the kinds of selling. */
  private isAllowed(order: number): boolean {
    const from = this.state.orders.side(order);
    const to = this.request.side;
    const isLocatedLegal = !this.tags.has(TAG.SHARES_LOCATED) || isYesOrNo(this.tags.sharesLocated);
    return isLocatedLegal && (to === from || (isSell(from) && isSell(to)));
  }

  private ignore(account: Account, reason: number, userRefNum: number): void {
    const { ignored, eventNs } = this.state;
    ignored.ignore(account, reason, MODIFY_ORDER_REQUEST_TYPE, userRefNum, eventNs);
  }
}
