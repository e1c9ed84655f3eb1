// What connections cost: memory of the gateway per connection, what a client feels when the same rate comes over many of
// them, and how many connect and log in per second. A gateway of its own for each number. Run by bench.ts.

import { byteText, countText, tableLine } from "../../src/tools/terminal-text.ts";
import {
  invalidText,
  loadText,
  percentileCells,
  percentileColumns,
  validResponses,
} from "../harness/latency-rows.ts";
import { medianOf } from "../harness/measure.ts";
import { residentBytes } from "../harness/resident.ts";
import { type Rotation, rotate } from "../harness/rotation.ts";
import type { OrderResult } from "../order-load/order-plan.ts";
import { runTarget, TARGET_LOAD } from "../targets/run-target.ts";
import { gatewayTarget } from "../targets/target.ts";

export interface ConnectionsPlan extends Rotation {
  /** Rising; at most as many as config/bench.json has accounts and the descriptor limit allows. */
  readonly counts: readonly number[];
  readonly rate: number;
  readonly warmupSeconds: number;
  readonly seconds: number;
  /** Between heartbeats of the gateway to a client that it has nothing to say to. The clients send none. */
  readonly heartbeatMs: number;
}

export interface ConnectionsRun {
  readonly load: OrderResult;
  /** Of the gateway: ready, all logged in, after the load. */
  readonly readyBytes: number;
  readonly loggedInBytes: number;
  readonly loadedBytes: number;
}

export interface ConnectionsRow {
  readonly count: number;
  readonly runs: ConnectionsRun[];
}

/** Silent clients stay for so many heartbeats. */
const IDLE_HEARTBEATS = 6;

/** P999 in milliseconds at so many connections: the figures that this project set out from. */
export const SEED_P999_MS: readonly (readonly [connections: number, ms: number])[] = [
  [50_000, 7.9],
  [500_000, 21.3],
  [1_000_000, 38.7],
];

export async function measureConnections(
  plan: ConnectionsPlan,
  tell: (text: string) => void,
  isStopped?: () => boolean,
): Promise<ConnectionsRow[]> {
  const rows = plan.counts.map((count): ConnectionsRow => ({ count, runs: [] }));
  const run = async ({ count, runs }: ConnectionsRow): Promise<void> => {
    const result = await runOnce(plan, count);
    runs.push(result);
    tell(`${countText(count).padStart(7)} connections  ${loadText(result.load)}`);
  };
  await rotate(rows, plan, run, isStopped);
  return rows;
}

async function runOnce(plan: ConnectionsPlan, count: number): Promise<ConnectionsRun> {
  const { rate, warmupSeconds, seconds, heartbeatMs } = plan;
  const target = gatewayTarget("ack", "process-crash", [
    `session.heartbeatIntervalMs=${heartbeatMs}`,
    `session.idleTimeoutMs=${IDLE_HEARTBEATS * heartbeatMs}`,
  ]);
  let readyBytes = 0;
  let loggedInBytes = 0;
  let loadedBytes = 0;
  const load = await runTarget(
    target,
    { ...TARGET_LOAD, connections: count, sendsHeartbeats: false, rate, warmupSeconds, seconds },
    {
      onStarted: ({ pid }) => {
        readyBytes = residentBytes(pid);
      },
      onReady: ({ pid }) => {
        loggedInBytes = residentBytes(pid);
      },
      onLoaded: ({ pid }) => {
        loadedBytes = residentBytes(pid);
      },
    },
  );
  return { load, readyBytes, loggedInBytes, loadedBytes };
}

const COLUMNS = [
  { title: "connections", width: 11 },
  ...percentileColumns,
  { title: "logins/s", width: 9 },
  { title: "RSS ready", width: 11 },
  { title: "logged in", width: 11 },
  { title: "after load", width: 11 },
  { title: "INVALID", width: 8 },
];

export function connectionsLines(plan: ConnectionsPlan, rows: readonly ConnectionsRow[]): string[] {
  const done = rows
    .map(({ count, runs }) => ({ count, runs: runs.filter(hasLoggedIn) }))
    .filter(({ runs }) => runs.length > 0);
  const head = `gateway ack process-crash, ${countText(plan.rate)}/s spread over all, heartbeats every ${plan.heartbeatMs / 1000} s`;
  const lines = [head, tableLine(COLUMNS)];
  for (const { count, runs } of done) {
    const loads = runs.map(({ load }) => load);
    lines.push(
      tableLine(COLUMNS, [
        countText(count),
        ...percentileCells(validResponses(loads)),
        countText(medianOf(loads.map(({ loginSeconds }) => count / loginSeconds))),
        byteText(medianOf(runs.map(({ readyBytes }) => readyBytes))),
        byteText(medianOf(runs.map(({ loggedInBytes }) => loggedInBytes))),
        byteText(medianOf(runs.map(({ loadedBytes }) => loadedBytes))),
        invalidText(loads),
      ]),
    );
  }
  return [...lines, ...slopeLines(done)];
}

/** Between the smallest and the largest number: what is there for any number does not count. */
function slopeLines(rows: readonly ConnectionsRow[]): string[] {
  const first = rows[0];
  const last = rows.at(-1);
  if (first === undefined || last === undefined || first.count >= last.count) return [];
  const between = last.count - first.count;
  const slopeOf = (figureOf: (run: ConnectionsRun) => number): number =>
    (medianOf(last.runs.map(figureOf)) - medianOf(first.runs.map(figureOf))) / between;
  const loggedIn = slopeOf(({ readyBytes, loggedInBytes }) => loggedInBytes - readyBytes);
  const loaded = slopeOf(({ readyBytes, loadedBytes }) => loadedBytes - readyBytes);
  const range = `${countText(first.count)} to ${countText(last.count)} connections`;
  const seed = SEED_P999_MS.map(([count, ms]) => `${ms} ms at ${countText(count)}`).join(", ");
  return [
    `slope, ${range}: ${byteText(Math.max(0, loggedIn))} per connection logged in, ${byteText(Math.max(0, loaded))} after the load`,
    `P999, ${range}: ${growthText(p999Of(first), p999Of(last), between)}; to stand beside ${seed} connections (${growthText(...seedEnds())})`,
  ];
}

const hasLoggedIn = ({ load }: ConnectionsRun): boolean => load.loginSeconds > 0;

const p999Of = ({ runs }: ConnectionsRow): number | null => {
  const known = validResponses(runs.map(({ load }) => load)).flatMap(({ p999 }) => p999 ?? []);
  return known.length === 0 ? null : medianOf(known);
};

function seedEnds(): [number, number, number] {
  const [firstCount = 0, firstMs = 0] = SEED_P999_MS[0] ?? [];
  const [lastCount = 0, lastMs = 0] = SEED_P999_MS.at(-1) ?? [];
  return [firstMs * 1e6, lastMs * 1e6, lastCount - firstCount];
}

const growthText = (first: number | null, last: number | null, between: number): string =>
  first === null || last === null
    ? "not measured"
    : `${((last - first) / 1e3 / (between / 1000)).toFixed(0)} µs more per 1,000`;
