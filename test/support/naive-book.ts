// The book's naive twin, written from the sentences of the semantics (§4) and not from the book: lists, a sort before
// every trade, each request carried out whole when it arrives. Slow and easy to believe.

import type { OrderTerms, VenueRequest } from "./venue-requests.ts";

export interface NaiveOrder {
  readonly terms: OrderTerms;
  side: string;
  open: number;
  executed: number;
  /** When it came to rest: its place in time. */
  restedAt: number;
  isLive: boolean;
}

const IGNORED_DEAD_TARGET = 3;
const IGNORED_SUPERFLUOUS = 4;

export class NaiveBook {
  readonly orders = new Map<number, NaiveOrder>();
  private resting: NaiveOrder[] = [];
  private readonly report: (event: string, instrument: number) => void;
  private matchNumber = 0;
  private time = 0;

  constructor(report: (event: string, instrument: number) => void) {
    this.report = report;
  }

  /** Orders that are neither filled nor canceled: between two requests all of them rest. */
  get live(): readonly NaiveOrder[] {
    return this.resting;
  }

  /** `serial` names the request: each answer names the request that it answers. */
  handle(request: VenueRequest, serial: number): void {
    if (request.kind === "enter") {
      const order = this.make(request.terms, 0);
      const isDead = this.isDeadAtOnce(order);
      this.say(
        order,
        `accepted ${order.terms.id} ${isDead ? "D" : "L"} open ${order.open} #${serial}`,
      );
      if (isDead) this.die(order);
      else this.trade(order);
      return;
    }
    const target = this.orders.get(request.target);
    if (target === undefined) throw new Error("a request about an order that never was");
    const id = target.terms.id;

    if (request.kind === "replace") {
      if (!target.isLive) {
        const replacement = this.make(request.terms, 0);
        this.say(target, `too late ${id} ${replacement.terms.id} #${serial}`);
        this.die(replacement);
        return;
      }
      const order = this.make(request.terms, target.executed);
      const isDead = this.isDeadAtOnce(order);
      const state = isDead ? "D" : "L";
      const chain = `open ${order.open} executed ${order.executed} #${serial}`;
      this.say(target, `replaced ${id} ${order.terms.id} ${state} ${chain}`);
      this.die(target);
      if (isDead) this.die(order);
      else this.trade(order);
      return;
    }

    if (!target.isLive) {
      this.say(target, `ignored ${id} ${IGNORED_DEAD_TARGET} #${serial}`);
      return;
    }
    const open = Math.max(0, request.intended - target.executed);
    const shares = target.open - open;
    if (request.kind === "cancel") {
      if (shares <= 0) {
        this.say(target, `ignored ${id} ${IGNORED_SUPERFLUOUS} #${serial}`);
        return;
      }
      target.open = open;
      this.say(target, `canceled ${id} ${shares} ${request.reason} open ${open} #${serial}`);
      if (open === 0) this.die(target);
      return;
    }
    const isSameSide = request.side === target.side;
    const isSellKind = request.side !== "B" && target.side !== "B";
    if ((!isSameSide && !isSellKind) || shares < 0 || (shares === 0 && isSameSide)) {
      this.say(target, `ignored ${id} ${IGNORED_SUPERFLUOUS} #${serial}`);
      return;
    }
    target.open = open;
    if (open === 0) {
      this.say(target, `canceled ${id} ${shares} U open 0 #${serial}`);
      this.die(target);
    } else {
      target.side = request.side;
      this.say(target, `modified ${id} ${target.side} open ${open} #${serial}`);
    }
  }

  private make(terms: OrderTerms, executed: number): NaiveOrder {
    const open = Math.max(0, terms.quantity - executed);
    const order = { terms, side: terms.side, open, executed, restedAt: -1, isLive: true };
    this.orders.set(terms.id, order);
    return order;
  }

  private die(order: NaiveOrder): void {
    order.isLive = false;
    this.resting = this.resting.filter((other) => other !== order);
    this.say(order, `done ${order.terms.id}`);
  }

  private say(order: NaiveOrder, event: string): void {
    this.report(event, order.terms.instrument);
  }

  /** Every resting order of the other side, the one with the highest priority first. */
  private contras(order: NaiveOrder): NaiveOrder[] {
    const isBuy = order.side === "B";
    const contras = this.resting.filter(
      (contra) =>
        contra.terms.instrument === order.terms.instrument && (contra.side === "B") !== isBuy,
    );
    return contras.sort((one, other) => {
      const byPrice = (one.terms.price - other.terms.price) * (isBuy ? 1 : -1);
      const byDisplay = Number(one.terms.isHidden) - Number(other.terms.isHidden);
      return byPrice || byDisplay || one.restedAt - other.restedAt;
    });
  }

  private meets(order: NaiveOrder, contra: NaiveOrder): boolean {
    const limit = order.terms.isUnpriced ? order.terms.walkPrice : order.terms.price;
    return order.side === "B" ? contra.terms.price <= limit : contra.terms.price >= limit;
  }

  private isDeadAtOnce(order: NaiveOrder): boolean {
    const contras = this.contras(order).filter((contra) => this.meets(order, contra));
    if (order.open === 0) return true;
    if (order.terms.isPostOnly && contras.length > 0) return true;
    if (!order.terms.isUnpriced && !order.terms.isImmediate) return false;
    if (contras.length === 0) return true;
    const there = contras.reduce((shares, contra) => shares + contra.open, 0);
    return Math.min(there, order.open) < order.terms.minQty;
  }

  private trade(order: NaiveOrder): void {
    for (;;) {
      const best = this.contras(order)[0];
      if (order.open === 0) {
        this.die(order);
        return;
      }
      if (best === undefined || !this.meets(order, best)) {
        if (!order.terms.isUnpriced && !order.terms.isImmediate) {
          order.restedAt = this.time;
          this.time++;
          this.resting.push(order);
          return;
        }
        const reason = order.terms.isUnpriced && best !== undefined ? "K" : "I";
        const shares = order.open;
        order.open = 0;
        this.say(order, `canceled ${order.terms.id} ${shares} ${reason} open 0`);
        this.die(order);
        return;
      }
      const shares = Math.min(order.open, best.open);
      this.matchNumber++;
      this.sayExecuted(best, shares, best.terms.price, best.terms.isHidden ? "J" : "A");
      this.sayExecuted(order, shares, best.terms.price, "R");
      for (const side of [best, order]) {
        side.open -= shares;
        side.executed += shares;
      }
      if (best.open === 0) this.die(best);
    }
  }

  private sayExecuted(order: NaiveOrder, shares: number, price: number, liquidity: string): void {
    const carried = `open ${order.open} executed ${order.executed}`;
    const trade = `${shares} at ${price} ${liquidity} match ${this.matchNumber}`;
    this.say(order, `executed ${order.terms.id} ${trade} ${carried}`);
  }
}
