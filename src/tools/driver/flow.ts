// Decides what the next request of a load run is: a two-sided market around prices that wander. Makers enter around
// the middle, move, shrink and cancel their orders; takers cross the spread. Allocates nothing per request.

import type { LoadMix } from "./load-plan.ts";
import type { OrderModel } from "./order-model.ts";
import type { SeededRandom } from "./seeded-random.ts";

export const ACTION = { ENTER: 0, TAKE: 1, CANCEL: 2, REPLACE: 3, MODIFY: 4 } as const;

const TICK = 100; // one cent, in units of $0.0001
const LOT = 100;
/** Makers stand within so many ticks of the middle, takers reach further than the best of them. */
const DEPTH_TICKS = 15;
const REACH_TICKS = 8;
/** The smallest share of a kind of request that is ever drawn, as a part of all. */
export const SHARE_MIN = 1 / 1024;
/** A middle moves by one tick about so often. */
const REQUESTS_PER_MOVE = 64;

export class Flow {
  /** What choose() decided. Number and kind of the rest depend on the action. */
  action = 0;
  target = 0;
  isBuy = false;
  symbol = 0;
  price = 0;
  quantity = 0;

  private readonly random: SeededRandom;
  private readonly restingMax: number;
  private readonly actionsByDraw: Uint8Array;
  private readonly middles: Int32Array;

  constructor(mix: LoadMix, symbolCount: number, restingMax: number, random: SeededRandom) {
    this.random = random;
    this.restingMax = restingMax;
    this.middles = new Int32Array(symbolCount);
    for (let symbol = 0; symbol < symbolCount; symbol++) {
      this.middles[symbol] = (5_000 + random.below(40_000)) * TICK; // $50 … $450
    }
    const weights = [mix.enter, mix.take, mix.cancel, mix.replace, mix.modify];
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    this.actionsByDraw = new Uint8Array(1 / SHARE_MIN);
    let draw = 0;
    let upTo = 0;
    for (let action = 0; action < weights.length; action++) {
      upTo += weights[action] ?? 0;
      for (; draw < (upTo / total) * this.actionsByDraw.length; draw++) {
        this.actionsByDraw[draw] = action;
      }
    }
  }

  choose(orders: OrderModel): void {
    const { random } = this;
    let action = this.actionsByDraw[random.below(this.actionsByDraw.length)]!;
    if (orders.idleCount >= this.restingMax && action === ACTION.ENTER) action = ACTION.CANCEL;
    if (orders.idleCount === 0 && action > ACTION.TAKE) action = ACTION.ENTER;
    this.action = action;

    if (action === ACTION.ENTER || action === ACTION.TAKE) {
      this.symbol = random.below(this.middles.length);
      this.isBuy = random.next() < 0;
      this.price =
        action === ACTION.ENTER ? this.makerPrice(this.symbol) : this.takerPrice(this.symbol);
      this.quantity = LOT * (1 + random.below(action === ACTION.ENTER ? 5 : 3));
      if (random.below(REQUESTS_PER_MOVE) === 0) this.move(this.symbol);
      return;
    }

    this.target = orders.idleNumber(random.below(orders.idleCount));
    this.symbol = orders.symbolOf(this.target);
    this.isBuy = orders.isBuy(this.target);
    const open = orders.openOf(this.target);
    const executed = orders.executedOf(this.target);
    if (action === ACTION.REPLACE) {
      this.price = this.makerPrice(this.symbol);
      this.quantity = executed + LOT * (1 + random.below(5));
    } else if (action === ACTION.MODIFY || random.below(5) === 0) {
      // To a smaller total; what executes meanwhile may leave nothing of it, which the model explains.
      this.quantity = open > LOT ? executed + open - LOT : 0;
      if (this.quantity === 0) this.action = ACTION.CANCEL;
    } else {
      this.quantity = 0;
    }
  }

  private makerPrice(symbol: number): number {
    const away = (1 + this.random.below(DEPTH_TICKS)) * TICK;
    return this.middles[symbol]! + (this.isBuy ? -away : away);
  }

  private takerPrice(symbol: number): number {
    const reach = this.random.below(REACH_TICKS) * TICK;
    return this.middles[symbol]! + (this.isBuy ? reach : -reach);
  }

  private move(symbol: number): void {
    const step = this.random.next() < 0 ? -TICK : TICK;
    this.middles[symbol] = Math.max(1_000 * TICK, this.middles[symbol]! + step);
  }
}
