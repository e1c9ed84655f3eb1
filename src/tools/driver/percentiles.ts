// Latency histograms of a load run and what may honestly be read from them.

import { build, type Histogram } from "hdr-histogram-js";

const LATENCY_NS_MAX = 60_000_000_000;

/** A percentile needs enough samples beyond it, or it is one sample's luck: below these it is not told. */
const P999_SAMPLES_MIN = 10_000;
const P9999_SAMPLES_MIN = 100_000;

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

/** One histogram of nanoseconds, with the exact maximum beside it. */
export class LatencyHistogram {
  private readonly histogram: Histogram;
  private readonly maxNs = new Float64Array(1);

  constructor(digits: 2 | 3) {
    this.histogram = build({
      lowestDiscernibleValue: 1,
      highestTrackableValue: LATENCY_NS_MAX,
      numberOfSignificantValueDigits: digits,
      bitBucketSize: 32,
      autoResize: false,
    });
  }

  record(ns: number): void {
    const clamped = Math.max(1, Math.min(ns, LATENCY_NS_MAX));
    this.histogram.recordValue(clamped);
    if (ns > this.maxNs[0]!) this.maxNs[0] = ns;
  }

  get count(): number {
    return this.histogram.totalCount;
  }

  add(other: LatencyHistogram): void {
    this.histogram.add(other.histogram);
    if (other.maxNs[0]! > this.maxNs[0]!) this.maxNs[0] = other.maxNs[0]!;
  }

  reset(): void {
    this.histogram.reset();
    this.maxNs[0] = 0;
  }

  percentiles(): Percentiles {
    const count = this.count;
    const told = (samplesMin: number, percentile: number): number | null =>
      count < samplesMin ? null : this.histogram.getValueAtPercentile(percentile);
    return {
      count,
      p50: told(1, 50),
      p90: told(10, 90),
      p99: told(100, 99),
      p999: told(P999_SAMPLES_MIN, 99.9),
      p9999: told(P9999_SAMPLES_MIN, 99.99),
      max: count === 0 ? null : this.maxNs[0]!,
    };
  }
}
