// Comparisons of targets that are not there: what a run measures stands in a file that is named after the target's port
// and the run's seed, and `cat` is the measuring tool.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import type { CompareOptions } from "../../src/tools/compare/compare-plan.ts";
import type { ComparisonWatcher } from "../../src/tools/compare/comparison.ts";
import type { Outcome } from "../../src/tools/compare/percentile-verdict.ts";
import type { RunSample } from "../../src/tools/compare/run-sample.ts";
import type { TargetSpec } from "../../src/tools/compare/target-spec.ts";
import { testDirectory } from "./gateway.ts";

export interface ScriptedTimes {
  readonly p50: number;
  readonly p999: number;
}

const PORTS = { A: 1, B: 2 } as const;
const COUNT = 20_000;

export interface Script {
  readonly blocksMax: number;
  readonly noiseBlocks: number;
  /** How often a side is run in a block, and how many runs of all sides there are. */
  readonly runsOfSide: number;
  readonly runsOfBlock: number;
  /** In nanoseconds, of every run of the side in that block. */
  times(side: "A" | "B", block: number): ScriptedTimes;
}

/** P50 is at its limit for ever; P999 of B takes `ratio` times as long in a block. */
export function timesAtLimit(side: "A" | "B", block: number, ratio: number): ScriptedTimes {
  const p50 = 200_000 + block;
  const p999 = 4_000_000 + block;
  if (side === "A") return { p50, p999 };
  return { p50: p50 * (block % 2 === 0 ? 1 : 1.2), p999: p999 * ratio };
}

/** P50 may be 10 % slower and P999 25 %. */
export function scriptedOptions(script: Script): CompareOptions {
  const { blocksMax, noiseBlocks, runsOfSide, runsOfBlock } = script;
  const directory = testDirectory();
  for (const side of ["A", "B"] as const) {
    for (let block = 0; block < blocksMax; block++) {
      const response = { count: COUNT, ...script.times(side, block) };
      const result = { isValid: true, faults: [], latency: { response } };
      for (let run = 0; run < runsOfSide; run++) {
        const file = `${PORTS[side]}-${1 + runsOfBlock * block + run}.json`;
        writeFileSync(path.join(directory, file), `${JSON.stringify(result)}\n`);
      }
    }
  }
  return {
    ...{ a: targetOf("A"), b: targetOf("B"), blocksMax, noiseBlocks },
    profile: { kind: "tool", command: `cat '${directory}/'{port}-{seed}.json` },
    limits: [
      { name: "p50", limit: 1.1 },
      { name: "p999", limit: 1.25 },
    ],
    ...{ length: { seconds: 1, warmupSeconds: 0 }, warmSeconds: 0 },
  };
}

function targetOf(side: "A" | "B"): TargetSpec {
  const [host, port] = ["127.0.0.1", PORTS[side]];
  return { kind: "address", text: `${host}:${port}`, host, port, settings: [] };
}

/** Writes down what it is told; `onRuns` is called with how many runs there were. */
export class SeenComparison implements ComparisonWatcher {
  runs = 0;
  readonly outcomes: Outcome[] = [];
  private readonly onRuns: (runs: number) => void;

  constructor(onRuns: (runs: number) => void = () => {}) {
    this.onRuns = onRuns;
  }

  onRun(_run: RunSample): void {
    this.runs++;
    this.onRuns(this.runs);
  }

  onBlock(blocksDone: number, { outcome }: { readonly outcome: Outcome }): void {
    this.outcomes.push(outcome);
    assert.equal(blocksDone, this.outcomes.length);
  }
}
