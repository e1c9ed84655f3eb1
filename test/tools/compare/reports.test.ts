import assert from "node:assert/strict";
import { test } from "node:test";
import { build, encodeIntoCompressedBase64, type JsHistogram } from "hdr-histogram-js";
import { verdictLines } from "../../../src/tools/compare/comparison-text.ts";
import { htmlReport } from "../../../src/tools/compare/html-report.ts";
import { decodeHistogram, pooledHistogram } from "../../../src/tools/compare/pooled-histogram.ts";
import { summaryMarkdown } from "../../../src/tools/compare/summary-markdown.ts";
import { sampleRecord, sampleRun } from "../../support/comparison-runs.ts";

function histogramText(values: readonly number[]): string {
  const histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: 60_000_000_000,
    numberOfSignificantValueDigits: 3,
    bitBucketSize: 32,
  }) as JsHistogram;
  for (const value of values) histogram.recordValue(value);
  return encodeIntoCompressedBase64(histogram);
}

const HISTOGRAM = histogramText(Array.from({ length: 20_000 }, (_, k) => 100_000 + k * 50));
const EVIL = `<script>alert("1")</script> & 'x' | \` </title></style>`;

/** Every tag closed, in order; nothing but what a file alone can show. */
function assertWellFormed(html: string): void {
  const voids = new Set(["meta", "circle", "line", "rect", "polyline"]);
  const open: string[] = [];
  assert.match(html, /^<!doctype html>\n/);
  for (const [, slash, name = "", rest = ""] of html.matchAll(/<(\/?)([a-z][a-z0-9]*)([^>]*)>/g)) {
    if (slash === "/") assert.equal(open.pop(), name, `</${name}>`);
    else if (!voids.has(name)) open.push(name);
    else assert.ok(name === "meta" || rest.endsWith("/") || html.includes(`</${name}>`), name);
    if (name === "circle" && slash !== "/") open.push(name);
  }
  assert.deepEqual(open, []);
  assert.doesNotMatch(html, /<script|<link|<img|https?:|@import|url\(|NaN|undefined|Infinity/);
}

test("the HTML report is well formed, stands alone and has its pictures and tables", () => {
  const stage = { count: 9, p50: 1000, p99: 2000, p999: 3000 };
  const reading = {
    ...{ build: "build 7", stages: { decode: stage }, collections: 4, collectionSeconds: 0.01 },
  };
  const record = sampleRecord(1.5, {
    histograms: { a: HISTOGRAM, b: HISTOGRAM },
    admin: [{ block: 0, A: reading, B: reading }],
  });
  const html = htmlReport(record);
  assertWellFormed(html);
  assert.equal(html.split("<svg").length - 1, 3);
  for (const part of [
    ...["regressed", "side by side", "/builds/a", "ba9876543210+", "P99.9", "decode", "build 7"],
    ...["a CPU", "v24.21.0", "collections of A", "+50 %", "load --rate 12000"],
  ]) {
    assert.ok(html.includes(part), part);
  }
});

test("a comparison in which nothing was measured still has a report", () => {
  const record = sampleRecord(1, { runs: [], verdicts: [], reasons: [], outcome: "cannot tell" });
  const html = htmlReport(record);
  assertWellFormed(html);
  assert.equal(html.split("<svg").length - 1, 0);
  assert.match(summaryMarkdown(record), /^## ❔ cannot tell/);
});

test("what targets, tools and stored results say stays text", () => {
  const runs = [sampleRun("A", 0), sampleRun("B", 0, 200, { problem: EVIL, faults: [EVIL] })];
  const target = {
    kind: "command",
    text: EVIL,
    settings: [],
    commit: EVIL,
    startScript: null,
  } as const;
  const record = sampleRecord(1, {
    ...{ runs, a: target, b: target, reasons: [EVIL], profile: EVIL },
    // A stored result is a file that came from somewhere.
    baseline: { file: EVIL, savedAt: EVIL },
  });
  assertWellFormed(htmlReport(record));
  const markdown = summaryMarkdown(record);
  // The targets stand in code spans: as they are there, and nowhere else.
  assert.doesNotMatch(markdown.replaceAll(/`[^`\n]*`/g, ""), /<script/);
  assert.match(
    markdown,
    /^\| A \| `<script>alert\("1"\)<\/script> & 'x' \\\| ' <\/title><\/style>` \|/m,
  );
  for (const line of markdown.split("\n").filter((each) => each.startsWith("| A |"))) {
    assert.equal(line.replaceAll("\\|", "").split("|").length, 5, line);
  }
});

test("the Markdown summary has the verdict first and a row for each percentile", () => {
  const markdown = summaryMarkdown(sampleRecord(1));
  assert.match(markdown, /^## ✅ not regressed\n/);
  assert.match(markdown, /\| P50 \| .*\+10 %.*✅ not regressed/);
  assert.match(markdown, /\| P999 \| .*\+25 %.*✅ not regressed/);
});

test("a verdict against a baseline says so at the terminal and in both reports", () => {
  const record = sampleRecord(1, {
    kind: "against a baseline",
    baseline: { file: "base.json", savedAt: "2026-11-01T00:00:00.000Z" },
  });
  const words = /against the baseline of 2026-11-01T00:00:00\.000Z, not side by side: trusted less/;
  assert.match(verdictLines(record).join("\n"), words);
  assert.match(summaryMarkdown(record), words);
  assert.match(htmlReport(record), words);
});

test("runs that were left out are counted, with the first reason", () => {
  const runs = [0, 1].map((block) => sampleRun("B", block, 200, { problem: "invalid: late" }));
  const lines = verdictLines(sampleRecord(1, { runs })).join("\n");
  assert.match(lines, /left out: 2 runs of B, the first invalid: late/);
});

test("histograms of several runs are pooled; what is none is passed over", () => {
  const pooled = pooledHistogram([
    { histogram: histogramText([1000, 2000]) },
    { histogram: null },
    { histogram: "HISTFAAAnonsense" },
    { histogram: histogramText([3000]) },
  ]);
  assert.equal(decodeHistogram(pooled ?? "")?.totalCount, 3);
  assert.equal(pooledHistogram([{ histogram: "" }]), null);
});

test("a comparison of days has no more marks on its time axis than one of minutes", () => {
  const runs = [0, 1].map((day) =>
    sampleRun("A", 0, 200, { startedMs: Date.UTC(2026, 10, 20 + 20 * day) }),
  );
  const html = htmlReport(sampleRecord(1, { runs }));
  assert.ok([...html.matchAll(/>\d+ s</g)].length <= 11, `${html.length}`);
});
