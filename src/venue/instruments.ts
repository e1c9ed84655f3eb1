// The instruments a lane knows, numbered in the order in which they were first used or configured (E8). Lane thread.
//
// A symbol travels as two u32 halves, as it stands on the wire. Open addressing. An instrument that has no order keeps
// its number until the table is full; then whoever has had none for longest is forgotten for a new one, or one client
// with invented symbols could take them all.

import { assert } from "../base/assert.ts";
import { hashSecret } from "../base/hash-secret.ts";
import { mixed } from "../base/mixed.ts";
import type { Saved, StateReader, StateWriter } from "../journal/state-stream.ts";
import { IdleInstruments } from "./idle-instruments.ts";

export const NO_INSTRUMENT = -1;

export class Instruments implements Saved {
  readonly instrumentsMax: number;
  private readonly symbols: Uint32Array; // high and low, per instrument
  private readonly ticks: Int32Array;
  private readonly listed: Uint8Array; // 1 = takes new orders
  private readonly places: Int32Array; // instrument + 1; 0 = empty
  private readonly placeMask: number;
  private readonly idle: IdleInstruments;
  private known = 0;

  constructor(instrumentsMax: number) {
    assert(instrumentsMax > 0, "a table of no instruments");
    this.instrumentsMax = instrumentsMax;
    this.symbols = new Uint32Array(instrumentsMax * 2);
    this.ticks = new Int32Array(instrumentsMax);
    this.listed = new Uint8Array(instrumentsMax);
    const placeCount = 2 ** Math.ceil(Math.log2(instrumentsMax * 2));
    this.places = new Int32Array(placeCount);
    this.placeMask = placeCount - 1;
    this.idle = new IdleInstruments(instrumentsMax);
  }

  get count(): number {
    return this.known;
  }
  /** Those that have an order. */
  get inUse(): number {
    return this.known - this.idle.count;
  }
  get isFull(): boolean {
    return this.inUse === this.instrumentsMax;
  }

  find(symbolHigh: number, symbolLow: number): number {
    const instrument = this.places[this.placeOf(symbolHigh, symbolLow)]! - 1;
    return instrument; // an empty place holds 0, which is NO_INSTRUMENT here
  }

  /** The symbol's number, at first use a new one or that of an idle one. NO_INSTRUMENT when the table is full. */
  findOrAdd(symbolHigh: number, symbolLow: number, tickSize: number): number {
    const instrument = this.find(symbolHigh, symbolLow);
    if (instrument !== NO_INSTRUMENT) return instrument;
    if (this.isFull) return NO_INSTRUMENT;
    assert(tickSize >= 1, "a tick is at least the smallest price step");

    const added = this.known < this.instrumentsMax ? this.addNew() : this.forgetIdle();
    this.symbols[added * 2] = symbolHigh;
    this.symbols[added * 2 + 1] = symbolLow;
    this.ticks[added] = tickSize;
    this.listed[added] = 1;
    this.places[this.placeOf(symbolHigh, symbolLow)] = added + 1;
    return added;
  }

  /** An order of the instrument begins: it keeps its number until its last order has ended. */
  takeOrder(instrument: number): void {
    this.idle.takeOrder(instrument);
  }
  giveOrder(instrument: number): void {
    this.idle.giveOrder(instrument);
  }

  symbolHigh(instrument: number): number {
    return this.symbols[instrument * 2]!;
  }
  symbolLow(instrument: number): number {
    return this.symbols[instrument * 2 + 1]!;
  }
  /** In the wire's price units: 100 is one cent. */
  tickSize(instrument: number): number {
    return this.ticks[instrument]!;
  }
  setTickSize(instrument: number, tickSize: number): void {
    assert(tickSize >= 1, "a tick is at least the smallest price step");
    this.ticks[instrument] = tickSize;
  }
  /** New orders are taken. An instrument starts like that; without it, what rests can go on to its end. */
  isListed(instrument: number): boolean {
    return this.listed[instrument] === 1;
  }
  setListed(instrument: number, isListed: boolean): void {
    this.listed[instrument] = isListed ? 1 : 0;
  }

  save(out: StateWriter): void {
    out.number(this.known);
    out.array(this.symbols, 0, this.known * 2);
    out.array(this.ticks, 0, this.known);
    out.array(this.listed, 0, this.known);
    this.idle.save(out, this.known);
  }
  /** In place of those that the configuration named at once: each keeps the number that orders know it by. */
  restore(from: StateReader): void {
    if (this.known > 0) this.places.fill(0); // untouched memory stays untouched
    this.known = from.number();
    assert(this.known <= this.instrumentsMax, "more instruments are known than there is room for");
    from.array(this.symbols, 0, this.known * 2);
    from.array(this.ticks, 0, this.known);
    from.array(this.listed, 0, this.known);
    this.idle.restore(from, this.known);
    for (let instrument = 0; instrument < this.known; instrument++) {
      const place = this.placeOf(this.symbolHigh(instrument), this.symbolLow(instrument));
      this.places[place] = instrument + 1;
    }
  }

  private addNew(): number {
    const added = this.known;
    this.known++;
    this.idle.add(added);
    return added;
  }

  /** Whose symbol is known no longer. */
  private forgetIdle(): number {
    const forgotten = this.idle.first();
    this.emptyPlace(this.placeOf(this.symbolHigh(forgotten), this.symbolLow(forgotten)));
    return forgotten;
  }

  /** Whoever was only pushed on by those before goes back: a search ends at the first empty place. */
  private emptyPlace(place: number): void {
    const { places, placeMask } = this;
    let empty = place;
    for (let next = (place + 1) & placeMask; places[next] !== 0; next = (next + 1) & placeMask) {
      const instrument = places[next]! - 1;
      const home =
        symbolHashOf(this.symbolHigh(instrument), this.symbolLow(instrument)) & placeMask;
      if (((next - home) & placeMask) < ((next - empty) & placeMask)) continue;
      places[empty] = places[next]!;
      empty = next;
    }
    places[empty] = 0;
  }

  /** Where the symbol is, or where it would go. */
  private placeOf(symbolHigh: number, symbolLow: number): number {
    const high = symbolHigh >>> 0;
    const low = symbolLow >>> 0;
    let place = symbolHashOf(high, low) & this.placeMask;
    for (;;) {
      const instrument = this.places[place]! - 1;
      if (instrument === NO_INSTRUMENT) return place;
      if (this.symbols[instrument * 2] === high && this.symbols[instrument * 2 + 1] === low) {
        return place;
      }
      place = (place + 1) & this.placeMask;
    }
  }
}

/** The secret comes before the first half is mixed: what is chosen for the second cannot make up for it. */
export const symbolHashOf = (symbolHigh: number, symbolLow: number, secret = hashSecret): number =>
  mixed(mixed(symbolLow ^ secret) ^ symbolHigh);
