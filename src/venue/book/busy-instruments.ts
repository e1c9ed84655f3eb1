// Instruments with unfinished work, in the order in which they get their next turn. Lane thread.

import { assert } from "../../base/assert.ts";
import type { Saved, StateReader, StateWriter } from "../../journal/state-stream.ts";
import { NO_INSTRUMENT } from "../instruments.ts";

export class BusyInstruments implements Saved {
  private readonly queue: Int32Array; // a circle: each instrument is in it at most once
  private readonly busy: Uint8Array;
  private head = 0;
  private length = 0;

  constructor(instrumentsMax: number) {
    this.queue = new Int32Array(instrumentsMax);
    this.busy = new Uint8Array(instrumentsMax);
  }

  get count(): number {
    return this.length;
  }
  has(instrument: number): boolean {
    return this.busy[instrument] === 1;
  }
  first(): number {
    return this.length === 0 ? NO_INSTRUMENT : this.queue[this.head]!;
  }

  add(instrument: number): void {
    assert(!this.has(instrument), "an instrument is busy twice");
    let place = this.head + this.length;
    if (place >= this.queue.length) place -= this.queue.length;
    this.queue[place] = instrument;
    this.busy[instrument] = 1;
    this.length++;
  }

  removeFirst(): void {
    assert(this.length > 0, "no instrument is busy");
    this.busy[this.first()] = 0;
    this.head = this.head + 1 === this.queue.length ? 0 : this.head + 1;
    this.length--;
  }

  save(out: StateWriter): void {
    out.number(this.length);
    for (let index = 0; index < this.length; index++) {
      out.number(this.queue[(this.head + index) % this.queue.length]!);
    }
  }
  restore(from: StateReader): void {
    for (let left = from.number(); left > 0; left--) this.add(from.number());
  }
}
