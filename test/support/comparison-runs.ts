// Runs and records of comparisons for tests, without anything having been run.

import type { ComparisonRecord } from "../../src/tools/compare/comparison-record.ts";
import { decide } from "../../src/tools/compare/decision.ts";
import type { RunSample } from "../../src/tools/compare/run-sample.ts";

const COUNT = 36_000;

/** A valid run with times of about `micros`, unless `other` says otherwise. */
export function sampleRun(
  side: "A" | "B",
  block: number,
  micros = 200,
  other: Partial<RunSample> = {},
): RunSample {
  const ns = micros * 1000;
  const [p50, p90, p99, p999] = [ns, ns * 2, ns * 5, ns * 20];
  const max = ns * 40;
  const point = { sent: COUNT / 2, p50, p99, p999, max };
  return {
    ...{ block, side, phase: "blocks", problem: null, faults: [], count: COUNT },
    startedMs: Date.UTC(2026, 10, 20) + block * 20_000 + (side === "A" ? 0 : 5_000),
    percentiles: { p50, p90, p99, p999, p9999: null, max },
    series: [
      { second: 1, ...point },
      { second: 2, ...point },
    ],
    ...{ histogram: null, loadAverage: 1.25 },
    ...other,
  };
}

/** Blocks of two runs a side; B takes `ratio` times as long, and no block is quite like another. */
export const sampleBlocks = (count: number, ratio: number): RunSample[] =>
  Array.from({ length: count }, (_, block) => {
    const micros = 200 + block;
    return [
      sampleRun("A", block, micros),
      sampleRun("B", block, micros * ratio),
      sampleRun("B", block, micros * ratio + 1),
      sampleRun("A", block, micros + 1),
    ];
  }).flat();

export const sampleNoise = (): RunSample[] =>
  sampleBlocks(3, 1).map((run) => ({ ...run, phase: "noise" }));

/** As a comparison of B, `ratio` times as slow, leaves it. */
export function sampleRecord(
  ratio: number,
  other: Partial<ComparisonRecord> = {},
): ComparisonRecord {
  const runs = [...sampleNoise(), ...sampleBlocks(6, ratio)];
  const limits = [
    { name: "p50", limit: 1.1 },
    { name: "p999", limit: 1.25 },
  ] as const;
  const evidence = { limits, runs, blocksDone: 6, blocksMax: 20, sides: ["A", "B"] as const };
  const { outcome, reasons, verdicts } = decide(evidence);
  const target = { kind: "checkout", settings: [], startScript: "node src/main.ts" } as const;
  return {
    ...{ version: 1, kind: "side by side", outcome, reasons, verdicts, limits },
    a: { ...target, text: "/builds/a", commit: "0123456789ab" },
    b: { ...target, text: "/builds/b", commit: "ba9876543210+" },
    ...{ profile: "load --rate 12000", blocksMax: 20, runs, admin: [] },
    startedAt: "2026-11-20T00:00:00.000Z",
    finishedAt: "2026-11-20T00:05:00.000Z",
    histograms: { a: null, b: null },
    environment: {
      ...{ host: "h", node: "v24.21.0", cpu: "a CPU", cores: 2, kernel: "6.1" },
      ...{ loadBefore: 0.5, loadAfter: 1.5, toolCommit: null },
    },
    baseline: null,
    ...other,
  };
}
