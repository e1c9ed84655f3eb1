// Every order of a lane, dead or alive, named by its index. Lane thread.
//
// One ArrayBuffer, orders side by side: what one step touches of an order lies in two or three cache lines. The
// memory is zero pages until an order first uses it, so a generous ordersMax costs address space only. An index
// comes from allocate() and stays valid until free(): the accessors do not check it again.

import { assert } from "../base/assert.ts";
import type { Saved, StateReader, StateWriter } from "../journal/state-stream.ts";
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
  EXPIRY_ENTRY,
  FIRM,
  FLAGS,
  GROUP_ID,
  HANDLE_INST,
  HEAP_POSITION,
  INSTRUMENT,
  ISO,
  LEVEL,
  LOCATE_BROKER,
  MIN_QTY,
  NEXT_IN_ACCOUNT,
  NEXT_IN_LEVEL,
  OPEN,
  ORDER_BYTES,
  ORDER_DOUBLES,
  ORDER_WORDS,
  PENDING,
  POST_ONLY,
  PREV_IN_ACCOUNT,
  PREV_IN_LEVEL,
  PREVIOUS_HIGH,
  PRICE,
  PRICE_TYPE,
  QUANTITY,
  REFERENCE_HIGH,
  REFERENCE_LOW,
  REPLACE_OF,
  SHARES_LOCATED,
  SIDE,
  SINCE_NS,
  STATE,
  TAGS,
  TIF,
  TRADE_NOW,
  UNPRICED,
  USER_REF_IDX,
  USER_REF_NUM,
  WAITING,
  WALK_PRICE,
} from "./order-layout.ts";

export const NO_ORDER = -1;
/** Levels count from 1: untouched memory is orders that are in no book. */
export const NO_LEVEL = 0;

/** FREE must be 0: untouched memory is free orders. */
export const ORDER_LIFE = { FREE: 0, PENDING: 1, LIVE: 2, DONE: 3 } as const;

export class OrderSlab implements Saved {
  readonly ordersMax: number;
  /** For flyweights that copy a ClOrdID straight in or out. */
  readonly view: DataView;
  private readonly bytes: Uint8Array;
  private readonly words: Int32Array;
  private readonly doubles: Float64Array;
  private firstFree = NO_ORDER;
  /** Orders from here on were never used: they need no free list, hence no touch. */
  private unused = 0;
  private live = 0;

  constructor(ordersMax: number) {
    assert(ordersMax > 0, "a slab of no orders");
    const memory = new ArrayBuffer(ordersMax * ORDER_BYTES);
    this.ordersMax = ordersMax;
    this.view = new DataView(memory);
    this.bytes = new Uint8Array(memory);
    this.words = new Int32Array(memory);
    this.doubles = new Float64Array(memory);
  }

  /** Orders between allocate() and free(). */
  get liveCount(): number {
    return this.live;
  }

  /** Orders below this one were used at least once. */
  get usedCount(): number {
    return this.unused;
  }

  /** A PENDING order with every field neutral, or NO_ORDER when the slab is full. */
  allocate(): number {
    let order = this.firstFree;
    if (order !== NO_ORDER) {
      this.firstFree = this.words[order * ORDER_WORDS + NEXT_IN_LEVEL]!;
      this.clear(order);
    } else {
      if (this.unused === this.ordersMax) return NO_ORDER;
      order = this.unused;
      this.unused++;
    }
    const word = order * ORDER_WORDS;
    this.words[word + NEXT_IN_ACCOUNT] = NO_ORDER;
    this.words[word + PREV_IN_ACCOUNT] = NO_ORDER;
    this.words[word + NEXT_IN_LEVEL] = NO_ORDER;
    this.words[word + PREV_IN_LEVEL] = NO_ORDER;
    this.words[word + REPLACE_OF] = NO_ORDER;
    this.words[word + HEAP_POSITION] = -1;
    this.bytes[order * ORDER_BYTES + STATE] = ORDER_LIFE.PENDING;
    this.live++;
    return order;
  }

  free(order: number): void {
    assert(this.state(order) !== ORDER_LIFE.FREE, "an order is freed twice");
    this.bytes[order * ORDER_BYTES + STATE] = ORDER_LIFE.FREE;
    this.words[order * ORDER_WORDS + NEXT_IN_LEVEL] = this.firstFree;
    this.firstFree = order;
    this.live--;
  }

  /** Where the order's ClOrdID starts in `view`. */
  clOrdIdOffset(order: number): number {
    return order * ORDER_BYTES + CL_ORD_ID;
  }

  /** ORDER_LIFE. */
  state(order: number): number {
    return this.bytes[order * ORDER_BYTES + STATE]!;
  }
  setState(order: number, value: number): void {
    this.bytes[order * ORDER_BYTES + STATE] = value;
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

  nextInAccount(order: number): number {
    return this.words[order * ORDER_WORDS + NEXT_IN_ACCOUNT]!;
  }
  setNextInAccount(order: number, value: number): void {
    this.words[order * ORDER_WORDS + NEXT_IN_ACCOUNT] = value;
  }

  prevInAccount(order: number): number {
    return this.words[order * ORDER_WORDS + PREV_IN_ACCOUNT]!;
  }
  setPrevInAccount(order: number, value: number): void {
    this.words[order * ORDER_WORDS + PREV_IN_ACCOUNT] = value;
  }

  /** The venue's: the order behind in the queue, or NO_ORDER. */
  nextInLevel(order: number): number {
    return this.words[order * ORDER_WORDS + NEXT_IN_LEVEL]!;
  }
  setNextInLevel(order: number, value: number): void {
    this.words[order * ORDER_WORDS + NEXT_IN_LEVEL] = value;
  }

  prevInLevel(order: number): number {
    return this.words[order * ORDER_WORDS + PREV_IN_LEVEL]!;
  }
  setPrevInLevel(order: number, value: number): void {
    this.words[order * ORDER_WORDS + PREV_IN_LEVEL] = value;
  }

  /** The venue's: the queue's level, or NO_LEVEL when not in the book. */
  level(order: number): number {
    return this.words[order * ORDER_WORDS + LEVEL]!;
  }
  setLevel(order: number, value: number): void {
    this.words[order * ORDER_WORDS + LEVEL] = value;
  }

  /** The venue's: requests about this order that it holds back. */
  pending(order: number): number {
    return this.words[order * ORDER_WORDS + PENDING]!;
  }
  setPending(order: number, value: number): void {
    this.words[order * ORDER_WORDS + PENDING] = value;
  }

  /** The lane's: the target of a replacement, or NO_ORDER. */
  replaceOf(order: number): number {
    return this.words[order * ORDER_WORDS + REPLACE_OF]!;
  }
  setReplaceOf(order: number, value: number): void {
    this.words[order * ORDER_WORDS + REPLACE_OF] = value;
  }

  /** The lane's: the channel's highest number before this one. */
  previousHigh(order: number): number {
    return this.words[order * ORDER_WORDS + PREVIOUS_HIGH]! >>> 0;
  }
  setPreviousHigh(order: number, value: number): void {
    this.words[order * ORDER_WORDS + PREVIOUS_HIGH] = value;
  }

  /** The expiry heap's: place in the heap, or -1. */
  heapPosition(order: number): number {
    return this.words[order * ORDER_WORDS + HEAP_POSITION]!;
  }
  setHeapPosition(order: number, value: number): void {
    this.words[order * ORDER_WORDS + HEAP_POSITION] = value;
  }

  /** The lane's: what was asked about this order and waits behind a mass cancel. */
  waiting(order: number): number {
    return this.words[order * ORDER_WORDS + WAITING]!;
  }
  setWaiting(order: number, value: number): void {
    this.words[order * ORDER_WORDS + WAITING] = value;
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

  /** The expiry heap's: the order in which it was given the orders. */
  expiryEntry(order: number): number {
    return this.doubles[order * ORDER_DOUBLES + EXPIRY_ENTRY]!;
  }
  setExpiryEntry(order: number, value: number): void {
    this.doubles[order * ORDER_DOUBLES + EXPIRY_ENTRY] = value;
  }

  save(out: StateWriter): void {
    out.number(this.firstFree);
    out.number(this.unused);
    out.number(this.live);
    out.array(this.words, 0, this.unused * ORDER_WORDS);
  }
  restore(from: StateReader): void {
    this.firstFree = from.number();
    this.unused = from.number();
    this.live = from.number();
    assert(this.unused <= this.ordersMax, "more orders were used than there is room for");
    from.array(this.words, 0, this.unused * ORDER_WORDS);
  }

  private clear(order: number): void {
    const end = (order + 1) * ORDER_WORDS;
    for (let word = order * ORDER_WORDS; word < end; word++) this.words[word] = 0;
  }
}
