// Latency counts of one thread, many series in one block: what the scribe makes histograms of.
//
//   place    written by   read by   what
//   SECOND   the thread   scribe    second of the common clock that is being counted; stored after its maxima are 0
//   sums     the thread   scribe    by series: of all values, nanoseconds
//   maxima   the thread   scribe    by second & 63, then by series: exact, of each of the last 64 seconds
//   per series:
//     edges   the thread  scribe    exact counts by LATENCY_EDGES_NS, not cumulative; their sum is the series' count
//     counts  the thread  scribe    in the HDR layout, 32 bits: a reader takes differences
//
// All plain but SECOND, one writer (E5), never reset: a snapshot is no moment, but each count in it was true once. What
// one answer touches in all of its series lies together where it can: an answer has nine of them.

import { assert } from "../base/assert.ts";
import { type HdrPrecision, hdrIndex } from "./hdr-index.ts";
import { EDGE_COUNT, edgeIndex } from "./latency-edges.ts";

const SECOND = 0;
const HEADER_BYTES = 128;
export const SECONDS_KEPT = 64;
const NS_PER_SECOND = 1e9;
const SUMS = HEADER_BYTES / Float64Array.BYTES_PER_ELEMENT; // double

/** Where everything of a block is, in doubles from its beginning. */
const maximaAt = (seriesCount: number): number => SUMS + seriesCount;
const maximaOf = (second: number, seriesCount: number): number =>
  maximaAt(seriesCount) + (second & (SECONDS_KEPT - 1)) * seriesCount;
const seriesAt = (seriesCount: number): number =>
  maximaAt(seriesCount) + SECONDS_KEPT * seriesCount;
/** Of one series: edges, then counts, two to a double. */
const seriesDoubles = ({ countsLength }: HdrPrecision): number => EDGE_COUNT + countsLength / 2;
const blockDoubles = (seriesCount: number, precision: HdrPrecision): number =>
  seriesAt(seriesCount) + seriesCount * seriesDoubles(precision);

export const createSharedCounts = (
  seriesCount: number,
  precision: HdrPrecision,
): SharedArrayBuffer =>
  new SharedArrayBuffer(blockDoubles(seriesCount, precision) * Float64Array.BYTES_PER_ELEMENT);

function seriesIn(memory: SharedArrayBuffer, precision: HdrPrecision): number {
  const doubles = memory.byteLength / Float64Array.BYTES_PER_ELEMENT - SUMS;
  const seriesCount = doubles / (1 + SECONDS_KEPT + seriesDoubles(precision));
  assert(Number.isInteger(seriesCount), "the block is not of this precision");
  return seriesCount;
}

/** The one thread that counts. */
export class CountsWriter {
  private readonly words: Int32Array;
  private readonly counts: Uint32Array;
  private readonly doubles: Float64Array;
  private readonly halfBits: number;
  private readonly seriesCount: number;
  private readonly firstSeries: number; // double
  private readonly stride: number; // doubles
  private second: number;
  private maxima: number; // double, of the second that is being counted

  constructor(memory: SharedArrayBuffer, precision: HdrPrecision) {
    this.words = new Int32Array(memory);
    this.counts = new Uint32Array(memory);
    this.doubles = new Float64Array(memory);
    this.halfBits = precision.halfBits;
    this.stride = seriesDoubles(precision);
    this.seriesCount = seriesIn(memory, precision);
    this.firstSeries = seriesAt(this.seriesCount);
    this.second = Atomics.load(this.words, SECOND);
    this.maxima = maximaOf(this.second, this.seriesCount);
  }

  /** Before values of this moment are recorded, and now and then without any: starts the maxima of its second. */
  moveTo(nowNs: number): void {
    const second = Math.floor(nowNs / NS_PER_SECOND);
    if (second === this.second) return;
    const { doubles, seriesCount } = this;
    const first = Math.max(this.second + 1, second - SECONDS_KEPT + 1);
    for (let each = first; each <= second; each++) {
      const maxima = maximaOf(each, seriesCount);
      doubles.fill(0, maxima, maxima + seriesCount);
    }
    this.second = second;
    this.maxima = maximaOf(second, seriesCount);
    Atomics.store(this.words, SECOND, second);
  }

  /** The time from one stamp to another: handed over as places, since a double would be an object. */
  recordSpan(series: number, stamps: Float64Array, from: number, to: number): void {
    // Two threads' clocks may differ by some hundred nanoseconds.
    this.record(series, Math.max(0, stamps[to]! - stamps[from]!));
  }

  record(series: number, valueNs: number): void {
    const { doubles } = this;
    const maximum = this.maxima + series;
    if (valueNs > doubles[maximum]!) doubles[maximum] = valueNs;
    doubles[SUMS + series]! += valueNs;
    const edges = this.firstSeries + series * this.stride;
    doubles[edges + edgeIndex(valueNs)]! += 1;
    this.counts[(edges + EDGE_COUNT) * 2 + hdrIndex(valueNs, this.halfBits)]! += 1;
  }
}

/** Any thread. */
export class CountsReader {
  readonly seriesCount: number;
  readonly precision: HdrPrecision;
  private readonly words: Int32Array;
  private readonly counts: Uint32Array;
  private readonly doubles: Float64Array;
  private readonly stride: number; // doubles

  constructor(memory: SharedArrayBuffer, precision: HdrPrecision) {
    this.words = new Int32Array(memory);
    this.counts = new Uint32Array(memory);
    this.doubles = new Float64Array(memory);
    this.precision = precision;
    this.stride = seriesDoubles(precision);
    this.seriesCount = seriesIn(memory, precision);
  }

  /** How many values were recorded. Cheap: tells whether anything is new. */
  count(series: number): number {
    const edges = this.edgesOf(series);
    let count = 0;
    for (let edge = 0; edge < EDGE_COUNT; edge++) count += this.doubles[edges + edge]!;
    return count;
  }
  sumNs(series: number): number {
    return this.doubles[SUMS + series]!;
  }
  /** Values up to each edge and above the one before; the last is beyond all edges. */
  edges(series: number): Float64Array {
    const edges = this.edgesOf(series);
    return this.doubles.slice(edges, edges + EDGE_COUNT);
  }
  /** A window on the live counts, in the HDR layout; they wrap at 2^32. */
  liveCounts(series: number): Uint32Array {
    const first = (this.edgesOf(series) + EDGE_COUNT) * 2;
    return this.counts.subarray(first, first + this.precision.countsLength);
  }
  /** The second being counted. */
  get second(): number {
    return Atomics.load(this.words, SECOND);
  }
  /** Exact maximum of one of the last 63 seconds, of the present one so far; 0 = nothing was recorded, or it is gone. */
  maximumNs(series: number, second: number): number {
    const age = this.second - second;
    if (age < 0 || age >= SECONDS_KEPT - 1) return 0;
    return this.doubles[maximaOf(second, this.seriesCount) + series]!;
  }

  private edgesOf(series: number): number {
    return seriesAt(this.seriesCount) + series * this.stride;
  }
}
