// What the journal costs clients: the same load, on schedule and measured from the intended send time, against a gateway
// that keeps nothing, one that survives its own death, and one that survives a loss of power; beside them the disk alone,
// a loop that writes and syncs batches of the sizes that the third one made. All in one run: each round goes through
// both rates and all four there, and back again, so that what the machine does meanwhile meets all of them alike.
// Run: node native-free-bench/scenarios/journal-price.ts [--seconds N] [--rounds N] [--rate N] [--fast-rate N] …

import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LoadResult } from "../../src/tools/driver/load-result.ts";
import { LatencyHistogram } from "../../src/tools/driver/percentiles.ts";
import { countText, tableLine } from "../../src/tools/terminal-text.ts";
import { type BareWrites, writeBare } from "../harness/bare-writes.ts";
import { runGatewayLoad } from "../harness/gateway-load.ts";
import { type JournalShape, journalShape } from "../harness/journal-shape.ts";
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
import { numberOptions } from "../harness/options.ts";
import { machineLine } from "../harness/print.ts";
import { exitOnSignals, Scratch } from "../harness/scratch.ts";

const DEFAULTS = {
  seconds: 10,
  warmup: 3,
  rounds: 3,
  rate: 12_000,
  /** 0 = the one rate only. */
  "fast-rate": 50_000,
  accounts: 16,
  /** Of each loop of bare writes. */
  "bare-seconds": 5,
  "segment-bytes": 64 * 2 ** 20,
};
export type PricePlan = typeof DEFAULTS;

export const MODES = ["none", "process-crash", "power-loss"] as const;
type Mode = (typeof MODES)[number];
const BARE = "bare";

export interface PriceRun {
  readonly load: LoadResult;
  /** Undefined: nothing is kept. */
  readonly shape: JournalShape | undefined;
}

/** Of one rate; by round, on the way there and on the way back. */
export interface PriceAtRate {
  readonly rate: number;
  readonly runs: Readonly<Record<Mode, PriceRun[]>>;
  readonly bare: BareWrites[];
}

export async function measurePrice(
  plan: PricePlan,
  tell: (text: string) => void,
): Promise<PriceAtRate[]> {
  const rates = [plan.rate, plan["fast-rate"]].filter((rate) => rate > 0);
  const prices = rates.map((rate): PriceAtRate => {
    return { rate, runs: { none: [], "process-crash": [], "power-loss": [] }, bare: [] };
  });
  const there = prices.flatMap((price) => {
    return [...MODES, BARE].map((what) => ({ price, what: what as Mode | typeof BARE }));
  });
  for (let round = 1; round <= plan.rounds; round++) {
    for (const { price, what } of [...there, ...there.toReversed()]) {
      const text = what === BARE ? runBare(plan, price) : await runMode(plan, price, what);
      tell(`round ${round}  ${countText(price.rate).padStart(7)}/s  ${text}`);
    }
  }
  return prices;
}

async function runMode(plan: PricePlan, { rate, runs }: PriceAtRate, mode: Mode): Promise<string> {
  const { seconds, warmup, accounts } = plan;
  const args = [
    ...["--seconds", String(seconds), "--warmup", String(warmup), "--rate", String(rate)],
    ...["--accounts", String(accounts), "--set", `journal.durability=${mode}`],
    ...["--set", `journal.segmentBytes=${plan["segment-bytes"]}`],
  ];
  const run = await runGatewayLoad(args, ({ load, ready, laneDirectory }): PriceRun => {
    if (ready.durability !== mode) throw new Error(`the gateway is durable as ${ready.durability}`);
    const shape = laneDirectory === undefined ? undefined : journalShape(laneDirectory, seconds);
    return { load, shape };
  });
  runs[mode].push(run);
  return `${mode.padEnd(14)}${loadText(run.load)}`;
}

/** With the sizes that the gateway made in the same round. */
function runBare(plan: PricePlan, { runs, bare }: PriceAtRate): string {
  const sizes = runs["power-loss"].at(-1)?.shape?.batchBytes ?? [];
  if (sizes.length === 0) return "bare          no batches to learn the sizes from";
  using scratch = new Scratch("bare");
  const path = join(scratch.path, "bare");
  const writes = writeBare(path, plan["segment-bytes"], sizes, plan["bare-seconds"]);
  bare.push(writes);
  return `${"bare".padEnd(14)}${percentilesText(writes.latency.percentiles())}`;
}

const COLUMNS = [
  { title: "", width: 24 },
  ...percentileColumns,
  { title: "records/batch", width: 13 },
  { title: "syncs/s", width: 8 },
  { title: "kB/s", width: 8 },
  { title: "INVALID", width: 8 },
];

function priceLines({ rate, runs, bare }: PriceAtRate): string[] {
  const lines = [`${countText(rate)}/s, medians`, tableLine(COLUMNS)];
  for (const mode of MODES) {
    const loads = runs[mode].map(({ load }) => load);
    // What was counted holds for runs that came late as well.
    const shapes = runs[mode].flatMap(({ shape }) => (shape === undefined ? [] : [shape]));
    lines.push(
      tableLine(COLUMNS, [
        mode,
        ...percentileCells(validResponses(loads)),
        cell(shapes, ({ records, batchBytes }) => records / batchBytes.length, decimalText),
        // A batch of a journal that survives a loss of power is one sync; the others have none.
        mode === "power-loss"
          ? cell(shapes, ({ batchBytes, seconds }) => batchBytes.length / seconds, countText)
          : "0",
        cell(shapes, ({ bytes, seconds }) => bytes / 1e3 / seconds, countText),
        invalidText(loads),
      ]),
    );
  }
  // All loops together: one of them is too short for a P999.
  const together = new LatencyHistogram(3);
  for (const { latency } of bare) together.add(latency);
  lines.push(
    tableLine(COLUMNS, [
      "bare write + fdatasync",
      ...percentileCells([together.percentiles()]),
      "",
      cell(bare, ({ writes, seconds }) => writes / seconds, countText),
      cell(bare, ({ bytes, seconds }) => bytes / 1e3 / seconds, countText),
      "",
    ]),
  );
  const plain = runs.none.map(({ load }) => load);
  for (const mode of MODES) {
    if (mode === "none") continue;
    const others = runs[mode].map(({ load }) => load);
    for (const text of ratioTexts(plain, others)) lines.push(`${mode} to none: ${text}`);
  }
  return lines;
}

const decimalText = (value: number): string => value.toFixed(1);

function cell<Run>(
  runs: readonly Run[],
  figureOf: (run: Run) => number,
  text: (value: number) => string,
): string {
  return runs.length === 0 ? "–" : text(medianOf(runs.map(figureOf)));
}

if (import.meta.main) {
  exitOnSignals();
  const plan = numberOptions(process.argv.slice(2), DEFAULTS);
  const { rounds, seconds, accounts } = plan;
  const order = `${rounds} rounds there and back, ${seconds} s each`;
  console.log(`${machineLine()}; ${accounts} connections, ${order}; ${tmpdir()}`);
  const prices = await measurePrice(plan, (text) => console.log(text));
  for (const price of prices) console.log(`\n${priceLines(price).join("\n")}`);
}
