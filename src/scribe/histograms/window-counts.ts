// A latency over the last 1, 10 and 60 seconds: one histogram for each window, to which each second adds what it
// counted, and from which it takes that away again when it leaves.

import { Int32Histogram, type JsHistogram } from "hdr-histogram-js";
import { type HdrPrecision, LATENCY_NS_MAX } from "../../telemetry/hdr-index.ts";
import { type CountsSink, maximumWithin } from "./counts-source.ts";
import { statsOf } from "./latency-stats.ts";
import { WINDOW_SECONDS, type WindowSeconds, type WindowStats } from "./latency-view.ts";

const SECONDS_KEPT = Math.max(...WINDOW_SECONDS);
const FIRST_WORDS = 256;
const NO_WORDS = new Uint16Array(0);

/** Two words for a count that fits one, three for one that does not: dense arrays of 60 seconds were ten megabytes. */
const WIDE = 0x8000;
const WORD_MAX = 0xffff;

/** What one second counted: index and count, in no order; an index may stand there twice. */
interface Second {
  words: Uint16Array;
  length: number;
  maximumNs: number;
}

interface Window {
  readonly seconds: WindowSeconds;
  readonly histogram: Int32Histogram;
}

export class WindowCounts implements CountsSink {
  private readonly precision: HdrPrecision;
  private readonly windows: readonly Window[];
  private readonly kept: Second[];
  /** What is being counted. It takes the place of the second that leaves, and that one its, so none is made anew. */
  private current: Second = emptySecond();
  private spare: Second = emptySecond();
  private currentTop = 0;
  private newest = 0; // within kept

  constructor(precision: HdrPrecision) {
    this.precision = precision;
    this.windows = WINDOW_SECONDS.map((seconds) => ({
      seconds,
      histogram: new Int32Histogram(1, LATENCY_NS_MAX, precision.digits),
    }));
    this.kept = Array.from({ length: SECONDS_KEPT }, emptySecond);
  }

  add(index: number, count: number): void {
    const { current } = this;
    if (current.length + 3 > current.words.length) grow(current);
    const { words } = current;
    if (index > this.currentTop) this.currentTop = index;
    if (count <= WORD_MAX) {
      words[current.length++] = index;
      words[current.length++] = count;
      return;
    }
    words[current.length++] = index | WIDE;
    words[current.length++] = count & WORD_MAX;
    words[current.length++] = count >>> 16;
  }

  addMaximum(valueNs: number): void {
    if (valueNs > this.current.maximumNs) this.current.maximumNs = valueNs;
  }

  /** A second is over: it counted what was added since the last one, and so many `missed` before it nothing. */
  endSecond(missed: number): void {
    for (let second = 0; second < missed; second++) this.spare = this.keep(this.spare);
    const { current, latest } = this;
    if (current.length > 0) {
      const highestNs = latest.highestEquivalentValue(latest.valueFromIndex(this.currentTop));
      current.maximumNs = maximumWithin(highestNs, current.maximumNs, this.precision);
    } else {
      current.maximumNs = 0;
    }
    this.current = this.keep(current);
    this.currentTop = 0;
  }

  stats(seconds: WindowSeconds): WindowStats {
    return { seconds, ...statsOf(this.windowOf(seconds), this.maximumNs(seconds)) };
  }

  /** Valid until the next second is over; the library's own record of its highest and lowest is made now. */
  histogram(seconds: WindowSeconds): JsHistogram {
    const histogram = this.windowOf(seconds);
    histogram.establishInternalTackingValues();
    histogram.maxValue = this.maximumNs(seconds);
    return histogram;
  }

  /** The second that was over last: always the same histogram. */
  get latest(): Int32Histogram {
    return this.windows[0]!.histogram;
  }

  private windowOf(seconds: WindowSeconds): Int32Histogram {
    return this.windows.find((window) => window.seconds === seconds)!.histogram;
  }

  private maximumNs(seconds: WindowSeconds): number {
    let maximumNs = 0;
    for (let ago = 0; ago < seconds; ago++) {
      maximumNs = Math.max(maximumNs, this.secondsAgo(ago).maximumNs);
    }
    return maximumNs;
  }

  /** 0 = the newest that is kept. */
  private secondsAgo(ago: number): Second {
    return this.kept[(this.newest - ago + SECONDS_KEPT) % SECONDS_KEPT]!;
  }

  /** Returns the second that has left every window, empty. */
  private keep(second: Second): Second {
    for (const { seconds, histogram } of this.windows) {
      apply(this.secondsAgo(seconds - 1), histogram, -1);
      apply(second, histogram, 1);
    }
    this.newest = (this.newest + 1) % SECONDS_KEPT;
    const leaving = this.kept[this.newest]!;
    this.kept[this.newest] = second;
    this.latest.maxValue = second.maximumNs;
    leaving.length = 0;
    leaving.maximumNs = 0;
    return leaving;
  }
}

const emptySecond = (): Second => ({
  words: NO_WORDS,
  length: 0,
  maximumNs: 0,
});

function grow(second: Second): void {
  const words = new Uint16Array(Math.max(FIRST_WORDS, second.words.length * 2));
  words.set(second.words);
  second.words = words;
}

/** Adds a second's counts to a window, or takes them away. */
function apply({ words, length }: Second, histogram: Int32Histogram, sign: 1 | -1): void {
  const counts = histogram._counts;
  let total = 0;
  for (let at = 0; at < length; ) {
    const index = words[at++]!;
    let count = words[at++]!;
    if (index >= WIDE) count += words[at++]! * (WORD_MAX + 1);
    counts[index & ~WIDE]! += sign * count;
    total += count;
  }
  histogram.setTotalCount(histogram.totalCount + sign * total);
}
