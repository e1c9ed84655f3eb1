// The few numbers that stand for a histogram, and none that it has too few samples for.

import type { JsHistogram } from "hdr-histogram-js";
import { type LatencyStats, P999_SAMPLES_MIN, P9999_SAMPLES_MIN } from "./latency-view.ts";

/** `maximumNs` is exact: a quantile, which is the upper end of its bucket, is never beyond it. */
export function statsOf(histogram: JsHistogram, maximumNs: number): LatencyStats {
  const count = histogram.totalCount;
  const quantile = (percent: number, samplesMin: number): number | undefined =>
    count < samplesMin ? undefined : Math.min(histogram.getValueAtPercentile(percent), maximumNs);
  return {
    count,
    p50Ns: quantile(50, 1),
    p99Ns: quantile(99, 1),
    p999Ns: quantile(99.9, P999_SAMPLES_MIN),
    p9999Ns: quantile(99.99, P9999_SAMPLES_MIN),
    maxNs: maximumNs,
  };
}
