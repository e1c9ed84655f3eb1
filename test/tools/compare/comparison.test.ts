import assert from "node:assert/strict";
import { test } from "node:test";
import { Comparison } from "../../../src/tools/compare/comparison.ts";
import type { ComparisonRecord } from "../../../src/tools/compare/comparison-record.ts";
import {
  type Script,
  SeenComparison,
  scriptedOptions,
  timesAtLimit,
} from "../../support/scripted-comparison.ts";

const SIDE_BY_SIDE = { blocksMax: 20, noiseBlocks: 0, runsOfSide: 2, runsOfBlock: 4 };

interface Seen {
  readonly record: ComparisonRecord;
  readonly watcher: SeenComparison;
}

/** Interrupted at that run. */
async function compared(script: Script, interruptedAt?: number): Promise<Seen> {
  const watcher = new SeenComparison((runs) => {
    if (runs === interruptedAt) comparison.interrupt();
  });
  const comparison = new Comparison(scriptedOptions(script), watcher);
  return { record: await comparison.run(), watcher };
}

test("when one percentile is regressed the others have eight more blocks, counted from the first", async () => {
  const slower: Script = { ...SIDE_BY_SIDE, times: (side, block) => timesAtLimit(side, block, 3) };
  const { record, watcher } = await compared(slower);
  assert.deepEqual(watcher.outcomes, [
    ...["cannot tell", "cannot tell", "cannot tell"],
    ...Array<string>(1 + 8).fill("regressed"),
  ]);
  assert.equal(record.outcome, "regressed");
  assert.equal(record.verdicts[0]?.outcome, "cannot tell");
});

test("a regression that goes again takes its eight blocks with it", async () => {
  const mixed = [3, 3, 3, 3, 0.4, 0.4, 0.4, 0.4];
  const moody: Script = {
    ...SIDE_BY_SIDE,
    blocksMax: 40,
    times: (side, block) => timesAtLimit(side, block, mixed[block] ?? 3),
  };
  const { watcher } = await compared(moody);
  const regressed = watcher.outcomes.map((outcome) => outcome === "regressed");
  assert.deepEqual([regressed.indexOf(true), regressed.indexOf(false, 3)], [3, 4]);
  assert.equal(regressed.length - regressed.indexOf(true, 4), 1 + 8);
  assert.ok(regressed.length < moody.blocksMax);
});

test("what is interrupted cannot tell, and the block that it broke off is told of by nobody", async () => {
  const script: Script = { ...SIDE_BY_SIDE, times: (side, block) => timesAtLimit(side, block, 1) };
  const { record, watcher } = await compared(script, 7);
  assert.deepEqual([record.outcome, record.reasons], ["cannot tell", ["it was interrupted"]]);
  assert.deepEqual(watcher.outcomes, ["cannot tell"]);
  assert.deepEqual([record.runs.length, record.admin.length], [7, 1]);
});

test("what is interrupted while A runs against itself is not said to have been measured alone", async () => {
  const script: Script = {
    ...{ ...SIDE_BY_SIDE, noiseBlocks: 2 },
    times: (side, block) => timesAtLimit(side, block, 1),
  };
  const { record, watcher } = await compared(script, 2);
  assert.deepEqual(record.reasons, ["it was interrupted"]);
  assert.deepEqual(
    record.runs.map(({ phase }) => phase),
    ["noise", "noise"],
  );
  assert.deepEqual(watcher.outcomes, []);
});

test("a regression that was there before the interruption stands", async () => {
  const slower: Script = { ...SIDE_BY_SIDE, times: (side, block) => timesAtLimit(side, block, 3) };
  const { record, watcher } = await compared(slower, 18);
  assert.equal(watcher.outcomes.at(-1), "regressed");
  assert.equal(record.outcome, "regressed");
  assert.match(record.reasons[0] ?? "", /^p999: the interval begins above/);
});
