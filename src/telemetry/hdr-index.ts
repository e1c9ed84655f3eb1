// Where a value counts in an HDR histogram: the layout of hdr-histogram-js, so that its percentiles, encodings and
// tools work on what our threads count in shared memory. Values are whole nanoseconds from 0 to LATENCY_NS_MAX.
//
// Buckets double in width, each has as many sub-buckets as its digits need; the lower half of a bucket is the
// bucket before it, so only upper halves are stored. Checked against the library over the whole range by a test.

import { assert } from "../base/assert.ts";

/** One minute; what is longer counts as this long. */
export const LATENCY_NS_MAX = 60e9;

/** How finely values are told apart. */
export interface HdrPrecision {
  readonly digits: 2 | 3;
  /** log2 of half the sub-buckets. */
  readonly halfBits: number;
  /** Length of the array of counts. */
  readonly countsLength: number;
}

const precision = (digits: 2 | 3, halfBits: number): HdrPrecision => {
  const subBuckets = 2 ** (halfBits + 1);
  const buckets = Math.ceil(Math.log2(LATENCY_NS_MAX / subBuckets)) + 1;
  return { digits, halfBits, countsLength: (buckets + 1) * 2 ** halfBits };
};

/** 0.1 %: totals. */
export const PRECISE: HdrPrecision = precision(3, 10);
/** 1 %: stages, of which there are many. */
export const COARSE: HdrPrecision = precision(2, 7);

const WORD_VALUES = 2 ** 31;
const HIGH_SHIFT = 16;

/** Index of the value's count. Anything that is no value of the range counts at its nearest end. */
export function hdrIndex(valueNs: number, halfBits: number): number {
  if (valueNs < WORD_VALUES) {
    const value = valueNs > 0 ? valueNs | 0 : 0;
    const bucket = 31 - halfBits - Math.clz32(value | ((2 << halfBits) - 1));
    return (bucket << halfBits) + (value >>> bucket);
  }
  let value = LATENCY_NS_MAX; // NaN too
  if (valueNs < LATENCY_NS_MAX) value = valueNs;
  const high = Math.floor(value / 2 ** HIGH_SHIFT);
  const bucket = 31 - halfBits - Math.clz32(high) + HIGH_SHIFT;
  return (bucket << halfBits) + Math.floor(value / 2 ** bucket);
}

assert(PRECISE.countsLength === 27_648, "three digits are not laid out as the library does");
assert(COARSE.countsLength === 3_840, "two digits are not laid out as the library does");
