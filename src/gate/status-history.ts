// What `status` compares the present with, so that it can speak of the last minute and the last hour while the scribe is
// dead: a row of counters every ten seconds, and the headline's counts every twenty. Main thread: both together cost it a
// fraction of a millisecond in that time.

import { percentilesNs } from "../telemetry/count-percentiles.ts";
import { PRECISE } from "../telemetry/hdr-index.ts";
import { ANSWER_SERIES } from "../telemetry/latency-series.ts";
import { CountsReader } from "../telemetry/shared-counts.ts";

/** Call sample() so often. */
export const SAMPLE_SECONDS = 10;
const ROWS = 3600 / SAMPLE_SECONDS + 1;
const SNAPSHOT_EVERY = 2;
/** The last minute is the last 60 to 80 seconds. */
const MINUTE_SECONDS = 60;
const SNAPSHOTS = MINUTE_SECONDS / (SAMPLE_SECONDS * SNAPSHOT_EVERY) + 1;
const NS_PER_SECOND = 1e9;
const SHARE_ALLOWED = 0.001;

/** Semantics §6.5: fewer values do not bear a P999. */
const P999_COUNT_MIN = 10_000;

/** Counters that only rise. */
export interface HistoryRow {
  readonly headline: number;
  readonly headlineOverSla: number;
  readonly takeovers: number;
  readonly writtenBytes: number;
}

export interface HistoryChange extends HistoryRow {
  readonly seconds: number;
}

export interface LatencySummary {
  readonly seconds: number;
  readonly count: number;
  readonly p50Ns: number;
  readonly p99Ns: number;
  /** Null: too few values to speak of it. */
  readonly p999Ns: number | null;
  /** 0: there was none. */
  readonly maxNs: number;
}

/** Times as often as allowed that answers were late. */
export const burnOf = ({ headline, headlineOverSla }: HistoryRow): number =>
  headline === 0 ? 0 : headlineOverSla / headline / SHARE_ALLOWED;

export class StatusHistory {
  private readonly readRow: () => HistoryRow;
  private readonly answers: CountsReader | undefined;
  private readonly startNs: number;
  private readonly rows: { readonly ns: number; readonly row: HistoryRow }[] = [];
  private readonly snapshots: { readonly ns: number; readonly counts: Uint32Array<ArrayBuffer> }[] =
    [];
  private samples = 0;
  private longestNs = 0;

  /** `answers` is the gate's block of totals; undefined: nothing is recorded. */
  constructor(readRow: () => HistoryRow, answers: SharedArrayBuffer | undefined, nowNs: number) {
    this.readRow = readRow;
    this.answers = answers && new CountsReader(answers, PRECISE);
    this.startNs = nowNs;
    this.rows.push({ ns: nowNs, row: readRow() });
  }

  sample(nowNs: number): void {
    this.rows.push({ ns: nowNs, row: this.readRow() });
    if (this.rows.length > ROWS) this.rows.shift();
    this.samples++;
    if (this.answers !== undefined) this.longestNs = this.longestSoFar(this.answers);
    if (this.samples % SNAPSHOT_EVERY !== 0 || this.answers === undefined) return;
    const reused = this.snapshots.length < SNAPSHOTS ? undefined : this.snapshots.shift();
    this.snapshots.push({ ns: nowNs, counts: this.headlineCounts(reused?.counts) });
  }

  /** What has happened in about so many seconds; in all there are when there are fewer. */
  since(seconds: number, nowNs: number): HistoryChange {
    const then = this.rows.find(({ ns }) => nowNs - ns <= seconds * NS_PER_SECOND);
    const { ns, row } = then ?? { ns: nowNs, row: this.readRow() };
    const now = this.readRow();
    return {
      seconds: (nowNs - ns) / NS_PER_SECOND,
      headline: now.headline - row.headline,
      headlineOverSla: now.headlineOverSla - row.headlineOverSla,
      takeovers: now.takeovers - row.takeovers,
      writtenBytes: now.writtenBytes - row.writtenBytes,
    };
  }

  /** The headline of the last minute. Undefined: nothing is recorded. */
  minute(nowNs: number): LatencySummary | undefined {
    if (this.answers === undefined) return undefined;
    const oldestNs = nowNs - (MINUTE_SECONDS + SAMPLE_SECONDS * SNAPSHOT_EVERY) * NS_PER_SECOND;
    const counts = this.headlineCounts();
    const then = this.snapshots.find(({ ns }) => ns >= oldestNs);
    if (this.startNs >= oldestNs || then === undefined) {
      return this.summary(counts, this.startNs, nowNs, this.maximumNs(this.answers));
    }
    for (let index = 0; index < counts.length; index++) counts[index]! -= then.counts[index]!;
    return this.summary(counts, then.ns, nowNs, this.maximumNs(this.answers));
  }

  /** The headline since the process began. */
  sinceStart(nowNs: number): LatencySummary | undefined {
    if (this.answers === undefined) return undefined;
    const maxNs = this.longestSoFar(this.answers);
    return this.summary(this.headlineCounts(), this.startNs, nowNs, maxNs);
  }

  private summary(
    counts: Uint32Array,
    sinceNs: number,
    nowNs: number,
    maxNs: number,
  ): LatencySummary {
    const seconds = (nowNs - sinceNs) / NS_PER_SECOND;
    const count = counts.reduce((sum, each) => sum + each, 0);
    const found = percentilesNs(counts, PRECISE, QUANTILES);
    const longestNs = longestOf(maxNs, found.at(-1) ?? 0);
    const [p50Ns = 0, p99Ns = 0, p999Ns = 0] = found.map((ns) => Math.min(ns, longestNs));
    const isEnough = count >= P999_COUNT_MIN;
    return { seconds, count, p50Ns, p99Ns, p999Ns: isEnough ? p999Ns : null, maxNs: longestNs };
  }

  /** Of all headline series together. They wrap at 2^32, and so do their differences. */
  private headlineCounts(into = new Uint32Array(PRECISE.countsLength)): Uint32Array<ArrayBuffer> {
    into.fill(0);
    const { answers } = this;
    if (answers === undefined) return into;
    for (const [series, { isHeadline }] of ANSWER_SERIES.entries()) {
      if (!isHeadline || answers.count(series) === 0) continue;
      const counts = answers.liveCounts(series);
      for (let index = 0; index < counts.length; index++) into[index]! += counts[index]!;
    }
    return into;
  }

  /** Each second's is known for a minute only: samples keep it. */
  private longestSoFar(answers: CountsReader): number {
    return Math.max(this.longestNs, this.maximumNs(answers));
  }

  private maximumNs(answers: CountsReader): number {
    let maxNs = 0;
    for (const [series, { isHeadline }] of ANSWER_SERIES.entries()) {
      if (!isHeadline) continue;
      // From the second that is being counted on, as the counts: who counts them is this thread.
      for (let age = 0; age <= MINUTE_SECONDS; age++) {
        maxNs = Math.max(maxNs, answers.maximumNs(series, answers.second - age));
      }
    }
    return maxNs;
  }
}

const QUANTILES = [0.5, 0.99, 0.999, 1];
/** Width of a count's range of values, as a share of them. */
const WIDTH_MAX = 2 ** -PRECISE.halfBits;

/** Maxima are exact and a minute old at most. Counts may be older, and know no more than the range of the longest. */
const longestOf = (maxNs: number, highestNs: number): number =>
  maxNs < highestNs * (1 - WIDTH_MAX) - 1 ? highestNs : maxNs;
