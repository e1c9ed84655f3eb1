// Replace Order Request (ouch50.md §6.2, semantics §4.4). Lane thread.
//
// Three ways out before the venue is asked: nothing (dead target or used number), a cancel of the target (the
// request breaks the protocol; its number is not consumed), a reject (the request is legal, but not to be had here;
// its number is consumed and the target stays).

import {
  APPENDAGE_MALFORMED,
  APPENDAGE_REFUSED,
  AppendageReader,
} from "../../protocol/ouch/appendage-reader.ts";
import { CL_ORD_ID_BYTES } from "../../protocol/ouch/cl-ord-id.ts";
import {
  CANCEL_REASON,
  isSell,
  PRICE_MARKET,
  PRICE_TYPE,
  REJECT_REASON,
  TIME_IN_FORCE,
} from "../../protocol/ouch/codes.ts";
import {
  REPLACE_ORDER_REQUEST_BYTES,
  REPLACE_ORDER_REQUEST_TAGS,
  REPLACE_ORDER_REQUEST_TYPE,
  ReplaceOrderRequest,
} from "../../protocol/ouch/replace-order-request.ts";
import { TAG, tagMask } from "../../protocol/ouch/tag.ts";
import { NO_ORDER } from "../../venue/order-slab.ts";
import { IGNORED_REASON } from "../../venue/venue.ts";
import type { Account } from "../accounts.ts";
import { HELD_KIND } from "../held-requests.ts";
import type { LaneState } from "../lane-state.ts";
import * as checks from "../order-checks.ts";
import { SECOND_NS, walkPrice } from "./enter.ts";

/** The first two must be sent again with every replace. The last says that this one has a side of its own. */
const NOT_INHERITED = tagMask(TAG.SHARES_LOCATED, TAG.LOCATE_BROKER, TAG.SIDE);

export class ReplaceIntake {
  private readonly state: LaneState;
  private readonly request = new ReplaceOrderRequest();
  private readonly tags = new AppendageReader();
  private readonly clOrdId = new DataView(new ArrayBuffer(CL_ORD_ID_BYTES));

  constructor(state: LaneState) {
    this.state = state;
  }

  /** False when the message is malformed. */
  take(account: Account, view: DataView, base: number, messageBytes: number): boolean {
    const { state, request, tags } = this;
    const structure = tags.read(
      view,
      base,
      messageBytes,
      REPLACE_ORDER_REQUEST_BYTES,
      false,
      REPLACE_ORDER_REQUEST_TAGS,
    );
    if (structure === APPENDAGE_MALFORMED) return false;
    request.wrap(view, base);

    const userRefNum = request.userRefNum;
    const { userRefIdx } = tags;
    const type = REPLACE_ORDER_REQUEST_TYPE;
    if (!state.isNewNumber(account, userRefIdx, type, userRefNum)) return true;
    const target = state.index.find(account.number, userRefIdx, request.origUserRefNum);
    if (target === NO_ORDER) {
      state.ignored.ignore(
        account,
        IGNORED_REASON.DEAD_TARGET,
        REPLACE_ORDER_REQUEST_TYPE,
        request.origUserRefNum,
        state.eventNs,
      );
      return true;
    }
    state.cause.begin(REPLACE_ORDER_REQUEST_TYPE, account.number, userRefNum);

    let code = this.checkLeave(account, target, structure);
    if (code === checks.LEGAL) {
      if (!this.isLegal(target)) {
        this.cancelTarget(account, target);
        return true;
      }
      code = this.checkSupport(target);
    }
    let replacement = NO_ORDER;
    if (code === checks.LEGAL) {
      replacement = state.orders.allocate();
      if (replacement === NO_ORDER) code = REJECT_REASON.PROCESSING_ERROR;
    }
    if (code !== checks.LEGAL) {
      state.channels.setHigh(state.channels.of(account.channels, userRefIdx), userRefNum);
      request.copyClOrdIdTo(this.clOrdId, 0);
      state.answers.rejected(account.number, userRefNum, tags.userRefIdx, code, this.clOrdId, 0);
      return true;
    }
    this.fill(target, replacement);
    this.replace(account, target, replacement);
    return true;
  }

  /** Whoever may not trade now does not lose an order by a slip of the pen. */
  private checkLeave(account: Account, target: number, structure: number): number {
    const { endOfDay, orders, isDiskShort } = this.state;
    if (!endOfDay.isOpen) return REJECT_REASON.DESTINATION_CLOSED;
    if (account.isDisabled(orders.firm(target))) return REJECT_REASON.FIRM_NOT_AUTHORIZED;
    if (structure === APPENDAGE_REFUSED) return REJECT_REASON.OTHER;
    return isDiskShort ? REJECT_REASON.PROCESSING_ERROR : checks.LEGAL;
  }

  /** Whether the protocol allows such a replace at all. */
  private isLegal(target: number): boolean {
    const { request, tags } = this;
    const { orders, instruments } = this.state;
    const tickSize = instruments.tickSize(orders.instrument(target));
    return (
      checks.isQuantity(request.quantity) &&
      checks.checkPrice(request.price, tickSize) === checks.LEGAL &&
      checks.isReplaceTimeInForce(request.timeInForce) &&
      this.isExpireTimeLegal(target) &&
      checks.isDisplay(request.display) &&
      checks.isYesOrNo(request.interMarketSweep) &&
      checks.areTagLettersLegal(tags) &&
      (!tags.has(TAG.SIDE) || this.isSideLegal(target))
    );
  }

  private isSideLegal(target: number): boolean {
    const from = this.state.orders.side(target);
    const to = this.tags.side;
    return to === from || (isSell(from) && isSell(to));
  }

  /** An inherited time to live counts only while the order stays good-till-time. */
  private isExpireTimeLegal(target: number): boolean {
    const { request, tags } = this;
    if (tags.has(TAG.EXPIRE_TIME)) {
      return checks.isExpireTime(request.timeInForce, tags.expireTime);
    }
    if (request.timeInForce !== TIME_IN_FORCE.GOOD_TILL_TIME) return true;
    return checks.isExpireTime(request.timeInForce, this.state.orders.expireTime(target));
  }

  /** What is legal, but not to be had at this venue. */
  private checkSupport(target: number): number {
    const { request, tags, state } = this;
    const support = checks.checkSupport(tags);
    if (support !== checks.LEGAL) return support;
    const isImmediate =
      request.timeInForce === TIME_IN_FORCE.IMMEDIATE_OR_CANCEL || request.price === PRICE_MARKET;
    const minQty = tags.has(TAG.MIN_QTY) ? tags.minQty : state.orders.minQty(target);
    return checks.checkMinQty(minQty, request.quantity, isImmediate);
  }

  private cancelTarget(account: Account, target: number): void {
    const { state } = this;
    const { orders, orderLife, held, cause, venue } = state;
    state.isChanged = true;
    if (!orderLife.isAskedLater(target)) {
      venue.cancel(target, 0, CANCEL_REASON.USER);
      return;
    }
    orderLife.countWaiting(target, 1);
    held.add(
      account,
      HELD_KIND.CANCEL,
      REPLACE_ORDER_REQUEST_TYPE,
      cause.sinceNs,
      orders.userRefIdx(target),
      orders.userRefNum(target),
      0,
      0,
      CANCEL_REASON.USER,
    );
  }

  /** An absent tag keeps what the target has; firm and group always do. */
  private fill(target: number, replacement: number): void {
    const { state, request, tags } = this;
    const { orders } = state;
    const isUnpriced = request.price === PRICE_MARKET;
    const side = tags.has(TAG.SIDE) ? tags.side : orders.side(target);
    orders.setAccount(replacement, orders.account(target));
    orders.setUserRefIdx(replacement, tags.userRefIdx);
    orders.setUserRefNum(replacement, request.userRefNum);
    orders.setInstrument(replacement, orders.instrument(target));
    state.instruments.takeOrder(orders.instrument(target));
    orders.setSide(replacement, side);
    orders.setQuantity(replacement, request.quantity);
    orders.setPrice(replacement, request.price);
    orders.setUnpriced(replacement, isUnpriced ? 1 : 0);
    orders.setWalkPrice(replacement, walkPrice(request.price, side));
    orders.setTif(
      replacement,
      isUnpriced ? TIME_IN_FORCE.IMMEDIATE_OR_CANCEL : request.timeInForce,
    );
    orders.setDisplay(replacement, request.display);
    orders.setCapacity(replacement, orders.capacity(target));
    orders.setIso(replacement, request.interMarketSweep);
    orders.setCrossType(replacement, orders.crossType(target));
    orders.setSinceNs(replacement, state.cause.sinceNs);
    orders.setReplaceOf(replacement, target);
    request.copyClOrdIdTo(orders.view, orders.clOrdIdOffset(replacement));

    orders.setFirm(replacement, orders.firm(target));
    orders.setGroupId(replacement, orders.groupId(target));
    orders.setCustomerType(replacement, orders.customerType(target));
    orders.setPriceType(replacement, PRICE_TYPE.LIMIT);
    orders.setMinQty(replacement, tags.has(TAG.MIN_QTY) ? tags.minQty : orders.minQty(target));
    orders.setPostOnly(
      replacement,
      tags.has(TAG.POST_ONLY) ? tags.postOnly : orders.postOnly(target),
    );
    orders.setTradeNow(
      replacement,
      tags.has(TAG.TRADE_NOW) ? tags.tradeNow : orders.tradeNow(target),
    );
    orders.setHandleInst(
      replacement,
      tags.has(TAG.HANDLE_INST) ? tags.handleInst : orders.handleInst(target),
    );
    orders.setSharesLocated(replacement, tags.sharesLocated);
    orders.setLocateBroker(replacement, tags.locateBroker);
    this.fillExpiry(target, replacement);
  }

  private fillExpiry(target: number, replacement: number): void {
    const { state, request, tags } = this;
    const { orders } = state;
    let present = (orders.tags(target) & ~NOT_INHERITED) | tags.present;
    if (request.timeInForce === TIME_IN_FORCE.GOOD_TILL_TIME) {
      const seconds = tags.has(TAG.EXPIRE_TIME) ? tags.expireTime : orders.expireTime(target);
      orders.setExpireTime(replacement, seconds);
      orders.setExpiresAtNs(replacement, state.eventNs + seconds * SECOND_NS);
    } else {
      present &= ~tagMask(TAG.EXPIRE_TIME);
    }
    orders.setTags(replacement, present);
  }

  private replace(account: Account, target: number, replacement: number): void {
    const { state } = this;
    const { orders, orderLife, held, cause, venue } = state;
    state.isChanged = true;
    orderLife.begin(account, replacement, account.isHolding);
    if (!account.isHolding) {
      venue.replace(target, replacement);
      orderLife.onAsked(replacement);
      return;
    }
    orderLife.countWaiting(target, 1);
    held.add(
      account,
      HELD_KIND.REPLACE,
      REPLACE_ORDER_REQUEST_TYPE,
      cause.sinceNs,
      orders.userRefIdx(replacement),
      orders.userRefNum(target),
      orders.userRefNum(replacement),
      0,
      0,
    );
  }
}
