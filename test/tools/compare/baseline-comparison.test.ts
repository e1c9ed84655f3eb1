import assert from "node:assert/strict";
import { test } from "node:test";
import { type Baseline, BaselineError } from "../../../src/tools/compare/baseline.ts";
import { BaselineComparison } from "../../../src/tools/compare/baseline-comparison.ts";
import type { CompareOptions } from "../../../src/tools/compare/compare-plan.ts";
import type { ComparisonRecord } from "../../../src/tools/compare/comparison-record.ts";
import { profileText } from "../../../src/tools/compare/measuring-tool.ts";
import { PERCENTILE_NAMES, type PercentileName } from "../../../src/tools/compare/run-sample.ts";
import { environmentBefore, targetFacts } from "../../../src/tools/compare/target-facts.ts";
import {
  type Script,
  SeenComparison,
  scriptedOptions,
  timesAtLimit,
} from "../../support/scripted-comparison.ts";

const B_ALONE = { blocksMax: 20, noiseBlocks: 0, runsOfSide: 2, runsOfBlock: 2 };
const SAVED_BLOCKS = 4;

const scriptOf = (ratio: (block: number) => number): Script => ({
  ...B_ALONE,
  times: (side, block) => timesAtLimit(side, block, ratio(block)),
});

const byPercentile = <Value>(make: (name: PercentileName) => Value) =>
  Object.fromEntries(PERCENTILE_NAMES.map((name) => [name, make(name)])) as Record<
    PercentileName,
    Value
  >;

/** What A measured here, which never differed from itself. */
function baselineFor({ profile, length, a }: CompareOptions): Baseline {
  const blocks = Array.from({ length: SAVED_BLOCKS }, (_, block) => timesAtLimit("A", block, 1));
  return {
    ...{ tailgateBaseline: 1, savedAt: "2026-11-22T00:00:00.000Z", file: "baseline.json" },
    ...{ profile: profileText(profile), length, target: targetFacts(a), histogram: null },
    environment: { ...environmentBefore(), loadAfter: 0 },
    processes: byPercentile((name) =>
      name === "p50" || name === "p999" ? blocks.map((times) => [times[name]]) : [],
    ),
    noise: byPercentile(() => 0),
  };
}

interface Seen {
  readonly record: ComparisonRecord;
  readonly watcher: SeenComparison;
}

/** Interrupted at that run. */
async function compared(script: Script, interruptedAt?: number): Promise<Seen> {
  const options = scriptedOptions(script);
  const watcher = new SeenComparison((runs) => {
    if (runs === interruptedAt) comparison.interrupt();
  });
  const comparison = new BaselineComparison(options, baselineFor(options), watcher);
  return { record: await comparison.run(), watcher };
}

test("when one percentile is regressed the others have eight more blocks, counted from the first", async () => {
  const { record, watcher } = await compared(scriptOf(() => 3));
  assert.deepEqual(watcher.outcomes, [
    ...["cannot tell", "cannot tell", "cannot tell"],
    ...Array<string>(1 + 8).fill("regressed"),
  ]);
  assert.equal(record.outcome, "regressed");
  assert.equal(record.verdicts[0]?.outcome, "cannot tell");
});

test("a regression that goes again takes its eight blocks with it", async () => {
  const mixed = [3, 3, 3, 3, 0.4, 0.4];
  const { watcher } = await compared(scriptOf((block) => mixed[block] ?? 3));
  const regressed = watcher.outcomes.map((outcome) => outcome === "regressed");
  assert.deepEqual([regressed.indexOf(true), regressed.indexOf(false, 3)], [3, 4]);
  assert.equal(regressed.length - regressed.indexOf(true, 4), 1 + 8);
  assert.ok(regressed.length < B_ALONE.blocksMax);
});

test("what is interrupted cannot tell, and the block that it broke off is told of by nobody", async () => {
  const { record, watcher } = await compared(
    scriptOf(() => 1),
    3,
  );
  assert.deepEqual([record.outcome, record.reasons], ["cannot tell", ["it was interrupted"]]);
  assert.deepEqual(watcher.outcomes, ["cannot tell"]);
  assert.equal(record.runs.length, 3);
});

test("a regression that was there before the interruption stands", async () => {
  const { record, watcher } = await compared(
    scriptOf(() => 3),
    9,
  );
  assert.equal(watcher.outcomes.at(-1), "regressed");
  assert.equal(record.outcome, "regressed");
  assert.match(record.reasons[0] ?? "", /^p999: the interval begins above/);
});

test("a baseline of another load or length, or without a limited percentile, is refused, and one of another machine cannot tell", async () => {
  const options = scriptedOptions(scriptOf(() => 1));
  const baseline = baselineFor(options);
  const { length, environment } = baseline;
  const others = [
    { profile: "a load of rate 1" },
    { length: { ...length, seconds: 2 } },
    { length: { ...length, warmupSeconds: 2 } },
    { processes: { ...baseline.processes, p999: [[4_000_000]] } },
  ];
  for (const other of others) {
    const make = () =>
      new BaselineComparison(options, { ...baseline, ...other }, new SeenComparison());
    assert.throws(make, BaselineError, JSON.stringify(other));
  }
  for (const other of [{ cpu: "another" }, { cores: environment.cores + 1 }]) {
    const elsewhere = { ...baseline, environment: { ...environment, ...other } };
    const watcher = new SeenComparison();
    const record = await new BaselineComparison(options, elsewhere, watcher).run();
    assert.equal(record.outcome, "cannot tell");
    assert.match(record.reasons.join(), /^the baseline is of another machine: \d+ × /);
    assert.equal(watcher.runs, 0);
  }
});
