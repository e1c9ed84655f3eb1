// The orders that rest in the books: price, then displayed before hidden, then time (semantics §4.1). Lane thread.
//
// Each level has two queues, the displayed orders and the hidden ones; both are chained through the slab's entries.

import type { Saved, StateReader, StateWriter } from "../../journal/state-stream.ts";
import { DISPLAY, SIDE } from "../../protocol/ouch/codes.ts";
import type { Shelf } from "../amendments.ts";
import { NO_LEVEL, NO_ORDER, type OrderSlab } from "../order-slab.ts";
import { LevelSlab } from "./level-slab.ts";
import { LevelTree } from "./level-tree.ts";

/** A side of a book: its tree of levels. */
export const bookSide = (instrument: number, side: number): number =>
  instrument * 2 + (side === SIDE.BUY ? 0 : 1);
export const contraSide = (bookSide: number): number => bookSide ^ 1;
const isBuySide = (bookSide: number): boolean => (bookSide & 1) === 0;

/** Prices as the levels of a side are keyed: the better the price, the smaller the key. */
export const priceKey = (bookSide: number, price: number): number =>
  isBuySide(bookSide) ? -price : price;
export const keyPrice = (bookSide: number, key: number): number =>
  isBuySide(bookSide) ? -key : key;

export class RestingOrders implements Shelf, Saved {
  readonly levels: LevelSlab;
  readonly tree: LevelTree;
  private readonly orders: OrderSlab;

  constructor(orders: OrderSlab, instrumentsMax: number) {
    this.orders = orders;
    this.levels = new LevelSlab(orders.ordersMax);
    this.tree = new LevelTree(this.levels, instrumentsMax * 2);
  }

  /** Puts an order at the end of its queue. */
  add(order: number): void {
    const orders = this.orders;
    const side = bookSide(orders.instrument(order), orders.side(order));
    const level = this.tree.findOrAdd(side, priceKey(side, orders.price(order)));
    orders.setLevel(order, level);
    this.append(level, order);
    this.tree.addShares(level, orders.open(order));
  }

  /** Takes an order out of the book, with all that is open of it. */
  remove(order: number): void {
    const orders = this.orders;
    const level = orders.level(order);
    this.tree.addShares(level, -orders.open(order));
    this.unlink(level, order);
    this.dropIfEmpty(level);
  }

  /** Some shares leave an order that stays where it is. */
  reduce(order: number, shares: number): void {
    this.tree.addShares(this.orders.level(order), -shares);
  }

  /** The level's next order to trade, or NO_ORDER. */
  first(level: number): number {
    const shown = this.levels.shownHead(level);
    return shown !== NO_ORDER ? shown : this.levels.hiddenHead(level);
  }

  /** Takes a fully traded order out of its queue; the level's shares are the caller's to settle. */
  unlink(level: number, order: number): void {
    const orders = this.orders;
    const levels = this.levels;
    const ahead = orders.prevInLevel(order);
    const behind = orders.nextInLevel(order);
    const isHidden = orders.display(order) === DISPLAY.HIDDEN;
    if (ahead !== NO_ORDER) orders.setNextInLevel(ahead, behind);
    else if (isHidden) levels.setHiddenHead(level, behind);
    else levels.setShownHead(level, behind);
    if (behind !== NO_ORDER) orders.setPrevInLevel(behind, ahead);
    else if (isHidden) levels.setHiddenTail(level, ahead);
    else levels.setShownTail(level, ahead);
    orders.setNextInLevel(order, NO_ORDER);
    orders.setPrevInLevel(order, NO_ORDER);
    orders.setLevel(order, NO_LEVEL);
  }

  dropIfEmpty(level: number): void {
    if (this.first(level) === NO_ORDER) this.tree.remove(level);
  }

  save(out: StateWriter): void {
    this.levels.save(out);
    this.tree.save(out);
  }
  restore(from: StateReader): void {
    this.levels.restore(from);
    this.tree.restore(from);
  }

  private append(level: number, order: number): void {
    const orders = this.orders;
    const levels = this.levels;
    if (orders.display(order) === DISPLAY.HIDDEN) {
      const tail = levels.hiddenTail(level);
      if (tail === NO_ORDER) levels.setHiddenHead(level, order);
      else orders.setNextInLevel(tail, order);
      orders.setPrevInLevel(order, tail);
      levels.setHiddenTail(level, order);
    } else {
      const tail = levels.shownTail(level);
      if (tail === NO_ORDER) levels.setShownHead(level, order);
      else orders.setNextInLevel(tail, order);
      orders.setPrevInLevel(order, tail);
      levels.setShownTail(level, order);
    }
  }
}
