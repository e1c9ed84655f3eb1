// What a target says of itself when a block is over: where the time went inside, and what the collector did.

import type { Address } from "./target-process.ts";

const TIMEOUT_MS = 2_000;
/** The longest window that the gateway keeps: a block with runs of a few seconds lies within it. */
const WINDOW = "60";

export interface StageTimes {
  readonly count: number;
  readonly p50: number | null;
  readonly p99: number | null;
  readonly p999: number | null;
}

export interface AdminReading {
  readonly build: string | null;
  /** By name, in the order that the target gives them; nanoseconds. */
  readonly stages: Readonly<Record<string, StageTimes>>;
  readonly collections: number | null;
  readonly collectionSeconds: number | null;
}

/** null: it does not serve them, or no longer. A comparison does without. */
export async function readAdmin(admin: Address | undefined): Promise<AdminReading | null> {
  if (admin === undefined || admin.port === 0) return null;
  const host = admin.host.includes(":") ? `[${admin.host}]` : admin.host;
  const text = async (path: string): Promise<string> => {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const reply = await fetch(`http://${host}:${admin.port}${path}`, { signal });
    if (!reply.ok) throw new Error(`status ${reply.status}`);
    return reply.text();
  };
  try {
    const latency = JSON.parse(await text("/latency.json")) as unknown;
    const metrics = await text("/metrics").catch(() => "");
    return readingOf(latency, metrics);
  } catch {
    return null; // another kind of server, an older build, or one that is gone: there are no stages to show
  }
}

export function readingOf(latency: unknown, metrics: string): AdminReading {
  const { build, stages } = (latency ?? {}) as { build?: unknown; stages?: unknown };
  const named = typeof stages === "object" && stages !== null ? Object.entries(stages) : [];
  return {
    build: typeof build === "string" ? build : null,
    stages: Object.fromEntries(
      named.map(([name, windows]) => [name, stageTimes((windows as Windows)?.[WINDOW])]),
    ),
    collections: metricSum(metrics, "gateway_gc_total"),
    collectionSeconds: metricSum(metrics, "gateway_gc_seconds_total"),
  };
}

type Windows = Record<string, Record<string, unknown> | undefined> | null;

function stageTimes(stats: Record<string, unknown> | undefined): StageTimes {
  const number = (key: string): number | null => {
    const value = stats?.[key];
    return typeof value === "number" ? value : null;
  };
  return {
    count: number("count") ?? 0,
    p50: number("p50Ns"),
    p99: number("p99Ns"),
    p999: number("p999Ns"),
  };
}

/** Over all of its labels, threads and kinds alike; null when there is no such metric. */
function metricSum(metrics: string, name: string): number | null {
  const values = metrics
    .split("\n")
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .map((line) => Number(line.slice(line.lastIndexOf(" ") + 1)));
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0);
}
