// Interval histograms on disk, for HdrHistogram's own tools: the total of each second without a tag, every ten seconds
// each stage with its name as the tag. Nanoseconds; times count from the base in the file's header.

import { HistogramLogWriter, Int32Histogram, type JsHistogram } from "hdr-histogram-js";
import { COARSE, LATENCY_NS_MAX } from "../../telemetry/hdr-index.ts";
import type { RotatingFile } from "../rotating-file.ts";

export const LOG_PREFIX = "latency-";
export const LOG_SUFFIX = ".hlog";

/** Stages are written when they have collected for so long. */
const STAGE_SECONDS = 10;
/** The maximum is written in milliseconds, as HdrHistogram's log processor expects. */
const NS_PER_MAXIMUM_UNIT = 1e6;

interface Collected {
  readonly histogram: Int32Histogram;
  /** Second at which it begins. */
  since: number;
}

export class HistogramLog {
  private readonly file: RotatingFile;
  private readonly writer: HistogramLogWriter;
  private readonly stages: readonly Collected[];
  /** Stages from this one on are to be written; all of them = none is. */
  private nextStage: number;
  private second: number;

  /** `second` is the first one; seconds count from what logHeader() was told. */
  constructor(file: RotatingFile, stageNames: readonly string[], second: number) {
    this.file = file;
    this.writer = new HistogramLogWriter((line) => file.write(line));
    this.second = second;
    this.stages = stageNames.map((name) => {
      const histogram = new Int32Histogram(1, LATENCY_NS_MAX, COARSE.digits);
      histogram.tag = name;
      return { histogram, since: second };
    });
    this.nextStage = stageNames.length;
  }

  /** A second is over; seconds before it that were not told of counted nothing. */
  endSecond(second: number, total: JsHistogram, stages: readonly JsHistogram[]): void {
    if (total.totalCount > 0) this.write(total, this.second, second + 1);
    this.file.flush();
    this.second = second + 1;
    for (const [index, { histogram }] of this.stages.entries()) {
      const stage = stages[index]!;
      if (stage.totalCount > 0) histogram.add(stage);
    }
    const { since } = this.stages[0]!;
    const isDue = this.second - since >= STAGE_SECONDS;
    if (isDue && this.nextStage === this.stages.length) this.nextStage = 0;
  }

  /** Writes one stage, if any is due: one after the other, so that no turn is long. */
  writeStage(): void {
    const stage = this.stages[this.nextStage];
    if (stage === undefined) return;
    this.nextStage++;
    const { histogram, since } = stage;
    stage.since = this.second;
    if (histogram.totalCount === 0) return;
    this.write(histogram, since, this.second);
    const { tag } = histogram;
    histogram.reset();
    histogram.tag = tag;
  }

  /** What was collected until now is written. */
  close(): void {
    this.nextStage = 0;
    while (this.nextStage < this.stages.length) this.writeStage();
    this.file.close();
  }

  private write(histogram: JsHistogram, since: number, until: number): void {
    this.writer.outputIntervalHistogram(histogram, since, until, NS_PER_MAXIMUM_UNIT);
  }
}

/**
 * What each file begins with. Seconds count from `baseMs`, since 1970, which is also the start in every file:
 * HdrHistogram's log processor leaves out what began before it, and stages began before their file did.
 */
export function logHeader(baseMs: number): string {
  let text = "";
  const writer = new HistogramLogWriter((line) => {
    text += line;
  });
  const baseSeconds = (baseMs / 1000).toFixed(3);
  writer.outputComment("[Latencies in nanoseconds: totals without a tag, stages by their names]");
  writer.outputLogFormatVersion();
  writer.outputStartTime(baseMs);
  writer.outputComment(`[BaseTime: ${baseSeconds} (seconds since epoch)]`);
  writer.outputLegend();
  return text;
}
