// Where one account's pages lie in the files: runs of pages that were written at once. Sparse: a run is up to 64 pages,
// and which of them holds a packet, the pages themselves say.

import type { StateReader, StateWriter } from "../journal/state-stream.ts";
import { CHUNK_PAGES_MAX } from "./outbox-page-layout.ts";

/** Doubles of a run: its first sequence, and place × PLACE_STEP + pages. */
const RUN_DOUBLES = 2;
const PLACE_STEP = 2 * CHUNK_PAGES_MAX;

export class OutboxRuns {
  count = 0;
  /** So many of them, the first ones, lie in the store, the others in the lane's own file. */
  inStore = 0;
  private values = new Float64Array(4 * RUN_DOUBLES);

  /** `place`: page of the file at which it starts. */
  add(firstSequence: number, place: number, pages: number): void {
    if (this.count * RUN_DOUBLES === this.values.length) this.grow(this.values.length * 2);
    const at = this.count * RUN_DOUBLES;
    this.values[at] = firstSequence;
    this.values[at + 1] = place * PLACE_STEP + pages;
    this.count++;
  }

  firstSequence(run: number): number {
    return this.values[run * RUN_DOUBLES]!;
  }
  place(run: number): number {
    return Math.floor(this.values[run * RUN_DOUBLES + 1]! / PLACE_STEP);
  }
  pages(run: number): number {
    return this.values[run * RUN_DOUBLES + 1]! % PLACE_STEP;
  }

  /** The run that holds a packet; the caller knows that one does. */
  find(sequence: number): number {
    let low = 0;
    let high = this.count - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.firstSequence(middle) <= sequence) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  save(out: StateWriter): void {
    out.number(this.count);
    out.array(this.values, 0, this.count * RUN_DOUBLES);
  }
  /** All of them are in the store then. */
  restore(from: StateReader): void {
    this.count = from.number();
    this.inStore = this.count;
    // An account without runs has only said so.
    if (this.count === 0) return;
    this.grow(Math.max(this.values.length, this.count * RUN_DOUBLES));
    from.array(this.values, 0, this.count * RUN_DOUBLES);
  }

  private grow(length: number): void {
    const values = new Float64Array(length);
    values.set(this.values);
    this.values = values;
  }
}
