// The book as one writes it first: an object per order, a map of levels per side, sorted prices, first come first served.
// Beside the real one in its bench; it knows two sides, prices and shares, and nothing else.

interface RestingOrder {
  readonly id: number;
  readonly isBuy: boolean;
  readonly price: number;
  open: number;
}

class Side {
  readonly levels = new Map<number, RestingOrder[]>();
  /** The best is the last. */
  readonly prices: number[] = [];
  private readonly sign: number;

  constructor(isBuy: boolean) {
    this.sign = isBuy ? 1 : -1;
  }

  get bestPrice(): number | undefined {
    return this.prices.at(-1);
  }

  add(order: RestingOrder): void {
    const level = this.levels.get(order.price);
    if (level !== undefined) {
      level.push(order);
      return;
    }
    this.levels.set(order.price, [order]);
    this.prices.splice(this.placeOf(order.price), 0, order.price);
  }

  remove(order: RestingOrder): void {
    const level = this.levels.get(order.price);
    if (level === undefined) return;
    level.splice(level.indexOf(order), 1);
    if (level.length > 0) return;
    this.levels.delete(order.price);
    this.prices.splice(this.placeOf(order.price), 1);
  }

  private placeOf(price: number): number {
    let from = 0;
    let to = this.prices.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if (((this.prices[middle] ?? 0) - price) * this.sign < 0) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}

export class ObjectBook {
  /** Of what it reported. */
  checksum = 0;
  private readonly buys = new Side(true);
  private readonly sells = new Side(false);
  private readonly orders = new Map<number, RestingOrder>();
  private lastId = 0;

  /** Returns the order's number. */
  enter(isBuy: boolean, price: number, shares: number): number {
    const order: RestingOrder = { id: ++this.lastId, isBuy, price, open: shares };
    const others = isBuy ? this.sells : this.buys;
    for (let best = others.bestPrice; order.open > 0 && best !== undefined; ) {
      if (isBuy ? best > price : best < price) break;
      const [resting] = others.levels.get(best) ?? [];
      if (resting === undefined) break;
      this.trade(order, resting);
      best = others.bestPrice;
    }
    if (order.open > 0) {
      this.orders.set(order.id, order);
      (isBuy ? this.buys : this.sells).add(order);
    }
    this.checksum = (this.checksum + order.id + order.open) | 0;
    return order.id;
  }

  cancel(id: number): void {
    const order = this.orders.get(id);
    if (order === undefined) return;
    this.orders.delete(id);
    (order.isBuy ? this.buys : this.sells).remove(order);
    this.checksum = (this.checksum + id + order.open) | 0;
  }

  private trade(order: RestingOrder, resting: RestingOrder): void {
    const shares = Math.min(order.open, resting.open);
    order.open -= shares;
    resting.open -= shares;
    this.checksum = (this.checksum + order.id + resting.id + shares + resting.price) | 0;
    if (resting.open > 0) return;
    this.orders.delete(resting.id);
    (resting.isBuy ? this.buys : this.sells).remove(resting);
  }
}
