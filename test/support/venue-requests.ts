// Requests to a venue as plain data, so that a venue and its naive twin can be given the same ones.

import type { SeededRandom } from "./seeded-random.ts";

export interface OrderTerms {
  readonly id: number;
  readonly instrument: number;
  readonly side: string;
  readonly quantity: number;
  readonly price: number;
  readonly isHidden: boolean;
  readonly isImmediate: boolean;
  readonly isPostOnly: boolean;
  readonly isUnpriced: boolean;
  /** The collar of an unpriced order. */
  readonly walkPrice: number;
  readonly minQty: number;
}

export type VenueRequest =
  | { readonly kind: "enter"; readonly terms: OrderTerms }
  | { readonly kind: "replace"; readonly target: number; readonly terms: OrderTerms }
  | {
      readonly kind: "cancel";
      readonly target: number;
      readonly intended: number;
      readonly reason: string;
    }
  | {
      readonly kind: "modify";
      readonly target: number;
      readonly intended: number;
      readonly side: string;
    };

const PRICE_MIDDLE = 1_000_000;
const PRICE_TICK = 100;

/** Random requests around one price, dense enough for everything to meet everything. */
export class RequestFlow {
  private readonly random: SeededRandom;
  private readonly instrumentCount: number;
  private readonly priceSpread: number;
  private readonly known: OrderTerms[] = [];

  constructor(random: SeededRandom, instrumentCount: number, priceSpread: number) {
    this.random = random;
    this.instrumentCount = instrumentCount;
    this.priceSpread = priceSpread;
  }

  /** `candidates` are the orders that a request may be about. */
  next(candidates: readonly number[]): VenueRequest {
    const random = this.random;
    const choice = random.below(100);
    const target = candidates[random.below(candidates.length)];
    const targetTerms = target === undefined ? undefined : this.known[target];
    if (choice < 55 || target === undefined || targetTerms === undefined) {
      const side = random.pick(["B", "B", "B", "S", "T", "E"]);
      const instrument = random.below(this.instrumentCount);
      return { kind: "enter", terms: this.terms(instrument, side) };
    }
    if (choice < 75) {
      const drawn = this.terms(targetTerms.instrument, targetTerms.side);
      // Now and then so few shares in all that the chain may have executed as many.
      const quantity = random.below(4) === 0 ? 1 + random.below(5) : drawn.quantity;
      return { kind: "replace", target, terms: this.remember({ ...drawn, quantity }) };
    }
    const intended = random.below(3) === 0 ? 0 : random.below(targetTerms.quantity + 20);
    if (choice < 90) {
      return { kind: "cancel", target, intended, reason: random.pick(["U", "T", "S"]) };
    }
    return { kind: "modify", target, intended, side: random.pick(["B", "S", "T", "E"]) };
  }

  private terms(instrument: number, side: string): OrderTerms {
    const random = this.random;
    const id = this.known.length;
    const isUnpriced = random.below(12) === 0;
    const isImmediate = isUnpriced || random.below(6) === 0;
    const isBuy = side === "B";
    const ticks = random.below(this.priceSpread) - this.priceSpread / 2;
    const collarTicks = random.below(4) === 0 ? 100_000 : random.below(this.priceSpread);
    const away = (isBuy ? 1 : -1) * (collarTicks - this.priceSpread / 2);
    const terms: OrderTerms = {
      id,
      instrument,
      side,
      quantity: random.below(12) === 0 ? 1 + random.below(2000) : 1 + random.below(100),
      price: isUnpriced ? 2_000_000_000 : PRICE_MIDDLE + ticks * PRICE_TICK,
      isHidden: random.below(3) === 0,
      isImmediate,
      isPostOnly: !isImmediate && random.below(6) === 0,
      isUnpriced,
      walkPrice: Math.max(1, PRICE_MIDDLE + away * PRICE_TICK),
      minQty: isImmediate && random.below(3) === 0 ? 1 + random.below(300) : 0,
    };
    return this.remember(terms);
  }

  private remember(terms: OrderTerms): OrderTerms {
    this.known[terms.id] = terms;
    return terms;
  }
}
