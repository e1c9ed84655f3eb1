// What telemetry costs clients: the same load, on schedule and measured from the intended send time, against a gateway
// that records nothing, one with telemetry at its defaults, and one that is scraped a hundred times a second as well.
// All in one run, there and back: the two that record nothing stand around the others in each round, and are the A/A.
// Run: node native-free-bench/scenarios/telemetry-price.ts [--seconds N] [--rounds N] [--rate N] [--durable 0|1] …

import type { LoadResult } from "../../src/tools/driver/load-result.ts";
import { countText, tableLine } from "../../src/tools/terminal-text.ts";
import { runGatewayLoad } from "../harness/gateway-load.ts";
import {
  invalidText,
  loadText,
  percentileCells,
  percentileColumns,
  ratioTexts,
  validResponses,
} from "../harness/latency-rows.ts";
import { numberOptions } from "../harness/options.ts";
import { machineLine } from "../harness/print.ts";
import { Scraper } from "../harness/scraper.ts";
import { exitOnSignals } from "../harness/scratch.ts";

const DEFAULTS = {
  seconds: 10,
  warmup: 3,
  rounds: 5,
  rate: 50_000,
  accounts: 64,
  /** 1 = each batch is synced. */
  durable: 0,
  "scrapes-per-second": 100,
};
export type TelemetryPricePlan = typeof DEFAULTS;

export const MODES = ["off", "on", "scraped"] as const;
type Mode = (typeof MODES)[number];
export type TelemetryPrice = Readonly<Record<Mode, LoadResult[]>>;

export async function measureTelemetryPrice(
  plan: TelemetryPricePlan,
  tell: (text: string) => void,
): Promise<TelemetryPrice> {
  const runs: TelemetryPrice = { off: [], on: [], scraped: [] };
  for (let round = 1; round <= plan.rounds; round++) {
    for (const mode of [...MODES, ...MODES.toReversed()]) {
      const load = await runMode(plan, mode);
      runs[mode].push(load);
      tell(`round ${round}  ${mode.padEnd(9)}${loadText(load)}`);
    }
  }
  return runs;
}

function runMode(plan: TelemetryPricePlan, mode: Mode): Promise<LoadResult> {
  const { seconds, warmup, rate, accounts, durable } = plan;
  const args = [
    ...["--seconds", String(seconds), "--warmup", String(warmup), "--rate", String(rate)],
    ...["--accounts", String(accounts)],
    ...["--set", `journal.durability=${durable === 1 ? "power-loss" : "process-crash"}`],
    ...["--set", `telemetry.enabled=${mode !== "off"}`],
  ];
  if (mode !== "scraped") return runGatewayLoad(args, ({ load }) => load);
  let scraper: Scraper | undefined;
  return runGatewayLoad(
    args,
    ({ load }) => {
      if (scraper === undefined || scraper.answers < seconds || scraper.failures > 0) {
        throw new Error(
          `the scrapes failed: ${scraper?.answers} answers, ${scraper?.failures} not`,
        );
      }
      return load;
    },
    {
      onReady: ({ admin }) => {
        scraper = new Scraper(admin.host, admin.port, "/metrics", plan["scrapes-per-second"]);
      },
      onLoaded: async () => scraper?.stop(),
    },
  ).finally(() => scraper?.stop());
}

const COLUMNS = [
  { title: "telemetry", width: 24 },
  ...percentileColumns,
  { title: "INVALID", width: 8 },
];

function priceLines(runs: TelemetryPrice): string[] {
  const lines = [tableLine(COLUMNS)];
  for (const mode of MODES) {
    const cells = percentileCells(validResponses(runs[mode]));
    lines.push(tableLine(COLUMNS, [mode, ...cells, invalidText(runs[mode])]));
  }
  for (const mode of MODES.slice(1)) {
    for (const text of ratioTexts(runs.off, runs[mode])) lines.push(`${mode} to off: ${text}`);
  }
  return lines;
}

if (import.meta.main) {
  exitOnSignals();
  const plan = numberOptions(process.argv.slice(2), DEFAULTS);
  const { rounds, seconds, accounts, rate } = plan;
  const what = `${countText(rate)}/s over ${accounts} connections, ${rounds} rounds there and back`;
  console.log(`${machineLine()}; ${what}, ${seconds} s each; durable ${plan.durable}`);
  const price = await measureTelemetryPrice(plan, (text) => console.log(text));
  console.log(`\n${priceLines(price).join("\n")}`);
}
