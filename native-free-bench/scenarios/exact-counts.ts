// Whether nothing is counted twice or never: a million requests and more on schedule, then what the load tool knows
// against what the gateway says. Counts only, so a busy machine is no matter.
// Run: node native-free-bench/scenarios/exact-counts.ts [--seconds N] [--rate N] [--accounts N]

import { setTimeout as delay } from "node:timers/promises";
import type { LoadResult } from "../../src/tools/driver/load-result.ts";
import { countText } from "../../src/tools/terminal-text.ts";
import { runGatewayLoad } from "../harness/gateway-load.ts";
import { numberOptions } from "../harness/options.ts";
import { machineLine } from "../harness/print.ts";
import { exitOnSignals } from "../harness/scratch.ts";

const DEFAULTS = { seconds: 25, rate: 50_000, accounts: 64 };
export type ExactPlan = typeof DEFAULTS;

const STAGES = ["loopWait", "frame", "ring", "decide", "journal", "release", "write"];
/** The page is made once a second, or later where the scribe gets no core: asked until it shows it all. */
const PAGES_MS_MAX = 20_000;
const ASK_AGAIN_MS = 250;

/** What is compared: what it is, what it must be, what it is found to be. */
type Check = readonly [what: string, expected: number, found: number];

export interface ExactResult {
  readonly load: LoadResult;
  readonly checks: readonly Check[];
}

const isEqual = ([, expected, found]: Check): boolean => expected === found;

export async function checkCounts({ seconds, rate, accounts }: ExactPlan): Promise<ExactResult> {
  const args = [
    ...["--seconds", String(seconds), "--warmup", "0", "--rate", String(rate)],
    ...["--accounts", String(accounts), "--set", "journal.durability=process-crash"],
  ];
  let checks: readonly Check[] = [];
  const load = await runGatewayLoad(args, ({ load: result }) => result, {
    onLoaded: async ({ admin }, result) => {
      const endMs = performance.now() + PAGES_MS_MAX;
      for (;;) {
        const page = await (await fetch(`http://${admin.host}:${admin.port}/metrics`)).text();
        checks = checksOf(result, page);
        if (checks.every(isEqual) || performance.now() > endMs) return;
        await delay(ASK_AGAIN_MS);
      }
    },
  });
  return { load, checks };
}

function checksOf(load: LoadResult, page: string): Check[] {
  const sum = (name: string, label = ""): number =>
    page
      .split("\n")
      .filter((line) => line.startsWith(`${name}{`) && line.includes(label))
      .reduce((total, line) => total + Number(line.slice(line.lastIndexOf(" "))), 0);
  const answers = sum("gateway_latency_seconds_count");
  // Each connection ends with a question of its own, which the load tool does not count.
  const queries = sum("gateway_requests_total", 'type="Q"');
  const undelivered = sum("gateway_outcomes_total", 'outcome="undelivered"');
  return [
    ["requests taken", load.counts.sent + queries, sum("gateway_requests_total")],
    ["outcomes of requests", sum("gateway_requests_total"), sum("gateway_outcomes_total")],
    [
      "answers with a latency",
      load.counts.sent + queries - sum("gateway_outcomes_total", 'outcome="ignored"') - undelivered,
      answers,
    ],
    ...STAGES.map((stage): Check => {
      const count = sum("gateway_stage_seconds_count", `stage="${stage}"`);
      return [`samples of stage ${stage}`, answers, count];
    }),
    ["samples of service", answers, sum("gateway_service_seconds_count")],
    ["rejects", load.counts.rejected, sum("gateway_latency_seconds_count", 'outcome="rejected"')],
    ["fills told", load.counts.executions, fillsOf(sum)],
  ];
}

/** Each fill is told to both sides: to the one that asked as well, behind its answer. */
const fillsOf = (sum: (name: string, label: string) => number): number =>
  sum("gateway_event_seconds_count", 'type="E"');

if (import.meta.main) {
  exitOnSignals();
  const plan = numberOptions(process.argv.slice(2), DEFAULTS);
  console.log(`${machineLine()}; ${countText(plan.rate)}/s, ${plan.seconds} s`);
  const { load, checks } = await checkCounts(plan);
  console.log(`${countText(load.counts.sent)} requests sent`);
  for (const check of checks) {
    const [what, expected, found] = check;
    const verdict = isEqual(check) ? "equal" : "DIFFERENT";
    console.log(`${verdict.padEnd(10)} ${what}: ${countText(expected)} and ${countText(found)}`);
  }
  if (!checks.every(isEqual)) process.exitCode = 1;
}
