// What an order says and how far it has come: one accessor for each field that a client, a venue or an answer reads.
// Lane thread. Where an order is linked, and whether it is one at all, is the slab's (order-slab.ts).

import { assert } from "../base/assert.ts";
import {
  ACCOUNT,
  CAPACITY,
  CL_ORD_ID,
  CROSS_TYPE,
  CUSTOMER_TYPE,
  DISPLAY,
  EXECUTED,
  EXPIRE_TIME,
  EXPIRES_AT_NS,
  FIRM,
  FLAGS,
  GROUP_ID,
  HANDLE_INST,
  INSTRUMENT,
  ISO,
  LOCATE_BROKER,
  MIN_QTY,
  OPEN,
  ORDER_BYTES,
  ORDER_DOUBLES,
  ORDER_WORDS,
  POST_ONLY,
  PRICE,
  PRICE_TYPE,
  QUANTITY,
  REFERENCE_HIGH,
  REFERENCE_LOW,
  SHARES_LOCATED,
  SIDE,
  SINCE_NS,
  TAGS,
  TIF,
  TRADE_NOW,
  UNPRICED,
  USER_REF_IDX,
  USER_REF_NUM,
  WALK_PRICE,
} from "./order-layout.ts";

export class OrderFields {
  readonly ordersMax: number;
  /** For flyweights that copy a ClOrdID straight in or out. */
  readonly view: DataView;
  protected readonly bytes: Uint8Array;
  protected readonly words: Int32Array;
  protected readonly doubles: Float64Array;

  constructor(ordersMax: number) {
    assert(ordersMax > 0, "a slab of no orders");
    const memory = new ArrayBuffer(ordersMax * ORDER_BYTES);
    this.ordersMax = ordersMax;
    this.view = new DataView(memory);
    this.bytes = new Uint8Array(memory);
    this.words = new Int32Array(memory);
    this.doubles = new Float64Array(memory);
  }

  /** Where the order's ClOrdID starts in `view`. */
  clOrdIdOffset(order: number): number {
    return order * ORDER_BYTES + CL_ORD_ID;
  }

  /** B, S, T or E. */
  side(order: number): number {
    return this.bytes[order * ORDER_BYTES + SIDE]!;
  }
  setSide(order: number, value: number): void {
    this.bytes[order * ORDER_BYTES + SIDE] = value;
  }

  /** Time in force as accepted. */
  tif(order: number): number {
    return this.bytes[order * ORDER_BYTES + TIF]!;
  }
  setTif(order: number, value: number): void {
    this.bytes[order * ORDER_BYTES + TIF] = value;
  }

  display(order: number): number {
    return this.bytes[order * ORDER_BYTES + DISPLAY]!;
  }
  setDisplay(order: number, value: number): void {
    this.bytes[order * ORDER_BYTES + DISPLAY] = value;
  }

  capacity(order: number): number {
    return this.bytes[order * ORDER_BYTES + CAPACITY]!;
  }
  setCapacity(order: number, value: number): void {
    this.bytes[order * ORDER_BYTES + CAPACITY] = value;
  }

  /** InterMarket sweep eligibility. */
  iso(order: number): number {
    return this.bytes[order * ORDER_BYTES + ISO]!;
  }
  setIso(order: number, value: number): void {
    this.bytes[order * ORDER_BYTES + ISO] = value;
  }

  crossType(order: number): number {
    return this.bytes[order * ORDER_BYTES + CROSS_TYPE]!;
  }
  setCrossType(order: number, value: number): void {
    this.bytes[order * ORDER_BYTES + CROSS_TYPE] = value;
  }

  /** The channel within the account; 0 = the port's own. */
  userRefIdx(order: number): number {
    return this.bytes[order * ORDER_BYTES + USER_REF_IDX]!;
  }
  setUserRefIdx(order: number, value: number): void {
    this.bytes[order * ORDER_BYTES + USER_REF_IDX] = value;
  }

  customerType(order: number): number {
    return this.bytes[order * ORDER_BYTES + CUSTOMER_TYPE]!;
  }
  setCustomerType(order: number, value: number): void {
    this.bytes[order * ORDER_BYTES + CUSTOMER_TYPE] = value;
  }

  postOnly(order: number): number {
    return this.bytes[order * ORDER_BYTES + POST_ONLY]!;
  }
  setPostOnly(order: number, value: number): void {
    this.bytes[order * ORDER_BYTES + POST_ONLY] = value;
  }

  tradeNow(order: number): number {
    return this.bytes[order * ORDER_BYTES + TRADE_NOW]!;
  }
  setTradeNow(order: number, value: number): void {
    this.bytes[order * ORDER_BYTES + TRADE_NOW] = value;
  }

  handleInst(order: number): number {
    return this.bytes[order * ORDER_BYTES + HANDLE_INST]!;
  }
  setHandleInst(order: number, value: number): void {
    this.bytes[order * ORDER_BYTES + HANDLE_INST] = value;
  }

  sharesLocated(order: number): number {
    return this.bytes[order * ORDER_BYTES + SHARES_LOCATED]!;
  }
  setSharesLocated(order: number, value: number): void {
    this.bytes[order * ORDER_BYTES + SHARES_LOCATED] = value;
  }

  priceType(order: number): number {
    return this.bytes[order * ORDER_BYTES + PRICE_TYPE]!;
  }
  setPriceType(order: number, value: number): void {
    this.bytes[order * ORDER_BYTES + PRICE_TYPE] = value;
  }

  /** 1 = a market order: it never rests. */
  unpriced(order: number): number {
    return this.bytes[order * ORDER_BYTES + UNPRICED]!;
  }
  setUnpriced(order: number, value: number): void {
    this.bytes[order * ORDER_BYTES + UNPRICED] = value;
  }

  /** The lane's own bits. */
  flags(order: number): number {
    return this.bytes[order * ORDER_BYTES + FLAGS]!;
  }
  setFlags(order: number, value: number): void {
    this.bytes[order * ORDER_BYTES + FLAGS] = value;
  }

  account(order: number): number {
    return this.words[order * ORDER_WORDS + ACCOUNT]!;
  }
  setAccount(order: number, value: number): void {
    this.words[order * ORDER_WORDS + ACCOUNT] = value;
  }

  userRefNum(order: number): number {
    return this.words[order * ORDER_WORDS + USER_REF_NUM]! >>> 0;
  }
  setUserRefNum(order: number, value: number): void {
    this.words[order * ORDER_WORDS + USER_REF_NUM] = value;
  }

  instrument(order: number): number {
    return this.words[order * ORDER_WORDS + INSTRUMENT]!;
  }
  setInstrument(order: number, value: number): void {
    this.words[order * ORDER_WORDS + INSTRUMENT] = value;
  }

  /** The limit as entered, 4 decimals; PRICE_MARKET when unpriced. */
  price(order: number): number {
    return this.words[order * ORDER_WORDS + PRICE]!;
  }
  setPrice(order: number, value: number): void {
    this.words[order * ORDER_WORDS + PRICE] = value;
  }

  /** The worst price it may trade at: the limit, or the collar of an unpriced order. */
  walkPrice(order: number): number {
    return this.words[order * ORDER_WORDS + WALK_PRICE]!;
  }
  setWalkPrice(order: number, value: number): void {
    this.words[order * ORDER_WORDS + WALK_PRICE] = value;
  }

  /** Shares the whole chain is liable for. */
  quantity(order: number): number {
    return this.words[order * ORDER_WORDS + QUANTITY]!;
  }
  setQuantity(order: number, value: number): void {
    this.words[order * ORDER_WORDS + QUANTITY] = value;
  }

  /** Shares the whole chain has executed. */
  executed(order: number): number {
    return this.words[order * ORDER_WORDS + EXECUTED]!;
  }
  setExecuted(order: number, value: number): void {
    this.words[order * ORDER_WORDS + EXECUTED] = value;
  }

  /** Shares still to be executed. */
  open(order: number): number {
    return this.words[order * ORDER_WORDS + OPEN]!;
  }
  setOpen(order: number, value: number): void {
    this.words[order * ORDER_WORDS + OPEN] = value;
  }

  minQty(order: number): number {
    return this.words[order * ORDER_WORDS + MIN_QTY]!;
  }
  setMinQty(order: number, value: number): void {
    this.words[order * ORDER_WORDS + MIN_QTY] = value;
  }

  /** Order reference number, upper half. */
  referenceHigh(order: number): number {
    return this.words[order * ORDER_WORDS + REFERENCE_HIGH]! >>> 0;
  }
  setReferenceHigh(order: number, value: number): void {
    this.words[order * ORDER_WORDS + REFERENCE_HIGH] = value;
  }

  referenceLow(order: number): number {
    return this.words[order * ORDER_WORDS + REFERENCE_LOW]! >>> 0;
  }
  setReferenceLow(order: number, value: number): void {
    this.words[order * ORDER_WORDS + REFERENCE_LOW] = value;
  }

  firm(order: number): number {
    return this.words[order * ORDER_WORDS + FIRM]! >>> 0;
  }
  setFirm(order: number, value: number): void {
    this.words[order * ORDER_WORDS + FIRM] = value;
  }

  locateBroker(order: number): number {
    return this.words[order * ORDER_WORDS + LOCATE_BROKER]! >>> 0;
  }
  setLocateBroker(order: number, value: number): void {
    this.words[order * ORDER_WORDS + LOCATE_BROKER] = value;
  }

  groupId(order: number): number {
    return this.words[order * ORDER_WORDS + GROUP_ID]!;
  }
  setGroupId(order: number, value: number): void {
    this.words[order * ORDER_WORDS + GROUP_ID] = value;
  }

  /** Which tags were present: bit n is tag n. Tags 1 to 30 fit. */
  tags(order: number): number {
    return this.words[order * ORDER_WORDS + TAGS]! >>> 0;
  }
  setTags(order: number, value: number): void {
    this.words[order * ORDER_WORDS + TAGS] = value;
  }

  /** Seconds to live as entered. */
  expireTime(order: number): number {
    return this.words[order * ORDER_WORDS + EXPIRE_TIME]!;
  }
  setExpireTime(order: number, value: number): void {
    this.words[order * ORDER_WORDS + EXPIRE_TIME] = value;
  }

  /** Event time at which it expires; 0 = never. */
  expiresAtNs(order: number): number {
    return this.doubles[order * ORDER_DOUBLES + EXPIRES_AT_NS]!;
  }
  setExpiresAtNs(order: number, value: number): void {
    this.doubles[order * ORDER_DOUBLES + EXPIRES_AT_NS] = value;
  }

  /** Monotonic stamp of the request that entered it. */
  sinceNs(order: number): number {
    return this.doubles[order * ORDER_DOUBLES + SINCE_NS]!;
  }
  setSinceNs(order: number, value: number): void {
    this.doubles[order * ORDER_DOUBLES + SINCE_NS] = value;
  }
}
