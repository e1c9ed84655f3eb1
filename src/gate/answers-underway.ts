// Answers between the lane's ring and the kernel: the order record of each, in the order in which they were appended
// to a connection, until its write is over. Main thread. Nothing is allocated: a bounded number of places, used again
// last in first out, so that a drain works on few cache lines.

import type { OutboundRecord } from "../memory/outbound-record.ts";
import {
  ORDER_RECORD_BYTES,
  ORDER_RECORD_COPIED_BYTES,
  ORDER_STAMP,
} from "../telemetry/order-record.ts";

/** No place, or the end of a list. */
export const NO_ANSWER = -1;
const RECORD_DOUBLES = ORDER_RECORD_BYTES / Float64Array.BYTES_PER_ELEMENT;

export class AnswersUnderway {
  readonly bytes: Buffer;
  readonly words: Int32Array;
  readonly doubles: Float64Array;
  /** A place that is never taken. */
  readonly spare: number;
  private readonly answersMax: number;
  private readonly following: Int32Array; // by place: the next of its list
  private firstFree = NO_ANSWER;
  private used = 0; // places that were ever used; those behind are free, and no memory yet

  constructor(answersMax: number) {
    const memory = new ArrayBuffer((answersMax + 1) * ORDER_RECORD_BYTES);
    this.bytes = Buffer.from(memory);
    this.words = new Int32Array(memory);
    this.doubles = new Float64Array(memory);
    this.spare = answersMax;
    this.answersMax = answersMax;
    this.following = new Int32Array(answersMax);
  }

  /**
   * Keeps the beginning of an outbound record; `outboundNs` is when the drain began. Returns its place, or NO_ANSWER when
   * all are taken.
   */
  add(record: OutboundRecord, source: Buffer, outboundNs: number): number {
    let place = this.firstFree;
    if (place !== NO_ANSWER) this.firstFree = this.following[place]!;
    else if (this.used < this.answersMax) place = this.used++;
    else return NO_ANSWER;
    this.write(place, record, source, outboundNs);
    this.following[place] = NO_ANSWER;
    return place;
  }

  write(place: number, record: OutboundRecord, source: Buffer, outboundNs: number): void {
    const start = record.baseOffset;
    source.copy(this.bytes, place * ORDER_RECORD_BYTES, start, start + ORDER_RECORD_COPIED_BYTES);
    // It came while the drain was under way.
    const first = place * RECORD_DOUBLES;
    const durableNs = this.doubles[first + ORDER_STAMP.DURABLE_NS]!;
    this.doubles[first + ORDER_STAMP.OUTBOUND_NS] = Math.max(outboundNs, durableNs);
  }

  append(last: number, place: number): void {
    this.following[last] = place;
  }
  next(place: number): number {
    return this.following[place]!;
  }
  free(place: number): void {
    this.following[place] = this.firstFree;
    this.firstFree = place;
  }
}
