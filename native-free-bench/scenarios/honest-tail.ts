// Whether the gateway's own P999 is what a client sees (semantics §6.4): by itself, and with its event loop held for
// 15 ms twice a second by code that the stamps know nothing of. The gateway's may not be below the client's minus 10 %.
// Run: node native-free-bench/scenarios/honest-tail.ts [--seconds N] [--rounds N] [--rate N]

import { setTimeout as delay } from "node:timers/promises";
import type { LoadResult } from "../../src/tools/driver/load-result.ts";
import type { ReadyLine } from "../../src/tools/gateway-process.ts";
import { tableLine, timeText } from "../../src/tools/terminal-text.ts";
import { runGatewayLoad } from "../harness/gateway-load.ts";
import { numberOptions } from "../harness/options.ts";
import { machineLine } from "../harness/print.ts";
import { exitOnSignals } from "../harness/scratch.ts";

const DEFAULTS = { seconds: 10, warmup: 3, rounds: 3, rate: 12_000, accounts: 16 };
export type HonestTailPlan = typeof DEFAULTS;

/** However busy the machine is: the scribe comes last. */
const OWN_MS_MAX = 20_000;
const ASK_AGAIN_MS = 100;
const PRELOAD = new URL("blocked-loop-preload.ts", import.meta.url).href;

/** As /latency.json has it, nanoseconds. */
interface OwnLatency {
  readonly count: number;
  readonly p50Ns?: number;
  readonly p999Ns?: number;
}

interface LatencyJson {
  readonly headline: Readonly<Record<string, OwnLatency>>;
  /** Counted when the last second was over, */
  readonly sla: { readonly headline: number };
  /** and when the page was made. */
  readonly answers: readonly { readonly headline: boolean; readonly count: number }[];
}

export interface HonestRun {
  readonly isBlocked: boolean;
  readonly load: LoadResult;
  readonly own: OwnLatency;
}

export async function measureHonesty(
  plan: HonestTailPlan,
  tell: (run: HonestRun) => void,
): Promise<HonestRun[]> {
  const runs: HonestRun[] = [];
  for (let round = 1; round <= plan.rounds; round++) {
    for (const isBlocked of [false, true]) {
      const run = await runOnce(plan, isBlocked);
      runs.push(run);
      tell(run);
    }
  }
  return runs;
}

async function runOnce(plan: HonestTailPlan, isBlocked: boolean): Promise<HonestRun> {
  const { seconds, warmup, rate, accounts } = plan;
  const args = [
    ...["--seconds", String(seconds), "--warmup", String(warmup), "--rate", String(rate)],
    ...["--accounts", String(accounts), "--set", "journal.durability=process-crash"],
  ];
  let own: OwnLatency | undefined;
  const load = await runGatewayLoad(args, ({ load: result }) => result, {
    env: isBlocked ? { NODE_OPTIONS: `--import ${PRELOAD}` } : {},
    onLoaded: async (ready) => {
      own = await ownLatency(ready);
    },
  });
  if (own === undefined) throw new Error("/latency.json has no window of ten seconds");
  return { isBlocked, load, own };
}

/** A window has whole seconds: asked again until the load's last one is over, and every answer is in it. */
async function ownLatency({ admin }: ReadyLine): Promise<OwnLatency | undefined> {
  const signal = AbortSignal.timeout(OWN_MS_MAX);
  for (;;) {
    const answer = await fetch(`http://${admin.host}:${admin.port}/latency.json`, { signal });
    const { headline, sla, answers } = (await answer.json()) as LatencyJson;
    const counted = answers.reduce((sum, each) => sum + (each.headline ? each.count : 0), 0);
    if (counted > 0 && sla.headline === counted) return headline["10"];
    await delay(ASK_AGAIN_MS, undefined, { signal });
  }
}

const COLUMNS = [
  { title: "loop", width: 14 },
  { title: "client P999", width: 12 },
  { title: "own P999", width: 12 },
  { title: "own/client", width: 10 },
  { title: "client P50", width: 12 },
  { title: "own P50", width: 12 },
];

function line({ isBlocked, load, own }: HonestRun): string {
  const { p50, p999 } = load.latency.response;
  const ratio = p999 === null || own.p999Ns === undefined ? "–" : (own.p999Ns / p999).toFixed(2);
  return tableLine(COLUMNS, [
    isBlocked ? "held 15 ms" : "free",
    load.isValid ? timeText(p999) : "INVALID",
    timeText(own.p999Ns ?? null),
    ratio,
    timeText(p50),
    timeText(own.p50Ns ?? null),
  ]);
}

if (import.meta.main) {
  exitOnSignals();
  const plan = numberOptions(process.argv.slice(2), DEFAULTS);
  console.log(`${machineLine()}; ${plan.rate}/s, ${plan.rounds} rounds, ${plan.seconds} s each`);
  console.log(tableLine(COLUMNS));
  await measureHonesty(plan, (run) => console.log(line(run)));
}
