// Order reference numbers (semantics §1.2): 41 bits milliseconds since 2020, 6 bits node, 4 bits lane, 12 bits
// counter. They derive from event time alone, only rise, and come out the same on replay. Lane thread.

import { assert } from "../base/assert.ts";
import { EARLIEST_MIDNIGHT_UTC_MS as EPOCH_MS } from "../base/trading-day.ts";
import type { Saved, StateReader, StateWriter } from "../journal/state-stream.ts";

const COUNTER_BITS = 12;
const LANE_BITS = 4;
const NODE_BITS = 6;
const MS_SHIFT = COUNTER_BITS + LANE_BITS + NODE_BITS;
const COUNTER_MAX = 2 ** COUNTER_BITS - 1;
const MS_LOW_BITS = 32 - MS_SHIFT;

/** Milliseconds since the session's midnight in which a number was given, unless it was borrowed from the next. */
export const referenceEventMs = (high: number, low: number, midnightUtcMs: number): number =>
  high * 2 ** MS_LOW_BITS + (low >>> MS_SHIFT) + EPOCH_MS - midnightUtcMs;

export class References implements Saved {
  /** The latest number, in halves. */
  high = 0;
  low = 0;

  private readonly midnightMs: number; // since 2020
  private readonly place: number; // node and lane, in their bits
  private ms = 0;
  private counter = 0;

  constructor(midnightUtcMs: number, node: number, lane: number) {
    assert(midnightUtcMs >= EPOCH_MS, "a session before 2020");
    assert(node >= 0 && node < 2 ** NODE_BITS, "node has no place in an order reference");
    assert(lane >= 0 && lane < 2 ** LANE_BITS, "lane has no place in an order reference");
    this.midnightMs = midnightUtcMs - EPOCH_MS;
    this.place = (node << (LANE_BITS + COUNTER_BITS)) | (lane << COUNTER_BITS);
  }

  /** Moves on to the next number. A millisecond that is used up borrows from the one to come. */
  next(eventNs: number): void {
    const ms = this.midnightMs + Math.floor(eventNs / 1e6);
    if (ms > this.ms) {
      this.ms = ms;
      this.counter = 0;
    } else if (this.counter < COUNTER_MAX) {
      this.counter++;
    } else {
      this.ms++;
      this.counter = 0;
    }
    this.high = Math.floor(this.ms / 2 ** MS_LOW_BITS);
    this.low = ((this.ms % 2 ** MS_LOW_BITS) * 2 ** MS_SHIFT + this.place + this.counter) >>> 0;
  }

  save(out: StateWriter): void {
    out.number(this.high);
    out.number(this.low);
    out.number(this.ms);
    out.number(this.counter);
    out.number(this.place);
  }
  restore(from: StateReader): void {
    this.high = from.number();
    this.low = from.number();
    this.ms = from.number();
    this.counter = from.number();
    // Another node's numbers of this same millisecond might be lower: they start with the next one.
    if (from.number() !== this.place) this.counter = COUNTER_MAX;
  }
}
