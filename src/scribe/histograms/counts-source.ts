// One series of shared counts as the scribe knows it: what it has seen of it, and what came since.

import { Float64Histogram } from "hdr-histogram-js";
import { type HdrPrecision, hdrIndex, LATENCY_NS_MAX } from "../../telemetry/hdr-index.ts";
import type { CountsReader } from "../../telemetry/shared-counts.ts";

/** Shared counts are 32 bits wide and go on at 0. */
const WRAP = 2 ** 32;

/** Who is told of what came. */
export interface CountsSink {
  /** `index` in the HDR layout. */
  add(index: number, count: number): void;
  /** The exact maximum of a second within what came. */
  addMaximum(valueNs: number): void;
}

export class CountsSource {
  private readonly reader: CountsReader;
  private readonly series: number;
  /** As they were last seen; only series that ever counted have them. */
  private seen: Uint32Array | undefined;
  private seenTotal = 0;
  /** How often a count has wrapped: days at full load, so hardly any has. */
  private readonly wraps = new Map<number, number>();
  private exactMaximumNs = 0;

  /** What was counted before is known from now on, and nobody is told of it. */
  constructor(reader: CountsReader, series: number) {
    this.reader = reader;
    this.series = series;
    if (reader.count(series) === 0) return;
    this.seen = reader.liveCounts(series).slice();
    for (const count of this.seen) this.seenTotal += count;
  }

  /** Tells the sinks what came. Returns how many counts were looked at: none when nothing came. */
  read(sinks: readonly CountsSink[]): number {
    const { reader, series } = this;
    // A value shows in this count a moment before it does in the others: what is missed then, the next time finds.
    if ((reader.count(series) - this.seenTotal) % WRAP === 0) return 0;
    const live = reader.liveCounts(series);
    this.seen ??= new Uint32Array(live.length);
    const { seen } = this;
    for (let index = 0; index < live.length; index++) {
      const now = live[index]!;
      const before = seen[index]!;
      if (now === before) continue;
      if (now < before) this.wraps.set(index, (this.wraps.get(index) ?? 0) + 1);
      const count = (now - before) >>> 0;
      seen[index] = now;
      this.seenTotal += count;
      for (const sink of sinks) sink.add(index, count);
    }
    return live.length;
  }

  /** The exact maximum of a second, of the present one so far. */
  readMaximum(second: number, sinks: readonly CountsSink[]): void {
    const maximumNs = this.reader.maximumNs(this.series, second);
    if (maximumNs > this.exactMaximumNs) this.exactMaximumNs = maximumNs;
    for (const sink of sinks) sink.addMaximum(maximumNs);
  }

  /** Of all that were seen. */
  get maximumNs(): number {
    return this.exactMaximumNs;
  }

  /** All that were seen, since the process started. */
  addTo(histogram: Float64Histogram): void {
    const { seen } = this;
    if (seen === undefined) return;
    const counts = histogram._counts;
    for (let index = 0; index < seen.length; index++) counts[index]! += seen[index]!;
    for (const [index, times] of this.wraps) counts[index]! += times * WRAP;
  }
}

/** All that was ever counted in some series of one precision, as the library knows it. */
export function mergeSources(
  sources: readonly CountsSource[],
  precision: HdrPrecision,
): Float64Histogram {
  const histogram = new Float64Histogram(1, LATENCY_NS_MAX, precision.digits);
  for (const source of sources) source.addTo(histogram);
  histogram.establishInternalTackingValues();
  const exactNs = Math.max(0, ...sources.map(({ maximumNs }) => maximumNs));
  histogram.maxValue = maximumWithin(histogram.maxValue, exactNs, precision);
  return histogram;
}

/**
 * The exact maximum, if it lies where the highest that was counted does. A scribe that was started anew knows no exact
 * one of what was before it, nor one of a second in which the counting thread stood still; and what a thread recorded
 * just behind the end of a second was counted in it, and not in its own.
 */
export function maximumWithin(
  highestNs: number,
  exactNs: number,
  { halfBits }: HdrPrecision,
): number {
  const knownNs = Math.min(exactNs, LATENCY_NS_MAX);
  const isIt = hdrIndex(knownNs, halfBits) === hdrIndex(highestNs, halfBits);
  return isIt ? knownNs : Math.min(highestNs, LATENCY_NS_MAX);
}
