// Where the time goes inside of the targets that say so: stage by stage, the typical block of A beside that of B.

import type { AdminReading, StageTimes } from "./admin-reading.ts";
import type { ComparisonRecord } from "./comparison-record.ts";

export interface StageRow {
  readonly stage: string;
  readonly a: Readonly<Record<StagePercentile, number | null>>;
  readonly b: Readonly<Record<StagePercentile, number | null>>;
}

export const STAGE_PERCENTILES = ["p50", "p99", "p999"] as const;
export type StagePercentile = (typeof STAGE_PERCENTILES)[number];

/** Medians over blocks, in nanoseconds; empty when neither serves them. A stage without samples is left out. */
export function stageRows(record: ComparisonRecord): StageRow[] {
  const a = readingsOf(record, "A");
  const b = readingsOf(record, "B");
  const names = new Set([...a, ...b].flatMap(({ stages }) => Object.keys(stages)));
  return [...names]
    .map((stage) => ({ stage, a: typical(a, stage), b: typical(b, stage) }))
    .filter((row) => row.a.p50 !== null || row.b.p50 !== null);
}

export interface CollectionFacts {
  readonly collections: number | null;
  readonly seconds: number | null;
}

/** Of the typical block, from its start to its end. */
export const collectionsOf = (record: ComparisonRecord, side: "A" | "B"): CollectionFacts => {
  const readings = readingsOf(record, side);
  return {
    collections: median(readings.flatMap(({ collections }) => collections ?? [])),
    seconds: median(readings.flatMap(({ collectionSeconds }) => collectionSeconds ?? [])),
  };
};

const readingsOf = (record: ComparisonRecord, side: "A" | "B"): AdminReading[] =>
  record.admin.flatMap((block) => block[side] ?? []);

function typical(readings: readonly AdminReading[], stage: string): StageRow["a"] {
  const times = readings.flatMap(({ stages }): StageTimes[] => {
    const found = stages[stage];
    return found ? [found] : [];
  });
  const of = (percentile: StagePercentile): number | null =>
    median(times.flatMap((each) => each[percentile] ?? []));
  return { p50: of("p50"), p99: of("p99"), p999: of("p999") };
}

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((left, right) => left - right);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  return upper === undefined || lower === undefined ? null : (upper + lower) / 2;
}
