import assert from "node:assert/strict";
import { test } from "node:test";
import { verdictLines } from "../../../src/tools/compare/comparison-text.ts";
import { decide } from "../../../src/tools/compare/decision.ts";
import { htmlReport } from "../../../src/tools/compare/html-report.ts";
import { differentWork, rejectShares, shareText } from "../../../src/tools/compare/reject-share.ts";
import type { RunSample } from "../../../src/tools/compare/run-sample.ts";
import { summaryMarkdown } from "../../../src/tools/compare/summary-markdown.ts";
import { sampleBlocks, sampleNoise, sampleRecord } from "../../support/comparison-runs.ts";

const ASKED = 10_000;

/** With so many rejections in each run of a side. */
const rejecting = (runs: readonly RunSample[], ofA: number, ofB: number): RunSample[] =>
  runs.map((run) => {
    const rejected = run.side === "A" ? ofA : ofB;
    return { ...run, answers: { accepted: ASKED - rejected, rejected } };
  });

const outcomeOf = (runs: readonly RunSample[]) => {
  const limits = [{ name: "p50", limit: 1.1 }] as const;
  return decide({ limits, runs, blocksDone: 4, blocksMax: 20, sides: ["A", "B"] });
};

test("a side that rejects what the other accepts makes it cannot tell, in two blocks and either way", () => {
  const words =
    /^B rejects 50 % of the requests and A 0 %: they do different work, their times do not compare$/;
  const { outcome, isOver, reasons } = outcomeOf(rejecting(sampleBlocks(2, 1), 0, ASKED / 2));
  assert.deepEqual([outcome, isOver], ["cannot tell", true]);
  assert.match(reasons[0] ?? "", words);
  // However much slower it is.
  assert.equal(outcomeOf(rejecting(sampleBlocks(6, 3), 0, ASKED)).outcome, "cannot tell");
  assert.equal(outcomeOf(rejecting(sampleBlocks(6, 1), ASKED / 2, 0)).outcome, "cannot tell");
});

test("equal shares, a small difference, a single block and runs without counts change nothing", () => {
  for (const [ofA, ofB] of [
    [5_000, 5_000],
    [0, 90],
  ] as const) {
    assert.equal(
      outcomeOf(rejecting(sampleBlocks(6, 1), ofA, ofB)).outcome,
      "not regressed",
      `${ofB}`,
    );
  }
  assert.equal(differentWork(rejecting(sampleBlocks(1, 1), 0, ASKED), null), undefined);
  assert.equal(differentWork(sampleBlocks(6, 1), null), undefined);
});

test("what A differs from itself by says nothing about B", () => {
  const noise = rejecting(sampleNoise(), 500, 0);
  const near = rejecting(sampleBlocks(6, 1), 0, 400);
  assert.equal(differentWork([...noise, ...near], null), undefined);
  assert.notEqual(
    differentWork([...noise, ...rejecting(sampleBlocks(6, 1), 0, 600)], null),
    undefined,
  );
});

test("a stored share of A is compared with as well", () => {
  const runs = rejecting(sampleBlocks(2, 1), 0, 400).filter(({ side }) => side === "B");
  assert.match(differentWork(runs, 0) ?? "", /^B rejects 4 % of the requests and A 0 %/);
  assert.equal(differentWork(runs, 0.04), undefined);
  assert.equal(differentWork(runs, null), undefined);
});

test("all reports have both shares, and nothing where nobody rejects", () => {
  const runs = rejecting(sampleBlocks(6, 1), 0, 60);
  const record = sampleRecord(1, { runs, rejectShares: rejectShares(runs) });
  assert.deepEqual(record.rejectShares, { a: 0, b: 0.006 });
  const words = /rejected: A 0 %, B 0\.6 % of the requests/;
  const ofAll = (each: typeof record): string[] => [
    ...[verdictLines(each).join("\n"), summaryMarkdown(each), htmlReport(each)],
  ];
  for (const text of ofAll(record)) assert.match(text, words);
  for (const text of ofAll(sampleRecord(1))) assert.doesNotMatch(text, /rejected: /);
});

test("a share is a percentage that never rounds to nothing", () => {
  assert.deepEqual([null, 0, 0.0001, 0.006, 0.123, 1].map(shareText), [
    ...["–", "0 %", "under 0.1 %", "0.6 %", "12 %", "100 %"],
  ]);
});
