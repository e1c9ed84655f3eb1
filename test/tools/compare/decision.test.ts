import assert from "node:assert/strict";
import { test } from "node:test";
import type { Limit } from "../../../src/tools/compare/comparison-record.ts";
import { blocksOf, decide, type Evidence } from "../../../src/tools/compare/decision.ts";
import type { RunSample } from "../../../src/tools/compare/run-sample.ts";
import { sampleBlocks, sampleNoise, sampleRun } from "../../support/comparison-runs.ts";

const P50: Limit = { name: "p50", limit: 1.1 };
const P999: Limit = { name: "p999", limit: 1.25 };

const evidence = (runs: readonly RunSample[], other: Partial<Evidence> = {}): Evidence => {
  const blocks = runs.filter(({ phase }) => phase === "blocks").map(({ block }) => block);
  return {
    ...{ limits: [P50, P999], runs, blocksMax: 20, sides: ["A", "B"] },
    blocksDone: new Set(blocks).size,
    ...other,
  };
};

const faulty = (side: "A" | "B", block: number): RunSample =>
  sampleRun(side, block, 200, { problem: "fault: lost", faults: ["lost"] });

test("it is over when every percentile is clear, and not before", () => {
  const noise = sampleNoise();
  assert.equal(decide(evidence([...noise, ...sampleBlocks(3, 1)])).isOver, false);
  const clear = decide(evidence([...noise, ...sampleBlocks(4, 1)]));
  assert.deepEqual([clear.outcome, clear.isOver], ["not regressed", true]);
  assert.deepEqual(clear.reasons, [
    "p50: the interval ends below +10 %",
    "p999: the interval ends below +25 %",
  ]);
});

test("a regression gives the other percentiles eight more blocks, and no more", () => {
  // P50 is at its limit for ever, P999 is far beyond.
  const blocks = (count: number): RunSample[] =>
    sampleBlocks(count, 3).map((run) => ({
      ...run,
      percentiles: { ...run.percentiles, p50: run.side === "A" ? 200_000 : 220_000 },
    }));
  const at = (count: number) => decide(evidence(blocks(count), { regressedAfter: 4 }));
  assert.deepEqual([at(4).outcome, at(4).isOver], ["regressed", false]);
  assert.deepEqual([at(11).outcome, at(11).isOver], ["regressed", false]);
  assert.deepEqual([at(12).outcome, at(12).isOver], ["regressed", true]);
});

test("without a decision it is over after as many blocks as were allowed", () => {
  const atLimit = [
    ...sampleBlocks(6, 1).filter(({ block }) => block % 2 === 0),
    ...sampleBlocks(6, 1.25).filter(({ block }) => block % 2 === 1),
  ];
  assert.equal(decide(evidence(atLimit, { limits: [P50] })).isOver, false);
  const last = decide(evidence(atLimit, { limits: [P50], blocksMax: 6 }));
  assert.deepEqual([last.outcome, last.isOver], ["cannot tell", true]);
  assert.match(last.reasons[0] ?? "", /p50: the interval contains \+10 %/);
});

test("faults of B that A has not are a regression from the second one on", () => {
  const sound = sampleRun("A", 0);
  const one = decide(evidence([sound, sound, faulty("B", 0)]));
  assert.deepEqual([one.outcome, one.isOver], ["cannot tell", false]);
  const two = decide(evidence([sound, sound, faulty("B", 0), faulty("B", 0)]));
  assert.deepEqual([two.outcome, two.isOver], ["regressed", true]);
  assert.deepEqual(two.reasons, ["B was at fault in 2 runs and A in none: lost"]);
  const both = decide(evidence([sound, sound, faulty("A", 0), faulty("B", 0), faulty("B", 0)]));
  assert.deepEqual([both.outcome, both.isOver], ["cannot tell", true]);
  assert.deepEqual(both.reasons, ["both were at fault, A in 1 runs and B in 2: lost"]);
  const noise = decide(
    evidence([sound, sound, { ...faulty("B", 0), phase: "noise" }, faulty("B", 0), faulty("B", 1)]),
  );
  assert.equal(noise.outcome, "cannot tell", "in the noise phase it was A that was at fault");
});

test("where both are at fault, what else was measured is no all-clear", () => {
  const good = [0, 1, 2, 3].flatMap((block) => [sampleRun("A", block), sampleRun("B", block)]);
  const done = { blocksDone: 4 };
  assert.equal(decide(evidence(good, done)).outcome, "not regressed");
  const faults = [faulty("A", 0), faulty("B", 0), faulty("B", 1)];
  assert.equal(decide(evidence([...good, ...faults], done)).outcome, "cannot tell");
});

test("a stored A has no runs of its own, and faults of B still count", () => {
  const runs = [faulty("B", 0), faulty("B", 0)];
  assert.equal(decide(evidence(runs)).outcome, "cannot tell");
  assert.equal(decide(evidence(runs, { sides: ["B"] })).outcome, "regressed");
});

test("a side that has had no valid run in three blocks ends it", () => {
  const invalid = (block: number) => sampleRun("B", block, 200, { problem: "invalid: late" });
  const runs = [0, 1, 2].flatMap((block) => [sampleRun("A", block), invalid(block)]);
  assert.equal(decide(evidence(runs.slice(0, 4))).isOver, false);
  const over = decide(evidence(runs));
  assert.deepEqual([over.outcome, over.isOver], ["cannot tell", true]);
  assert.deepEqual(over.reasons, ["no run of B counts, the last one: invalid: late"]);
});

test("noise without one valid run ends it before B is looked at", () => {
  const noise = sampleNoise().map((run) => ({ ...run, problem: "invalid: late" }));
  const over = decide(evidence(noise));
  assert.deepEqual([over.outcome, over.isOver], ["cannot tell", true]);
  assert.match(over.reasons[0] ?? "", /no run of A against A counts/);
});

test("a percentile counts only in the runs that had samples enough for it", () => {
  const short = (run: RunSample): RunSample => ({
    ...{ ...run, count: 900 },
    percentiles: { ...run.percentiles, p999: null },
  });
  const runs = sampleBlocks(4, 1);
  const some = runs.map((run, index) => (index === 0 ? short(run) : run));
  assert.deepEqual(blocksOf(some, "p999", "blocks")[0]?.a.length, 1);
  assert.deepEqual(blocksOf(some, "p50", "blocks")[0]?.a.length, 2);
  const none = decide(evidence(runs.map(short)));
  assert.equal(none.isOver, true);
  assert.match(none.reasons[0] ?? "", /p999 needs 10000 answers a run, and a run had 900/);
});

test("times of zero, or none at all, are not taken for too few answers", () => {
  const timeless = sampleBlocks(4, 1).map((run) => ({
    ...run,
    percentiles: { ...run.percentiles, p50: null },
  }));
  const none = decide(evidence(timeless));
  assert.deepEqual([none.outcome, none.isOver], ["cannot tell", true]);
  assert.match(none.reasons[0] ?? "", /^no run has a p50 above 0, although one had 36000 answers/);
});
