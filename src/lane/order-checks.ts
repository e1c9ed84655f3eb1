// What makes an order request legal, and which reject code says so otherwise (ouch50.md §4, §7.2; semantics §4.5).
// The same table, for people and for the test that runs every row of it, is ops/venue.md. Lane thread.

import type { AppendageReader } from "../protocol/ouch/appendage-reader.ts";
import {
  CAPACITY,
  CROSS_TYPE,
  CUSTOMER_TYPE,
  DISPLAY,
  EXPIRE_TIME_SECONDS_MAX,
  HANDLE_INST,
  NO,
  POST_ONLY,
  PRICE_LIMIT_MAX,
  PRICE_MARKET,
  PRICE_MARKET_CROSS,
  PRICE_TYPE,
  QUANTITY_MAX,
  REJECT_REASON,
  TIME_IN_FORCE,
  YES,
} from "../protocol/ouch/codes.ts";
import { TAG } from "../protocol/ouch/tag.ts";

/** Nothing wrong. */
export const LEGAL = 0;
const BLANK = 0x20;

export const isQuantity = (quantity: number): boolean => quantity > 0 && quantity <= QUANTITY_MAX;

export const isDisplay = (display: number): boolean =>
  display === DISPLAY.VISIBLE || display === DISPLAY.HIDDEN || display === DISPLAY.ATTRIBUTABLE;

export const isYesOrNo = (letter: number): boolean => letter === YES || letter === NO;

/** An order that rests or trades up to a price, or one without. A tick of the instrument is a whole step. */
export function checkPrice(price: number, tickSize: number): number {
  if (price === PRICE_MARKET) return LEGAL;
  if (price === PRICE_MARKET_CROSS) return REJECT_REASON.INVALID_CROSS_ORDER;
  const isLimit = price > 0 && price <= PRICE_LIMIT_MAX && price % tickSize === 0;
  return isLimit ? LEGAL : REJECT_REASON.INVALID_PRICE;
}

export function isTimeInForce(timeInForce: number): boolean {
  return isReplaceTimeInForce(timeInForce) || timeInForce === TIME_IN_FORCE.AFTER_HOURS;
}
/** A replace cannot ask for after hours. */
export function isReplaceTimeInForce(timeInForce: number): boolean {
  return (
    timeInForce === TIME_IN_FORCE.DAY ||
    timeInForce === TIME_IN_FORCE.IMMEDIATE_OR_CANCEL ||
    timeInForce === TIME_IN_FORCE.EXTENDED_HOURS ||
    timeInForce === TIME_IN_FORCE.GOOD_TILL_TIME
  );
}

/** A time to live belongs to good-till-time orders, and to no others. */
export function isExpireTime(timeInForce: number, expireTime: number): boolean {
  if (timeInForce !== TIME_IN_FORCE.GOOD_TILL_TIME) return expireTime === 0;
  return expireTime > 0 && expireTime <= EXPIRE_TIME_SECONDS_MAX;
}

export function isCapacity(capacity: number): boolean {
  return (
    capacity === CAPACITY.AGENCY ||
    capacity === CAPACITY.PRINCIPAL ||
    capacity === CAPACITY.RISKLESS ||
    capacity === CAPACITY.OTHER
  );
}

export function checkCrossType(crossType: number): number {
  if (crossType === CROSS_TYPE.CONTINUOUS) return LEGAL;
  return crossType === CROSS_TYPE.RETAIL
    ? REJECT_REASON.RETAIL_NOT_ALLOWED
    : REJECT_REASON.INVALID_CROSS_ORDER;
}

/** Letters that a tag may have; an absent tag reads as blank. */
export function areTagLettersLegal(tags: AppendageReader): boolean {
  const { customerType, postOnly, tradeNow, sharesLocated } = tags;
  return (
    (customerType === BLANK ||
      customerType === CUSTOMER_TYPE.RETAIL ||
      customerType === CUSTOMER_TYPE.NOT_RETAIL) &&
    (!tags.has(TAG.POST_ONLY) || postOnly === POST_ONLY.POST_ONLY || postOnly === POST_ONLY.NO) &&
    (tradeNow === BLANK || isYesOrNo(tradeNow)) &&
    (!tags.has(TAG.SHARES_LOCATED) || isYesOrNo(sharesLocated)) &&
    isHandleInst(tags.handleInst)
  );
}

function isHandleInst(letter: number): boolean {
  return (
    letter === HANDLE_INST.NONE ||
    letter === HANDLE_INST.IMBALANCE_ONLY ||
    letter === HANDLE_INST.RETAIL_1 ||
    letter === HANDLE_INST.RETAIL_2 ||
    letter === HANDLE_INST.RETAIL_PRICE_IMPROVEMENT ||
    letter === HANDLE_INST.EXTENDED_LIFE_AND_CONTINUOUS ||
    letter === HANDLE_INST.DIRECT_LISTING_CAPITAL_RAISE
  );
}

/** What the protocol allows and the embedded venue does not do. */
export function checkSupport(tags: AppendageReader): number {
  if (tags.maxFloor !== 0 || tags.randomReserves !== 0) return REJECT_REASON.INVALID_MAX_FLOOR;
  const priceType = checkPriceType(tags.has(TAG.PRICE_TYPE), tags.priceType);
  if (priceType !== LEGAL) return priceType;
  if (tags.pegOffset !== 0) return REJECT_REASON.PEGGING_NOT_ALLOWED;
  if (tags.discretionPrice !== 0) return REJECT_REASON.OTHER;
  const discretionType = checkDiscretionType(
    tags.has(TAG.DISCRETION_PRICE_TYPE),
    tags.discretionPriceType,
  );
  if (discretionType !== LEGAL) return discretionType;
  if (tags.discretionPegOffset !== 0) return REJECT_REASON.PEGGING_NOT_ALLOWED;
  switch (tags.handleInst) {
    case HANDLE_INST.NONE:
      return LEGAL;
    case HANDLE_INST.RETAIL_1:
    case HANDLE_INST.RETAIL_2:
    case HANDLE_INST.RETAIL_PRICE_IMPROVEMENT:
      return REJECT_REASON.RETAIL_NOT_ALLOWED;
    default:
      return REJECT_REASON.INVALID_CROSS_ORDER;
  }
}

function checkPriceType(isPresent: boolean, priceType: number): number {
  if (!isPresent || priceType === PRICE_TYPE.LIMIT) return LEGAL;
  const isPeg =
    isPegOfBoth(priceType) ||
    priceType === PRICE_TYPE.MARKET_MAKER_PEG ||
    priceType === PRICE_TYPE.MIDPOINT;
  return isPeg ? REJECT_REASON.PEGGING_NOT_ALLOWED : REJECT_REASON.INVALID_PEG_TYPE;
}

/** Discretion knows fewer letters than the price itself (ouch50.md §3). */
function checkDiscretionType(isPresent: boolean, priceType: number): number {
  if (!isPresent || priceType === PRICE_TYPE.LIMIT) return LEGAL;
  return isPegOfBoth(priceType)
    ? REJECT_REASON.PEGGING_NOT_ALLOWED
    : REJECT_REASON.INVALID_PEG_TYPE;
}

function isPegOfBoth(priceType: number): boolean {
  return (
    priceType === PRICE_TYPE.MARKET_PEG ||
    priceType === PRICE_TYPE.MIDPOINT_PEG ||
    priceType === PRICE_TYPE.PRIMARY_PEG
  );
}

/** A minimum is met at entry or not at all: an order that may rest cannot have one. */
export function checkMinQty(minQty: number, quantity: number, isImmediate: boolean): number {
  if (minQty === 0 || (isImmediate && minQty <= quantity)) return LEGAL;
  return REJECT_REASON.INVALID_MIN_QUANTITY;
}

/** Letters left-justified and padded with spaces. Only asked of symbols that nobody used before. */
export function isSymbol(symbolHigh: number, symbolLow: number): boolean {
  let isPadding = false;
  for (let index = 0; index < 8; index++) {
    const half = index < 4 ? symbolHigh : symbolLow;
    const letter = (half >>> (24 - (index & 3) * 8)) & 0xff;
    if (letter === BLANK) {
      if (index === 0) return false;
      isPadding = true;
    } else if (isPadding || letter < BLANK || letter > 0x7e) {
      return false;
    }
  }
  return true;
}
