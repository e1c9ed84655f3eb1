// What a client feels of each target at the same rates, in one interleaved run: a bare echo as the floor, the npm
// package, the gateway per venue and durability, and one of them twice, as the noise floor. Run by bench.ts.

import { countText, tableLine, timeText } from "../../src/tools/terminal-text.ts";
import {
  invalidText,
  loadText,
  percentileCells,
  percentileColumns,
  ratioTexts,
  validResponses,
} from "../harness/latency-rows.ts";
import { medianOf } from "../harness/measure.ts";
import { type Rotation, rotate } from "../harness/rotation.ts";
import type { OrderResult } from "../order-load/order-plan.ts";
import { runTarget, TARGET_LOAD } from "../targets/run-target.ts";
import type { Target } from "../targets/target.ts";

export interface SideBySidePlan extends Rotation {
  /** The first is the floor. */
  readonly targets: readonly Target[];
  /** Two names of `targets` that are the same thing. */
  readonly twins: readonly [string, string];
  readonly rates: readonly number[];
  readonly connections: number;
  readonly warmupSeconds: number;
  readonly seconds: number;
}

export interface SideBySideRow {
  readonly rate: number;
  readonly target: string;
  /** In the order in which they ran: there, back, there … */
  readonly runs: OrderResult[];
}

export async function measureSideBySide(
  plan: SideBySidePlan,
  tell: (text: string) => void,
  isStopped?: () => boolean,
): Promise<SideBySideRow[]> {
  const items = plan.rates.flatMap((rate) =>
    plan.targets.map((target) => {
      const row: SideBySideRow = { rate, target: target.name, runs: [] };
      return { target, row };
    }),
  );
  const run = async ({ target, row }: (typeof items)[number]): Promise<void> => {
    const { connections, warmupSeconds, seconds } = plan;
    const load = { ...TARGET_LOAD, connections, rate: row.rate, warmupSeconds, seconds };
    const result = await runTarget(target, load);
    row.runs.push(result);
    tell(`${countText(row.rate).padStart(7)}/s  ${row.target.padEnd(32)}${loadText(result)}`);
  };
  await rotate(items, plan, run, isStopped);
  return items.map(({ row }) => row);
}

const COLUMNS = [
  { title: "", width: 34 },
  ...percentileColumns,
  { title: "P999 of the runs", width: 19 },
  { title: "P50/floor", width: 9 },
  { title: "P999/floor", width: 10 },
  { title: "INVALID", width: 8 },
];

export function sideBySideLines(plan: SideBySidePlan, rows: readonly SideBySideRow[]): string[] {
  return plan.rates.flatMap((rate) => {
    const atRate = rows.filter((row) => row.rate === rate);
    const [floor] = atRate;
    const head = `${countText(rate)}/s over ${plan.connections} connections, medians`;
    const lines = [head, tableLine(COLUMNS)];
    for (const { target, runs } of atRate) {
      lines.push(
        tableLine(COLUMNS, [
          target,
          ...percentileCells(validResponses(runs)),
          rangeText(validResponses(runs).map(({ p999 }) => p999)),
          ratioText(floor?.runs ?? [], runs, "p50"),
          ratioText(floor?.runs ?? [], runs, "p999"),
          invalidText(runs),
        ]),
      );
    }
    const [one, other] = plan.twins.map(
      (name) => atRate.find(({ target }) => target === name)?.runs ?? [],
    );
    for (const text of ratioTexts(one ?? [], other ?? [])) {
      lines.push(`noise floor, ${plan.twins[0]} to itself: ${text}`);
    }
    return [...lines, ""];
  });
}

function rangeText(values: readonly (number | null)[]): string {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return "–";
  return `${timeText(Math.min(...known))} … ${timeText(Math.max(...known))}`;
}

/** Runs at the same place of a rotation stand side by side; the median of their ratios. */
function ratioText(
  floor: readonly OrderResult[],
  runs: readonly OrderResult[],
  name: "p50" | "p999",
): string {
  const ratios = runs.flatMap((run, index) => {
    const below = floor[index];
    const value = run.latency.response[name];
    const floorValue = below?.latency.response[name] ?? null;
    if (!run.isValid || !below?.isValid || value === null || floorValue === null) return [];
    return [value / floorValue];
  });
  return ratios.length === 0 ? "–" : `×${medianOf(ratios).toFixed(2)}`;
}
