// Collections of a real gateway under load: its own process with the start script's flags, real sockets, a load
// process that sends on schedule. Counted for each thread while the load is steady; a mark-sweep there is a fault.
// Run: node native-free-bench/scenarios/allocation.ts [options of npm run demo]

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gatewayArgs, parseDemoOptions } from "../../src/tools/demo-options.ts";
import { LoadChild } from "../../src/tools/driver/load-child.ts";
import type { LoadPlan } from "../../src/tools/driver/load-plan.ts";
import type { LoadResult } from "../../src/tools/driver/load-result.ts";
import { GatewayProcess } from "../../src/tools/gateway-process.ts";
import { per100k } from "../harness/collections.ts";
import { machineLine } from "../harness/print.ts";
import { WITNESS_FILE, type WitnessedCollection } from "./collection-witness.ts";

const DEFAULTS = { rate: "20000", accounts: "64", warmup: "5", seconds: "10" };

/** Names as src/main.ts gives them. The lane is a guest of the main thread unless the journal waits for the disk. */
const THREADS = ["main", "lane-0"];

export interface ThreadCollections {
  readonly name: string;
  readonly minor: number;
  readonly major: number;
  readonly pauseMsMax: number;
}

export interface AllocationResult {
  readonly load: LoadResult;
  /** Requests between the two ends of the steady part. */
  readonly requests: number;
  readonly threads: readonly ThreadCollections[];
}

/** `args` are the demo's; what they leave open is 20,000 requests a second over 64 connections. */
export async function measureAllocation(args: readonly string[]): Promise<AllocationResult> {
  const unsaid = Object.entries(DEFAULTS).filter(
    ([name]) => !args.some((word) => word.split("=")[0] === `--${name}`),
  );
  const defaults = unsaid.flatMap(([name, value]) => [`--${name}`, value]);
  const options = parseDemoOptions([...defaults, ...args]);
  if (options === undefined) throw new Error("this scenario has no help of its own");
  const directory = mkdtempSync(join(tmpdir(), "tailgate-allocation-"));
  try {
    const file = join(directory, "collections.jsonl");
    const gateway = await startWitnessed(gatewayArgs(options, directory), file);
    try {
      const names = THREADS.filter((name) => name === "main" || hasThread(gateway.ready.pid, name));
      const { load, startMs, endMs } = await runLoad({ ...options.plan, ...gateway.ready.order });
      const { status } = await gateway.stop();
      if (status !== 0) throw new Error("the gateway did not end cleanly");
      const collections = readCollections(file).filter(
        ({ atMs }) => atMs >= startMs && atMs < endMs,
      );
      const requests = (load.rate.sent * (endMs - startMs)) / 1000;
      const threads = names.map((name) =>
        summaryOf(
          name,
          collections.filter(({ thread }) => thread === name),
        ),
      );
      return { load, requests, threads };
    } catch (error) {
      throw new Error(gateway.stderr.slice(-3).join("\n"), { cause: error });
    } finally {
      await gateway.stop();
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const hasThread = (pid: number, name: string): boolean =>
  readdirSync(`/proc/${pid}/task`).some(
    (tid) => readFileSync(`/proc/${pid}/task/${tid}/comm`, "utf8").trim() === name,
  );

/** The environment is the gateway's alone: the load process shall not be watched. */
async function startWitnessed(args: readonly string[], file: string): Promise<GatewayProcess> {
  const before = process.env.NODE_OPTIONS;
  const witness = new URL("./collection-witness.ts", import.meta.url);
  process.env.NODE_OPTIONS = `${before ?? ""} --import=${witness.href}`.trim();
  process.env[WITNESS_FILE] = file;
  try {
    return await GatewayProcess.start(args);
  } finally {
    delete process.env[WITNESS_FILE];
    if (before === undefined) delete process.env.NODE_OPTIONS;
    else process.env.NODE_OPTIONS = before;
  }
}

interface SteadyLoad {
  readonly load: LoadResult;
  readonly startMs: number;
  readonly endMs: number;
}

/** The steady part lies between the first and the last second that are measured as a whole. */
async function runLoad(plan: LoadPlan): Promise<SteadyLoad> {
  const secondsEnded: number[] = [];
  const child = new LoadChild(plan, ({ phase }) => {
    if (phase === "measured") secondsEnded.push(performance.timeOrigin + performance.now());
  });
  const load = await child.result;
  const startMs = secondsEnded[0];
  const endMs = secondsEnded.at(-1);
  if (startMs === undefined || endMs === undefined || endMs === startMs) {
    const why = load.invalid.at(-1) ?? "two whole seconds are the least";
    throw new Error(`there was no steady load: ${why}`);
  }
  return { load, startMs, endMs };
}

const readCollections = (file: string): WitnessedCollection[] =>
  readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as WitnessedCollection);

function summaryOf(name: string, collections: readonly WitnessedCollection[]): ThreadCollections {
  return {
    name,
    minor: collections.filter(({ kind }) => kind === "minor").length,
    major: collections.filter(({ kind }) => kind === "major").length,
    pauseMsMax: Math.max(0, ...collections.map(({ durationMs }) => durationMs)),
  };
}

if (import.meta.main) {
  const { load, requests, threads } = await measureAllocation(process.argv.slice(2));
  const { rate, plan } = load;
  console.log(`${machineLine()}; ${rate.sent.toFixed(0)}/s over ${plan.accounts} connections`);
  for (const { name, minor, major, pauseMsMax } of threads) {
    const perOrders = per100k(minor, requests).toFixed(2);
    const count = `${minor} minor (${perOrders} per 100,000 requests), ${major} major`;
    console.log(`${name.padEnd(10)}${count}, longest ${pauseMsMax.toFixed(2)} ms`);
  }
  for (const reason of load.invalid) console.log(`INVALID: ${reason}`);
  if (threads.some(({ major }) => major > 0)) {
    console.log("FAULT: a mark-sweep in steady state");
    process.exitCode = 1;
  }
}
