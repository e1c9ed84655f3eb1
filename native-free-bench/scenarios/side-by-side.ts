// What a client feels of each target at the same rates, in one interleaved run: a bare echo as the floor, the npm
// package, the gateway per venue and durability, and one of them twice, as the noise floor. Run by bench.ts.

import { join } from "node:path";
import { LatencyHistogram, type Percentiles } from "../../src/tools/driver/percentiles.ts";
import { countText, tableLine, timeText } from "../../src/tools/terminal-text.ts";
import { writeBare } from "../harness/bare-writes.ts";
import {
  invalidText,
  loadText,
  percentileCells,
  percentileColumns,
  percentilesText,
  ratioTexts,
  validResponses,
} from "../harness/latency-rows.ts";
import { medianOf } from "../harness/measure.ts";
import { type Rotation, rotate } from "../harness/rotation.ts";
import { Scratch } from "../harness/scratch.ts";
import type { OrderResult } from "../order-load/order-plan.ts";
import { runTarget, TARGET_LOAD } from "../targets/run-target.ts";
import type { Target } from "../targets/target.ts";

const BARE_PIECE_BYTES = 368;
const BARE_FILE_BYTES = 16 * 2 ** 20;

export interface SideBySidePlan extends Rotation {
  /** The first is the floor. */
  readonly targets: readonly Target[];
  /** Two names of `targets` that are the same thing. */
  readonly twins: readonly [string, string];
  readonly rates: readonly number[];
  readonly connections: number;
  readonly warmupSeconds: number;
  readonly seconds: number;
  /** Of each loop of bare writes with a sync; 0 = none. */
  readonly bareSeconds: number;
}

export interface SideBySideRow {
  readonly rate: number;
  readonly target: string;
  /** In the order in which they ran: there, back, there … */
  readonly runs: OrderResult[];
}

export interface SideBySide {
  readonly rows: readonly SideBySideRow[];
  /** What a sync takes by itself, nanoseconds: of all loops together. */
  readonly bareSync: Percentiles;
}

export async function measureSideBySide(
  plan: SideBySidePlan,
  tell: (text: string) => void,
  isStopped?: () => boolean,
): Promise<SideBySide> {
  const runs = plan.rates.flatMap((rate) =>
    plan.targets.map((target) => {
      const row: SideBySideRow = { rate, target: target.name, runs: [] };
      return { target, row };
    }),
  );
  const bareSync = new LatencyHistogram(3);
  const steps = [
    ...runs.map(
      ({ target, row }) =>
        () =>
          runRow(plan, target, row, tell),
    ),
    async () => writeBareInto(bareSync, plan.bareSeconds),
  ];
  await rotate(steps, plan, (step) => step(), isStopped);
  return { rows: runs.map(({ row }) => row), bareSync: bareSync.percentiles() };
}

async function runRow(
  { connections, warmupSeconds, seconds }: SideBySidePlan,
  target: Target,
  { rate, runs }: SideBySideRow,
  tell: (text: string) => void,
): Promise<void> {
  const load = { ...TARGET_LOAD, connections, rate, warmupSeconds, seconds };
  const result = await runTarget(target, load);
  runs.push(result);
  tell(`${countText(rate).padStart(7)}/s  ${target.name.padEnd(32)}${loadText(result)}`);
}

/** Where the journals are, in pieces as large as their batches are at moderate rates. */
function writeBareInto(latency: LatencyHistogram, seconds: number): void {
  if (seconds === 0) return;
  using scratch = new Scratch("bare");
  const path = join(scratch.path, "bare");
  latency.add(writeBare(path, BARE_FILE_BYTES, [BARE_PIECE_BYTES], seconds).latency);
}

const COLUMNS = [
  { title: "", width: 34 },
  ...percentileColumns,
  { title: "P999 of the runs", width: 19 },
  { title: "P50/floor", width: 9 },
  { title: "P999/floor", width: 10 },
  { title: "INVALID", width: 8 },
];

export function sideBySideLines(plan: SideBySidePlan, { rows, bareSync }: SideBySide): string[] {
  const sync = `a bare write of ${BARE_PIECE_BYTES} bytes with fdatasync: ${percentilesText(bareSync)}`;
  return [...plan.rates.flatMap((rate) => rateLines(plan, rate, rows)), sync];
}

function rateLines(plan: SideBySidePlan, rate: number, rows: readonly SideBySideRow[]): string[] {
  const atRate = rows.filter((row) => row.rate === rate);
  const floor = atRate[0]?.runs ?? [];
  const head = `${countText(rate)}/s over ${plan.connections} connections, medians`;
  const cells = atRate.map(({ target, runs }) => [
    target,
    ...percentileCells(validResponses(runs)),
    rangeText(validResponses(runs).map(({ p999 }) => p999)),
    ratioText(floor, runs, "p50"),
    ratioText(floor, runs, "p999"),
    invalidText(runs),
  ]);
  const [one = [], other = []] = plan.twins.map(
    (name) => atRate.find(({ target }) => target === name)?.runs,
  );
  const noise = ratioTexts(one, other).map(
    (text) => `noise floor, ${plan.twins[0]} to itself: ${text}`,
  );
  return [head, tableLine(COLUMNS), ...cells.map((row) => tableLine(COLUMNS, row)), ...noise, ""];
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
