// How many orders each instrument has, and those that have none, the one that has had none for longest first: the place
// of an instrument that nobody needs is the next one's. Lane thread.

import { assert } from "../base/assert.ts";
import type { StateReader, StateWriter } from "../journal/state-stream.ts";

/** In place of an instrument: the list's own end, so that untouched memory is one that is in no list. */
const END = 0;

export class IdleInstruments {
  private readonly orders: Int32Array;
  // A circle of instrument + 1 through END.
  private readonly next: Int32Array;
  private readonly previous: Int32Array;
  private length = 0;

  constructor(instrumentsMax: number) {
    this.orders = new Int32Array(instrumentsMax);
    this.next = new Int32Array(instrumentsMax + 1);
    this.previous = new Int32Array(instrumentsMax + 1);
  }

  get count(): number {
    return this.length;
  }
  /** Idle for longest; -1: none is. */
  first(): number {
    return this.next[END]! - 1;
  }

  /** An instrument that has no order yet. */
  add(instrument: number): void {
    const last = this.previous[END]!;
    this.link(last, instrument + 1);
    this.link(instrument + 1, END);
    this.length++;
  }

  takeOrder(instrument: number): void {
    const before = this.orders[instrument]!;
    this.orders[instrument] = before + 1;
    if (before > 0) return;
    this.link(this.previous[instrument + 1]!, this.next[instrument + 1]!);
    this.length--;
  }
  giveOrder(instrument: number): void {
    const left = this.orders[instrument]! - 1;
    assert(left >= 0, "an instrument gives an order that it never took");
    this.orders[instrument] = left;
    if (left === 0) this.add(instrument);
  }

  save(out: StateWriter, known: number): void {
    out.number(this.length);
    out.array(this.orders, 0, known);
    out.array(this.next, 0, known + 1);
    out.array(this.previous, 0, known + 1);
  }
  restore(from: StateReader, known: number): void {
    this.length = from.number();
    from.array(this.orders, 0, known);
    from.array(this.next, 0, known + 1);
    from.array(this.previous, 0, known + 1);
  }

  private link(left: number, right: number): void {
    this.next[left] = right;
    this.previous[right] = left;
  }
}
