// Enter Order (ouch50.md §6.1). Lane thread.

import {
  APPENDAGE_MALFORMED,
  APPENDAGE_REFUSED,
  AppendageReader,
} from "../../protocol/ouch/appendage-reader.ts";
import { CL_ORD_ID_BYTES } from "../../protocol/ouch/cl-ord-id.ts";
import {
  isSell,
  PRICE_LIMIT_MAX,
  PRICE_MARKET,
  PRICE_TYPE,
  REJECT_REASON,
  SIDE,
  TIME_IN_FORCE,
} from "../../protocol/ouch/codes.ts";
import {
  ENTER_ORDER_BYTES,
  ENTER_ORDER_TAGS,
  ENTER_ORDER_TYPE,
  EnterOrder,
} from "../../protocol/ouch/enter-order.ts";
import { NO_INSTRUMENT } from "../../venue/instruments.ts";
import { NO_ORDER } from "../../venue/order-slab.ts";
import type { Account } from "../accounts.ts";
import { HELD_KIND } from "../held-requests.ts";
import { ANY_TICK } from "../instrument-list.ts";
import type { LaneState } from "../lane-state.ts";
import * as checks from "../order-checks.ts";

/** Nanoseconds of a time to live's unit. */
export const SECOND_NS = 1e9;

export class EnterIntake {
  private readonly state: LaneState;
  private readonly request = new EnterOrder();
  private readonly tags = new AppendageReader();
  private readonly clOrdId = new DataView(new ArrayBuffer(CL_ORD_ID_BYTES));
  private instrument = NO_INSTRUMENT;

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
      ENTER_ORDER_BYTES,
      false,
      ENTER_ORDER_TAGS,
    );
    if (structure === APPENDAGE_MALFORMED) return false;
    request.wrap(view, base);

    const userRefNum = request.userRefNum;
    const { userRefIdx } = tags;
    if (!state.isNewNumber(account, userRefIdx, ENTER_ORDER_TYPE, userRefNum)) return true;
    const channel = state.channels.of(account.channels, userRefIdx);
    state.cause.begin(ENTER_ORDER_TYPE, account.number, userRefNum);

    let code = this.check(account, structure);
    let order = NO_ORDER;
    if (code === checks.LEGAL) {
      order = this.allocate();
      if (order === NO_ORDER) code = REJECT_REASON.PROCESSING_ERROR;
    }
    if (code !== checks.LEGAL) {
      state.channels.setHigh(channel, userRefNum);
      request.copyClOrdIdTo(this.clOrdId, 0);
      state.answers.rejected(account.number, userRefNum, tags.userRefIdx, code, this.clOrdId, 0);
      return true;
    }
    this.fill(account, order);
    this.enter(account, order);
    return true;
  }

  /** The first thing that is wrong, in the order of ops/venue.md. */
  private check(account: Account, structure: number): number {
    const { state, request, tags } = this;
    if (!state.endOfDay.isOpen) return REJECT_REASON.DESTINATION_CLOSED;
    if (structure === APPENDAGE_REFUSED) return REJECT_REASON.OTHER;
    const firm = account.firmOf(tags.firm);
    if (!account.hasFirm(firm) || account.isDisabled(firm))
      return REJECT_REASON.FIRM_NOT_AUTHORIZED;
    if (state.regulatorLevel > 0 || state.isDiskShort) return REJECT_REASON.PROCESSING_ERROR;

    const side = request.side;
    if (side !== SIDE.BUY && !isSell(side)) return REJECT_REASON.INVALID_SIDE;
    if (!checks.isQuantity(request.quantity)) return REJECT_REASON.INVALID_QUANTITY;
    const symbol = this.findInstrument();
    if (symbol !== checks.LEGAL) return symbol;
    const price = checks.checkPrice(request.price, this.tickSize());
    if (price !== checks.LEGAL) return price;
    const timeInForce = request.timeInForce;
    if (!checks.isTimeInForce(timeInForce)) return REJECT_REASON.OTHER;
    if (!checks.isExpireTime(timeInForce, tags.expireTime)) return REJECT_REASON.OTHER;
    if (!checks.isDisplay(request.display)) return REJECT_REASON.INVALID_DISPLAY;
    if (!checks.isCapacity(request.capacity)) return REJECT_REASON.OTHER;
    if (!checks.isYesOrNo(request.interMarketSweep)) return REJECT_REASON.OTHER;
    const crossType = checks.checkCrossType(request.crossType);
    if (crossType !== checks.LEGAL) return crossType;
    if (!checks.areTagLettersLegal(tags)) return REJECT_REASON.OTHER;
    const support = checks.checkSupport(tags);
    if (support !== checks.LEGAL) return support;
    const isImmediate =
      timeInForce === TIME_IN_FORCE.IMMEDIATE_OR_CANCEL || request.price === PRICE_MARKET;
    return checks.checkMinQty(tags.minQty, request.quantity, isImmediate);
  }

  /** A symbol that may be traded but never was is NO_INSTRUMENT until its first order is accepted. */
  private findInstrument(): number {
    const { instruments, config } = this.state;
    const { symbolHigh, symbolLow } = this.request;
    this.instrument = instruments.find(symbolHigh, symbolLow);
    if (this.instrument !== NO_INSTRUMENT) {
      return instruments.isListed(this.instrument) ? checks.LEGAL : REJECT_REASON.INVALID_SYMBOL;
    }
    const isKnowable = config.venue.instruments === "*" && checks.isSymbol(symbolHigh, symbolLow);
    return isKnowable ? checks.LEGAL : REJECT_REASON.INVALID_SYMBOL;
  }

  private tickSize(): number {
    if (this.instrument === NO_INSTRUMENT) return ANY_TICK;
    return this.state.instruments.tickSize(this.instrument);
  }

  /** An order that is refused must not have taken the place of an instrument. */
  private allocate(): number {
    const { instruments, orders } = this.state;
    const isNew = this.instrument === NO_INSTRUMENT;
    if (isNew && instruments.isFull) return NO_ORDER;
    const order = orders.allocate();
    if (order === NO_ORDER) return NO_ORDER;
    if (isNew) {
      const { symbolHigh, symbolLow } = this.request;
      this.instrument = instruments.findOrAdd(symbolHigh, symbolLow, ANY_TICK);
    }
    instruments.takeOrder(this.instrument);
    return order;
  }

  private fill(account: Account, order: number): void {
    const { state, request, tags } = this;
    const { orders } = state;
    const isUnpriced = request.price === PRICE_MARKET;
    orders.setAccount(order, account.number);
    orders.setUserRefIdx(order, tags.userRefIdx);
    orders.setUserRefNum(order, request.userRefNum);
    orders.setInstrument(order, this.instrument);
    orders.setSide(order, request.side);
    orders.setQuantity(order, request.quantity);
    orders.setPrice(order, request.price);
    orders.setUnpriced(order, isUnpriced ? 1 : 0);
    orders.setWalkPrice(order, walkPrice(request.price, request.side));
    orders.setTif(order, isUnpriced ? TIME_IN_FORCE.IMMEDIATE_OR_CANCEL : request.timeInForce);
    orders.setDisplay(order, request.display);
    orders.setCapacity(order, request.capacity);
    orders.setIso(order, request.interMarketSweep);
    orders.setCrossType(order, request.crossType);
    orders.setSinceNs(order, state.cause.sinceNs);
    request.copyClOrdIdTo(orders.view, orders.clOrdIdOffset(order));

    orders.setTags(order, tags.present);
    orders.setFirm(order, account.firmOf(tags.firm));
    orders.setMinQty(order, tags.minQty);
    orders.setCustomerType(order, tags.customerType);
    orders.setPriceType(order, PRICE_TYPE.LIMIT);
    orders.setPostOnly(order, tags.postOnly);
    orders.setTradeNow(order, tags.tradeNow);
    orders.setHandleInst(order, tags.handleInst);
    orders.setGroupId(order, tags.groupId);
    orders.setSharesLocated(order, tags.sharesLocated);
    orders.setLocateBroker(order, tags.locateBroker);
    orders.setExpireTime(order, tags.expireTime);
    if (tags.expireTime > 0) {
      orders.setExpiresAtNs(order, state.eventNs + tags.expireTime * SECOND_NS);
    }
  }

  private enter(account: Account, order: number): void {
    const { orders, orderLife, held, cause, venue } = this.state;
    this.state.isChanged = true;
    orderLife.begin(account, order, account.isHolding);
    if (!account.isHolding) {
      venue.enter(order);
      return;
    }
    const userRefIdx = orders.userRefIdx(order);
    const userRefNum = orders.userRefNum(order);
    held.add(
      account,
      HELD_KIND.ENTER,
      ENTER_ORDER_TYPE,
      cause.sinceNs,
      userRefIdx,
      userRefNum,
      0,
      0,
      0,
    );
  }
}

/** How far an order may walk: to its limit, and without one through the whole book. */
export function walkPrice(price: number, side: number): number {
  if (price !== PRICE_MARKET) return price;
  return side === SIDE.BUY ? PRICE_LIMIT_MAX : 1;
}
