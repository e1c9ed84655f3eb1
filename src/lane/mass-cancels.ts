// Mass cancels on their way: what each asked for, and how far it is. Lane thread. A fixed number, made at first use.

import { hasTag, TAG } from "../protocol/ouch/tag.ts";
import { NO_INSTRUMENT } from "../venue/instruments.ts";
import { NO_ORDER, type OrderSlab } from "../venue/order-slab.ts";

export const MASS_CANCELS_MAX = 4096;

export class MassCancel {
  /** Place in the pool. */
  readonly place: number;

  account = 0;
  userRefNum = 0;
  userRefIdx = 0;
  /** As it stood in the request, which may have left it blank. */
  firmAsSent = 0;
  firm = 0;
  symbolHigh = 0;
  symbolLow = 0;
  /** Every symbol, or the one. */
  isEverySymbol = true;
  instrument = NO_INSTRUMENT;
  side = 0;
  groupId = 0;
  /** Stamp of the request, for what it causes. */
  sinceNs = 0;
  /** Which tags the request carried. */
  tags = 0;
  /** The order whose own cancel must come first, or NO_ORDER. */
  waitsFor = NO_ORDER;

  constructor(place: number) {
    this.place = place;
  }

  matches(orders: OrderSlab, order: number): boolean {
    return (
      orders.firm(order) === this.firm &&
      (this.isEverySymbol || orders.instrument(order) === this.instrument) &&
      (!hasTag(this.tags, TAG.SIDE) || orders.side(order) === this.side) &&
      (!hasTag(this.tags, TAG.GROUP_ID) || orders.groupId(order) === this.groupId)
    );
  }
}

export class MassCancelPool {
  private readonly made: MassCancel[] = [];
  private readonly free: MassCancel[] = [];

  /** Undefined when too many are on their way. */
  take(): MassCancel | undefined {
    const freed = this.free.pop();
    if (freed !== undefined) return freed;
    if (this.made.length === MASS_CANCELS_MAX) return undefined;
    const added = new MassCancel(this.made.length);
    this.made.push(added);
    return added;
  }
  give(massCancel: MassCancel): void {
    this.free.push(massCancel);
  }
  at(place: number): MassCancel {
    return this.made[place]!;
  }
}
