// A measured run as files, for HdrHistogram's tools and for scripts: NAME.hlog has the response time of each second,
// and the service time beside it under the tag "service"; NAME.hgrm the response time's percentiles; NAME.json all.

import fs from "node:fs";
import path from "node:path";
import { HistogramLogWriter } from "hdr-histogram-js";
import { makeDirectories } from "../../base/make-directories.ts";
import { writeText } from "../write-error.ts";
import { type LatencyInterval, wholeOf } from "./latency-book.ts";
import { LatencyHistogram, type SparseCounts } from "./percentiles.ts";

/** What of a result is needed here; the rest goes into the JSON as it is. */
export interface RecordedResult {
  readonly isValid: boolean;
  /** When the measured part began, in milliseconds since 1970. */
  readonly measuredFromMs: number;
}

const EXTENSIONS = ["hlog", "hgrm"] as const;
type Extension = (typeof EXTENSIONS)[number];

/** What an invalid run measured is kept, but under a name that no tool takes for a measurement. */
const INVALID_SUFFIX = ".INVALID";
/** The log's column of maxima is in milliseconds, as HdrHistogram's log processor expects; .hgrm is in microseconds. */
const NS_PER_MS = 1e6;
const NS_PER_US = 1e3;
const TICKS_PER_HALF_DISTANCE = 5;

/** Makes the directory, takes away what an earlier run of that name left in it. Returns the names of the files. Throws WriteError. */
export function writeRecording(
  directory: string,
  name: string,
  result: RecordedResult,
  intervals: readonly LatencyInterval[],
): string[] {
  const contents: Readonly<Record<Extension, string>> = {
    hlog: histogramLog(result.measuredFromMs, intervals),
    hgrm: percentileText(intervals),
  };
  const names = writeResultAlone(directory, name, result);
  const suffix = result.isValid ? "" : INVALID_SUFFIX;
  for (const extension of EXTENSIONS) {
    const file = `${name}.${extension}${suffix}`;
    writeText(path.join(directory, file), contents[extension]);
    names.push(file);
  }
  return names;
}

/** Likewise, when there is no measurement that histograms could be of. */
export function writeResultAlone(
  directory: string,
  name: string,
  result: Pick<RecordedResult, "isValid">,
): string[] {
  makeDirectories(directory);
  for (const extension of EXTENSIONS) {
    const plain = path.join(directory, `${name}.${extension}`);
    for (const suffix of ["", INVALID_SUFFIX]) fs.rmSync(plain + suffix, { force: true });
  }
  writeText(path.join(directory, `${name}.json`), `${JSON.stringify(result, null, 2)}\n`);
  return [`${name}.json`];
}

/** HdrHistogram's log format 1.3, values in nanoseconds, times in seconds since the measured part began. */
export function histogramLog(
  measuredFromMs: number,
  intervals: readonly LatencyInterval[],
): string {
  let text = "";
  const writer = new HistogramLogWriter((line) => {
    text += line;
  });
  writer.outputComment("[Nanoseconds: response time without a tag, service time tagged]");
  writer.outputLogFormatVersion();
  writer.outputStartTime(measuredFromMs);
  writer.outputComment(`[BaseTime: ${(measuredFromMs / 1000).toFixed(3)} (seconds since epoch)]`);
  writer.outputLegend();
  const histogram = new LatencyHistogram(3);
  const write = (counts: SparseCounts, tag: string, { from, until }: LatencyInterval): void => {
    histogram.reset();
    histogram.addSparse(counts);
    const library = histogram.library();
    library.tag = tag;
    writer.outputIntervalHistogram(library, from, until, NS_PER_MS);
  };
  for (const interval of intervals) {
    write(interval.response, "", interval);
    write(interval.service, "service", interval);
  }
  return text;
}

/** The response time's percentiles, in microseconds. */
export function percentileText(intervals: readonly LatencyInterval[]): string {
  const whole = wholeOf(intervals, "response").library();
  return whole.outputPercentileDistribution(TICKS_PER_HALF_DISTANCE, NS_PER_US);
}
