// The parts of npm run bench: how large each is, in full and for a quick look, and what of it is told.

import type { BenchOptions, SectionName } from "./bench-options.ts";
import { per100k } from "./harness/collections.ts";
import type { SectionResult } from "./harness/result-files.ts";
import { MICRO_FILES, microLines, runMicro } from "./micro/run-micro.ts";
import { type AllocationResult, measureAllocation } from "./scenarios/allocation.ts";
import { connectionsLines, measureConnections } from "./scenarios/connections.ts";
import { findHighestRates, highestRateLines } from "./scenarios/highest-rate.ts";
import { measureNagle, nagleLines } from "./scenarios/nagle.ts";
import { measureRecovery, RECOVERY_DEFAULTS, recoveryLines } from "./scenarios/recovery.ts";
import {
  measureSideBySide,
  type SideBySideRow,
  sideBySideLines,
} from "./scenarios/side-by-side.ts";
import { measureStartUp, startUpLines } from "./scenarios/start-up.ts";
import {
  DURABILITIES,
  ECHO,
  gatewayTarget,
  SOUPBINTCP,
  SOUPBINTCP_NO_DELAY,
  type Target,
  VENUES,
} from "./targets/target.ts";

export interface Progress {
  tell(text: string): void;
  isStopped(): boolean;
}

export type SectionOutcome = Pick<SectionResult, "data" | "lines" | "faults">;

const GATEWAYS = VENUES.flatMap((venue) =>
  DURABILITIES.map((durability) => gatewayTarget(venue, durability)),
);
const PLAIN = gatewayTarget("ack", "process-crash");
/** The same once more: what two runs of one thing differ by. */
const TWIN: Target = { ...PLAIN, name: `${PLAIN.name} again` };
const TWINS = [PLAIN.name, TWIN.name] as const;

const CONNECTIONS = 64;
const P999_NS_MAX = 8e6;

type Section = (options: BenchOptions, progress: Progress) => Promise<SectionOutcome>;

export const SECTIONS: Readonly<Record<SectionName, Section>> = {
  "side-by-side": async ({ isQuick, rounds }, { tell, isStopped }) => {
    const plan = {
      targets: [ECHO, SOUPBINTCP, SOUPBINTCP_NO_DELAY, ...GATEWAYS, TWIN],
      twins: TWINS,
      rates: isQuick ? [12_000, 50_000] : [12_000, 50_000, 100_000],
      connections: CONNECTIONS,
      rounds,
      isThereAndBack: !isQuick,
      warmupSeconds: isQuick ? 0.5 : 1,
      seconds: isQuick ? 1 : 3.5,
      bareSeconds: isQuick ? 0.5 : 2,
    };
    const data = await measureSideBySide(plan, tell, isStopped);
    return { data, lines: sideBySideLines(plan, data), faults: faultsOf(data.rows) };
  },

  "highest-rate": async ({ isQuick }, { tell, isStopped }) => {
    const crossing = gatewayTarget("book", "process-crash");
    const plan = {
      targets: isQuick
        ? [ECHO, SOUPBINTCP_NO_DELAY, PLAIN]
        : [ECHO, SOUPBINTCP, SOUPBINTCP_NO_DELAY, PLAIN, crossing, TWIN],
      connections: CONNECTIONS,
      startRate: 25_000,
      rateMin: isQuick ? 12_500 : 1_500,
      rateMax: isQuick ? 100_000 : 400_000,
      precision: isQuick ? 2 : 1.1,
      confirmations: 1,
      warmupSeconds: isQuick ? 0.3 : 1,
      seconds: isQuick ? 0.5 : 2.5,
      p999NsMax: P999_NS_MAX,
    };
    const data = await findHighestRates(plan, tell, isStopped);
    // What a target does past its limit is what the search is for.
    return { data, lines: highestRateLines(plan, data), faults: [] };
  },

  collections: async ({ isQuick }, { tell, isStopped }) => {
    const size = isQuick
      ? ["--rate", "20000", "--warmup", "1", "--seconds", "3"]
      : ["--rate", "50000", "--warmup", "4", "--seconds", "12"];
    const data: (AllocationResult & { readonly venue: string })[] = [];
    for (const venue of VENUES) {
      if (isStopped()) break;
      const settings = [`venue.kind=${venue}`, "journal.durability=process-crash"];
      const args = [...size, ...settings.flatMap((setting) => ["--set", setting])];
      data.push({ venue, ...(await measureAllocation(["--accounts", `${CONNECTIONS}`, ...args])) });
      tell(`gateway ${venue} is done`);
    }
    const lines = data.flatMap(collectionLines);
    // A second of warm-up is too short for a heap to be steady.
    const faults = (isQuick ? [] : data).flatMap(({ venue, threads }) =>
      threads
        .filter(({ major }) => major > 0)
        .map(({ name }) => `gateway ${venue}: a mark-sweep of ${name} in steady state`),
    );
    return { data, lines, faults };
  },

  connections: async ({ isQuick }, { tell, isStopped }) => {
    const plan = {
      counts: isQuick ? [64, 1_000] : [64, 1_000, 5_000, 19_000],
      rate: 12_000,
      rounds: 1,
      isThereAndBack: !isQuick,
      warmupSeconds: isQuick ? 0.5 : 2,
      seconds: isQuick ? 1 : 5,
      heartbeatMs: 10_000,
    };
    const data = await measureConnections(plan, tell, isStopped);
    const faults = data.flatMap(({ runs }) => runs.flatMap(({ load }) => load.faults));
    return { data, lines: connectionsLines(plan, data), faults };
  },

  "start-up": async ({ isQuick }, { tell, isStopped }) => {
    const plan = isQuick
      ? { rounds: 2, orders: 20_000, rate: 20_000 }
      : { rounds: 5, orders: 1_000_000, rate: 50_000 };
    const data = await measureStartUp(plan, tell, isStopped);
    return { data, lines: startUpLines(data), faults: [] };
  },

  recovery: async ({ isQuick }, { isStopped }) => {
    const plan = {
      ...RECOVERY_DEFAULTS,
      records: isQuick ? 50_000 : 1_000_000,
      rounds: isQuick ? 1 : 3,
    };
    const data = await measureRecovery(plan, isStopped);
    return { data, lines: recoveryLines(plan, data), faults: [] };
  },

  nagle: async ({ isQuick }, { tell, isStopped }) => {
    const plan = {
      rates: [12_000],
      connections: CONNECTIONS,
      rounds: 1,
      isThereAndBack: !isQuick,
      warmupSeconds: 0.5,
      seconds: isQuick ? 1 : 3,
    };
    const data = await measureNagle(plan, tell, isStopped);
    return { data, lines: nagleLines(plan, data), faults: faultsOf(data) };
  },

  micro: async (_options, { tell, isStopped }) => {
    const data = await runMicro(MICRO_FILES, tell, isStopped);
    return { data, lines: microLines(data), faults: [] };
  },
};

const faultsOf = (rows: readonly SideBySideRow[]): string[] =>
  rows.flatMap(({ target, rate, runs }) =>
    runs.flatMap(({ faults }) => faults.map((fault) => `${target} at ${rate}/s: ${fault}`)),
  );

function collectionLines({
  venue,
  load,
  requests,
  threads,
}: AllocationResult & { readonly venue: string }): string[] {
  const sent = load.rate.sent.toFixed(0);
  const head = `gateway ${venue} process-crash, the demo's mix at ${sent}/s over ${load.plan.accounts} connections`;
  const rows = threads.map(({ name, minor, major, pauseMsMax }) => {
    const minorText = `${minor} minor (${per100k(minor, requests).toFixed(2)} per 100,000 requests)`;
    return `  ${name.padEnd(8)}${minorText}, ${major} major, longest ${pauseMsMax.toFixed(2)} ms`;
  });
  return [head, ...rows, ...load.invalid.map((reason) => `  INVALID: ${reason}`)];
}
