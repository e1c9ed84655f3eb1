// Latency counts of one thread, many series in one block: what the scribe makes histograms of.
//
//   place    written by   read by   what
//   SECOND   the thread   scribe    second of the common clock that is being counted; stored after its maxima are 0
//   per series:
//     maxima  the thread  scribe    exact maximum of each of the last 64 seconds, at second & 63
//     sum     the thread  scribe    of all values, nanoseconds
//     edges   the thread  scribe    exact counts by LATENCY_EDGES_NS, not cumulative; their sum is the series' count
//     counts  the thread  scribe    in the HDR layout, 32 bits: a reader takes differences
//
// All plain but SECOND, one writer (E5), never reset: a snapshot is no moment, but each count in it was true once.

import { assert } from "../base/assert.ts";
import { type HdrPrecision, hdrIndex } from "./hdr-index.ts";
import { EDGE_COUNT, edgeIndex } from "./latency-edges.ts";

const SECOND = 0;
const HEADER_BYTES = 128;
export const SECONDS_KEPT = 64;
const SUM = SECONDS_KEPT;
const EDGES = SUM + 1;
const DOUBLES = EDGES + EDGE_COUNT;
const NS_PER_SECOND = 1e9;

const seriesBytes = ({ countsLength }: HdrPrecision): number =>
  DOUBLES * Float64Array.BYTES_PER_ELEMENT + countsLength * Uint32Array.BYTES_PER_ELEMENT;

export const createSharedCounts = (
  seriesCount: number,
  precision: HdrPrecision,
): SharedArrayBuffer => new SharedArrayBuffer(HEADER_BYTES + seriesCount * seriesBytes(precision));

/** The one thread that counts. */
export class CountsWriter {
  private readonly words: Int32Array;
  private readonly counts: Uint32Array;
  private readonly doubles: Float64Array;
  private readonly halfBits: number;
  private readonly seriesCount: number;
  private readonly stride: number; // bytes
  private second: number;

  constructor(memory: SharedArrayBuffer, precision: HdrPrecision) {
    this.words = new Int32Array(memory);
    this.counts = new Uint32Array(memory);
    this.doubles = new Float64Array(memory);
    this.halfBits = precision.halfBits;
    this.stride = seriesBytes(precision);
    this.seriesCount = (memory.byteLength - HEADER_BYTES) / this.stride;
    this.second = Atomics.load(this.words, SECOND);
  }

  /** Before values of this moment are recorded, and now and then without any: starts the maxima of its second. */
  moveTo(nowNs: number): void {
    const second = Math.floor(nowNs / NS_PER_SECOND);
    if (second === this.second) return;
    const first = Math.max(this.second + 1, second - SECONDS_KEPT + 1);
    for (let series = 0; series < this.seriesCount; series++) {
      const base = (HEADER_BYTES + series * this.stride) >> 3;
      for (let each = first; each <= second; each++) this.doubles[base + (each & 63)] = 0;
    }
    this.second = second;
    Atomics.store(this.words, SECOND, second);
  }

  /** The time from one stamp to another: handed over as places, since a double would be an object. */
  recordSpan(series: number, stamps: Float64Array, from: number, to: number): void {
    // Two threads' clocks may differ by some hundred nanoseconds.
    this.record(series, Math.max(0, stamps[to]! - stamps[from]!));
  }

  record(series: number, valueNs: number): void {
    const base = HEADER_BYTES + series * this.stride;
    const double = base >> 3;
    const { doubles } = this;
    const maximum = double + (this.second & 63);
    if (valueNs > doubles[maximum]!) doubles[maximum] = valueNs;
    doubles[double + SUM]! += valueNs;
    doubles[double + EDGES + edgeIndex(valueNs)]! += 1;
    const firstCount = (base >> 2) + DOUBLES * 2;
    this.counts[firstCount + hdrIndex(valueNs, this.halfBits)]! += 1;
  }
}

/** Any thread. */
export class CountsReader {
  readonly seriesCount: number;
  readonly precision: HdrPrecision;
  private readonly words: Int32Array;
  private readonly counts: Uint32Array;
  private readonly doubles: Float64Array;
  private readonly stride: number;

  constructor(memory: SharedArrayBuffer, precision: HdrPrecision) {
    this.words = new Int32Array(memory);
    this.counts = new Uint32Array(memory);
    this.doubles = new Float64Array(memory);
    this.precision = precision;
    this.stride = seriesBytes(precision);
    this.seriesCount = (memory.byteLength - HEADER_BYTES) / this.stride;
  }

  /** How many values were recorded. Cheap: tells whether anything is new. */
  count(series: number): number {
    const edges = this.firstDouble(series) + EDGES;
    let count = 0;
    for (let edge = 0; edge < EDGE_COUNT; edge++) count += this.doubles[edges + edge]!;
    return count;
  }
  sumNs(series: number): number {
    return this.doubles[this.firstDouble(series) + SUM]!;
  }
  /** Values up to each edge and above the one before; the last is beyond all edges. */
  edges(series: number): Float64Array {
    const edges = this.firstDouble(series) + EDGES;
    return this.doubles.slice(edges, edges + EDGE_COUNT);
  }
  /** A window on the live counts, in the HDR layout; they wrap at 2^32. */
  liveCounts(series: number): Uint32Array {
    const first = (this.firstDouble(series) + DOUBLES) * 2;
    return this.counts.subarray(first, first + this.precision.countsLength);
  }
  /** The second being counted. */
  get second(): number {
    return Atomics.load(this.words, SECOND);
  }
  /** Exact maximum of a second that is over and among the last 62; 0 = nothing was recorded, or it is gone. */
  maximumNs(series: number, second: number): number {
    const age = this.second - second;
    if (age <= 0 || age >= SECONDS_KEPT - 1) return 0;
    return this.doubles[this.firstDouble(series) + (second & 63)]!;
  }

  private firstDouble(series: number): number {
    return (HEADER_BYTES + series * this.stride) >> 3;
  }
}

assert(SECONDS_KEPT === 64, "maxima are not found by second & 63");
