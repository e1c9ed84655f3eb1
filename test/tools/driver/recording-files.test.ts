import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { HistogramLogReader, type JsHistogram } from "hdr-histogram-js";
import { LatencyBook } from "../../../src/tools/driver/latency-book.ts";
import { writeRecording } from "../../../src/tools/driver/recording-files.ts";
import { REQUEST } from "../../../src/tools/driver/requests.ts";
import { testDirectory } from "../../support/gateway.ts";

const FROM_MS = 1_800_000_000_000;

/** Two seconds, the second one with nothing in it, and a third that is cut. */
function recordedBook(): LatencyBook {
  const book = new LatencyBook();
  for (let sample = 1; sample <= 1_000; sample++) {
    book.record(REQUEST.ENTER, true, sample * 2_000, sample * 1_000);
  }
  book.endSecond(1.0005, 1_000);
  book.endSecond(2, 0);
  book.record(REQUEST.MODIFY, true, 8_000_000, 3_000_000);
  book.endSecond(2.5, 1);
  return book;
}

test("the log has each second's response time, and the service time under its tag", () => {
  const directory = testDirectory();
  const book = recordedBook();
  const result = { isValid: true, measuredFromMs: FROM_MS };
  const names = writeRecording(directory, "load", result, book.intervals);
  assert.deepEqual(names, ["load.json", "load.hlog", "load.hgrm"]);

  const text = fs.readFileSync(path.join(directory, "load.hlog"), "utf8");
  assert.match(text, /^#\[Histogram log format version 1\.3\]$/m);
  const read = (tag: string): JsHistogram[] => {
    const reader = new HistogramLogReader(text);
    const all: JsHistogram[] = [];
    for (;;) {
      const next = reader.nextIntervalHistogram() as JsHistogram | null;
      if (!next) return all;
      if ((next.tag === "service") === (tag === "service")) all.push(next);
    }
  };
  const response = read("");
  assert.deepEqual(
    response.map(({ totalCount }) => totalCount),
    [1_000, 0, 1],
  );
  assert.equal(response[0]?.startTimeStampMsec, FROM_MS);
  assert.equal(response[2]?.startTimeStampMsec, FROM_MS + 2_000);
  assert.equal(response[2]?.getValueAtPercentile(50), 8_003_583, "0.1 % above 8 ms at most");
  assert.equal(read("service")[0]?.getValueAtPercentile(100) ?? 0, 1_000_447);
});

test("the percentiles are in microseconds and of all seconds", () => {
  const directory = testDirectory();
  const book = recordedBook();
  writeRecording(directory, "x", { isValid: true, measuredFromMs: FROM_MS }, book.intervals);
  const text = fs.readFileSync(path.join(directory, "x.hgrm"), "utf8");
  assert.match(text, /^ +Value +Percentile TotalCount 1\/\(1-Percentile\)$/m);
  assert.match(text, /#\[Max += +8000\.000, Total count += +1001\]/);
});

test("what an invalid run measured has a name that no tool takes for a measurement", () => {
  const directory = testDirectory();
  const { intervals } = recordedBook();
  writeRecording(directory, "load", { isValid: true, measuredFromMs: FROM_MS }, intervals);
  writeRecording(directory, "load", { isValid: false, measuredFromMs: FROM_MS }, intervals);
  assert.deepEqual(fs.readdirSync(directory).toSorted(), [
    "load.hgrm.INVALID",
    "load.hlog.INVALID",
    "load.json",
  ]);
  const kept = JSON.parse(fs.readFileSync(path.join(directory, "load.json"), "utf8"));
  assert.equal(kept.isValid, false);
});
