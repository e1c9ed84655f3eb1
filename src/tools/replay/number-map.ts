// From (UserRefIdx, UserRefNum) to a place, for the requests of one account. Its size is known beforehand, so that it
// never grows while a replay measures: a Map of a million numbers stands still for tens of milliseconds when it does.

import { assert } from "../../base/assert.ts";

export const NOWHERE = -1;

export class NumberMap {
  private readonly mask: number;
  private readonly numbers: Uint32Array;
  private readonly channels: Uint8Array;
  /** Place plus one: 0 is an empty cell. */
  private readonly places: Int32Array;
  private readonly entriesMax: number;
  private entries = 0;

  constructor(entriesMax: number) {
    const cells = 2 ** Math.ceil(Math.log2(Math.max(4, 2 * entriesMax)));
    this.mask = cells - 1;
    this.numbers = new Uint32Array(cells);
    this.channels = new Uint8Array(cells);
    this.places = new Int32Array(cells);
    this.entriesMax = entriesMax;
  }

  /** The place of a number, or NOWHERE. */
  find(channel: number, number: number): number {
    return this.places[this.cellOf(channel, number)]! - 1;
  }

  /** Overwrites what the number meant before. */
  set(channel: number, number: number, place: number): void {
    const cell = this.cellOf(channel, number);
    if (this.places[cell] === 0) {
      assert(this.entries < this.entriesMax, "more numbers than the map was made for");
      this.entries++;
    }
    this.numbers[cell] = number;
    this.channels[cell] = channel;
    this.places[cell] = place + 1;
  }

  clear(): void {
    this.places.fill(0);
    this.entries = 0;
  }

  /** The number's cell, or the empty one where it would go. */
  private cellOf(channel: number, number: number): number {
    // Numbers follow each other, and so may their cells; the factor only keeps channels apart.
    let cell = (number + Math.imul(channel, 0x9e3779b1)) & this.mask;
    while (
      this.places[cell] !== 0 &&
      (this.numbers[cell] !== number || this.channels[cell] !== channel)
    ) {
      cell = (cell + 1) & this.mask;
    }
    return cell;
  }
}
