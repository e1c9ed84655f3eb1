// Latency histograms of a measured run and what may honestly be read from them. Recording is on the hot path of the
// load process; reading is not.

import { encodeIntoCompressedBase64, Int32Histogram } from "hdr-histogram-js";
import {
  COARSE,
  type HdrPrecision,
  hdrIndex,
  LATENCY_NS_MAX,
  PRECISE,
} from "../../telemetry/hdr-index.ts";

/** A percentile needs enough samples beyond it, or it is one sample's luck: below these it is not told. */
const P999_SAMPLES_MIN = 10_000;
const P9999_SAMPLES_MIN = 100_000;

/** Nanoseconds. */
export interface Percentiles {
  readonly count: number;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p99: number | null;
  /** null with fewer than 10,000 samples. */
  readonly p999: number | null;
  /** null with fewer than 100,000 samples. */
  readonly p9999: number | null;
  readonly max: number | null;
}

export const PERCENTILE_SAMPLES_MIN = {
  p50: 1,
  p90: 10,
  p99: 100,
  p999: P999_SAMPLES_MIN,
  p9999: P9999_SAMPLES_MIN,
  max: 1,
} as const;
export type PercentileName = keyof typeof PERCENTILE_SAMPLES_MIN;

/** What a histogram of three digits held, without its empty places: index, count, index, count … */
export interface SparseCounts {
  readonly entries: Uint32Array;
  readonly maxNs: number;
}

/** One histogram of nanoseconds, with the exact maximum beside it. */
export class LatencyHistogram {
  private readonly precision: HdrPrecision;
  // Counted by our own index, which costs a fifth of the library's; read by the library over the same array.
  private readonly histogram: Int32Histogram;
  private readonly counts: Uint32Array;
  private readonly maxNs = new Float64Array(1);
  private total = 0;

  constructor(digits: 2 | 3) {
    this.precision = digits === 3 ? PRECISE : COARSE;
    this.histogram = new Int32Histogram(1, LATENCY_NS_MAX, digits);
    this.counts = new Uint32Array(this.precision.countsLength);
    this.histogram._counts = this.counts;
  }

  /** Longer than a minute counts as a minute; the maximum stays exact. */
  record(ns: number): void {
    this.counts[hdrIndex(ns, this.precision.halfBits)]!++;
    this.total++;
    if (ns > this.maxNs[0]!) this.maxNs[0] = ns;
  }

  get count(): number {
    return this.total;
  }

  /** Of the same digits. */
  add(other: LatencyHistogram): void {
    for (let index = 0; index < this.counts.length; index++) {
      this.counts[index]! += other.counts[index]!;
    }
    this.total += other.total;
    if (other.maxNs[0]! > this.maxNs[0]!) this.maxNs[0] = other.maxNs[0]!;
  }

  addSparse({ entries, maxNs }: SparseCounts): void {
    for (let at = 0; at < entries.length; at += 2) {
      this.counts[entries[at]!]! += entries[at + 1]!;
      this.total += entries[at + 1]!;
    }
    if (maxNs > this.maxNs[0]!) this.maxNs[0] = maxNs;
  }

  reset(): void {
    this.counts.fill(0);
    this.total = 0;
    this.maxNs[0] = 0;
  }

  /** Hands over what it holds and is empty. Some ten microseconds: it is done while a load runs. */
  take(): SparseCounts {
    const { counts } = this;
    let places = 0;
    for (let index = 0; index < counts.length; index++) if (counts[index] !== 0) places++;
    const entries = new Uint32Array(2 * places);
    for (let index = 0, at = 0; at < entries.length; index++) {
      if (counts[index] === 0) continue;
      entries[at++] = index;
      entries[at++] = counts[index]!;
    }
    const maxNs = this.maxNs[0]!;
    this.reset();
    return { entries, maxNs };
  }

  percentiles(): Percentiles {
    const { count } = this;
    this.histogram.setTotalCount(count);
    const maxNs = this.maxNs[0]!;
    // The upper end of the highest bucket may be above what was ever recorded.
    const told = (name: PercentileName, percentile: number): number | null =>
      count < PERCENTILE_SAMPLES_MIN[name]
        ? null
        : Math.min(this.histogram.getValueAtPercentile(percentile), maxNs);
    return {
      count,
      p50: told("p50", 50),
      p90: told("p90", 90),
      p99: told("p99", 99),
      p999: told("p999", 99.9),
      p9999: told("p9999", 99.99),
      max: count === 0 ? null : maxNs,
    };
  }

  /** The library's own histogram over our counts, for its writers: valid until the next record(). */
  library(): Int32Histogram {
    this.histogram.establishInternalTackingValues();
    // The library's maximum is the upper end of a bucket.
    this.histogram.maxValue = Math.min(this.maxNs[0]!, LATENCY_NS_MAX);
    return this.histogram;
  }

  /** HDR V2, compressed, base64; values are nanoseconds. Some milliseconds. */
  encoded(): string {
    return encodeIntoCompressedBase64(this.library());
  }
}
