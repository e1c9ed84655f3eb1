// Mass cancels on their way: what each asked for, and how far it is. Lane thread. A fixed number, made at first use.

import type { Saved, StateReader, StateWriter } from "../journal/state-stream.ts";
import { hasTag, TAG } from "../protocol/ouch/tag.ts";
import type { Instruments } from "../venue/instruments.ts";
import { NO_ORDER, type OrderSlab } from "../venue/order-slab.ts";

export const MASS_CANCELS_MAX = 4096;

export interface MassCancelTables {
  readonly orders: OrderSlab;
  readonly instruments: Instruments;
}

export class MassCancel implements Saved {
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

  save(out: StateWriter): void {
    out.number(this.account);
    out.number(this.userRefNum);
    out.number(this.userRefIdx);
    out.number(this.firmAsSent);
    out.number(this.firm);
    out.number(this.symbolHigh);
    out.number(this.symbolLow);
    out.number(this.isEverySymbol ? 1 : 0);
    out.number(this.side);
    out.number(this.groupId);
    out.number(this.sinceNs);
    out.number(this.tags);
    out.number(this.waitsFor);
  }
  restore(from: StateReader): void {
    this.account = from.number();
    this.userRefNum = from.number();
    this.userRefIdx = from.number();
    this.firmAsSent = from.number();
    this.firm = from.number();
    this.symbolHigh = from.number();
    this.symbolLow = from.number();
    this.isEverySymbol = from.number() === 1;
    this.side = from.number();
    this.groupId = from.number();
    this.sinceNs = from.number();
    this.tags = from.number();
    this.waitsFor = from.number();
  }

  matches({ orders, instruments }: MassCancelTables, order: number): boolean {
    return (
      orders.firm(order) === this.firm &&
      (this.isEverySymbol || this.hasSymbolOf(instruments, orders.instrument(order))) &&
      (!hasTag(this.tags, TAG.SIDE) || orders.side(order) === this.side) &&
      (!hasTag(this.tags, TAG.GROUP_ID) || orders.groupId(order) === this.groupId)
    );
  }

  /** By its letters: until the work is done, its number may have become another one's. */
  private hasSymbolOf(instruments: Instruments, instrument: number): boolean {
    return (
      instruments.symbolHigh(instrument) === this.symbolHigh &&
      instruments.symbolLow(instrument) === this.symbolLow
    );
  }
}

export class MassCancelPool implements Saved {
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

  save(out: StateWriter): void {
    out.number(this.made.length);
    for (const massCancel of this.made) massCancel.save(out);
    out.number(this.free.length);
    for (const { place } of this.free) out.number(place);
  }
  restore(from: StateReader): void {
    const count = from.number();
    for (let place = 0; place < count; place++) {
      const massCancel = new MassCancel(place);
      massCancel.restore(from);
      this.made.push(massCancel);
    }
    // The one that was given back last is the next to be taken.
    for (let left = from.number(); left > 0; left--) this.free.push(this.at(from.number()));
  }
}
