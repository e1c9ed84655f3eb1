// The latencies of many runs in one histogram.

import {
  build,
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  type JsHistogram,
} from "hdr-histogram-js";
import type { RunSample } from "./run-sample.ts";

const LATENCY_NS_MAX = 60_000_000_000;

/** HDR V2, compressed, base64; null when no run has one that can be read. */
export function pooledHistogram(runs: readonly Pick<RunSample, "histogram">[]): string | null {
  const pool = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: LATENCY_NS_MAX,
    numberOfSignificantValueDigits: 3,
    bitBucketSize: 32,
    autoResize: true,
  }) as JsHistogram;
  for (const { histogram } of runs) {
    const decoded = histogram === null ? undefined : decodeHistogram(histogram);
    if (decoded) pool.add(decoded);
  }
  return pool.totalCount > 0 ? encodeIntoCompressedBase64(pool) : null;
}

/** undefined for anything that is none. */
export function decodeHistogram(text: string): JsHistogram | undefined {
  try {
    const decoded = decodeFromCompressedBase64(text, 32, false) as JsHistogram;
    return decoded.totalCount > 0 ? decoded : undefined;
  } catch {
    return undefined; // a tool of the user's own may write there what it likes: it is shown without the plot
  }
}
