// The highest rate at which each target keeps its P999, in one run: the searches go on in turn, one step each, so that
// what the machine does meets all of them alike. A run whose pace was not kept counts as not kept: the client shares the
// cores, and a target that starves it has no more to give. Run by bench.ts.

import { RateSearch, type RateSearchPlan } from "../../src/tools/driver/rate-search.ts";
import { countText, tableLine, timeText } from "../../src/tools/terminal-text.ts";
import { loadText } from "../harness/latency-rows.ts";
import type { OrderResult } from "../order-load/order-plan.ts";
import { runTarget, TARGET_LOAD } from "../targets/run-target.ts";
import type { Target } from "../targets/target.ts";

export interface HighestRatePlan extends RateSearchPlan {
  readonly targets: readonly Target[];
  readonly connections: number;
  readonly warmupSeconds: number;
  readonly seconds: number;
  readonly p999NsMax: number;
}

export interface HighestRate {
  readonly target: string;
  /** Orders a second; 0: not even the least one, undefined: the search was not brought to its end. */
  found: number | undefined;
  readonly runs: {
    readonly rate: number;
    readonly isKept: boolean;
    readonly result: OrderResult;
  }[];
}

/** A P999 is not told of fewer samples. */
const SAMPLES_MIN = 11_000;

export async function findHighestRates(
  plan: HighestRatePlan,
  tell: (text: string) => void,
  isStopped: () => boolean = () => false,
): Promise<HighestRate[]> {
  const searches = plan.targets.map((target) => {
    const highest: HighestRate = { target: target.name, found: undefined, runs: [] };
    return { target, search: new RateSearch(plan), highest };
  });
  let isGoingOn = true;
  while (isGoingOn && !isStopped()) {
    isGoingOn = false;
    for (const { target, search, highest } of searches) {
      const { rate } = search;
      if (rate === undefined || isStopped()) continue;
      isGoingOn = true;
      const result = await runAt(plan, target, rate);
      const { p999 } = result.latency.response;
      const isKept = result.isValid && p999 !== null && p999 <= plan.p999NsMax;
      highest.runs.push({ rate, isKept, result });
      search.onRun(isKept);
      if (search.rate === undefined) highest.found = search.found;
      const verdict = isKept ? "kept" : "not kept";
      tell(
        `${target.name.padEnd(32)}${countText(rate).padStart(8)}/s  ${verdict.padEnd(10)}${loadText(result)}`,
      );
    }
  }
  return searches.map(({ highest }) => highest);
}

function runAt(plan: HighestRatePlan, target: Target, rate: number): Promise<OrderResult> {
  const { connections, warmupSeconds } = plan;
  const seconds = Math.max(plan.seconds, SAMPLES_MIN / rate);
  return runTarget(target, { ...TARGET_LOAD, connections, rate, warmupSeconds, seconds });
}

const COLUMNS = [
  { title: "", width: 34 },
  { title: "highest rate", width: 12 },
  { title: "runs", width: 5 },
  { title: "INVALID", width: 8 },
];

export function highestRateLines(plan: HighestRatePlan, rates: readonly HighestRate[]): string[] {
  const head = `highest rate at P999 ≤ ${timeText(plan.p999NsMax)} over ${plan.connections} connections, to a factor of ${plan.precision}`;
  const rows = rates.map(({ target, found, runs }) => {
    const invalid = runs.filter(({ result }) => !result.isValid).length;
    return tableLine(COLUMNS, [
      target,
      foundText(plan, found),
      String(runs.length),
      String(invalid),
    ]);
  });
  // Past its limit a target may well lose its clients; one that kept nothing has to say why.
  const reasons = rates.flatMap(({ target, found, runs }) => {
    const reason = runs.flatMap(({ result }) => result.invalid).at(-1);
    return found === 0 && reason !== undefined
      ? [`${target} kept no rate, at last: ${reason}`]
      : [];
  });
  return [head, tableLine(COLUMNS), ...rows, ...reasons];
}

function foundText({ rateMin, rateMax }: HighestRatePlan, found: number | undefined): string {
  if (found === undefined) return "not found";
  if (found === 0) return `below ${countText(rateMin)}`;
  return `${found >= rateMax ? "≥ " : ""}${countText(found)}/s`;
}
