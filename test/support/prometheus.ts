// Prometheus and its promtool, as the judges of what stands in ops/ and of what /metrics says.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { within } from "./gateway.ts";
import { ROOT } from "./source-files.ts";

const RUN_MS_MAX = 60_000;
const START_MS_MAX = 30_000;
const QUERY_MS_MAX = 30_000;
const STDERR_LINES_MAX = 200;

export const PROMETHEUS_FOLDER = "ops/prometheus";
/** Where ops/prometheus/prometheus.yml expects a gateway. */
const DEFAULT_TARGET = "127.0.0.1:7141";
/** So often here, so that a test of seconds has something to look at. */
const INTERVAL = "1s";

export interface PromtoolRun {
  readonly status: number | null;
  /** Both outputs. */
  readonly text: string;
}

/** Runs it in the project's root, with that on its stdin. */
export async function promtool(args: readonly string[], input = ""): Promise<PromtoolRun> {
  const child = spawn("promtool", args, { cwd: ROOT, timeout: RUN_MS_MAX });
  await spawned(child);
  let text = "";
  for (const output of [child.stdout, child.stderr]) {
    output.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
  }
  child.stdin.end(input);
  const [status] = (await once(child, "close")) as [number | null];
  return { status, text };
}

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface LiveRule {
  readonly name: string;
  readonly type: "alerting" | "recording";
  readonly health: string;
  readonly lastError?: string;
  /** Alerts alone: inactive, pending or firing. */
  readonly state?: string;
}

/** A real one with our scrape config and our rules, in a hurry. Ends with the process. */
export class Prometheus {
  private readonly url: string;

  private constructor(url: string) {
    this.url = url;
  }

  /** Scrapes that address as the job of ops/prometheus/prometheus.yml. */
  static async start(target: string): Promise<Prometheus> {
    const directory = mkdtempSync(join(tmpdir(), "tailgate-prometheus-"));
    const config = join(directory, "prometheus.yml");
    writeFileSync(config, configFor(target));
    const child = spawn(
      "prometheus",
      [
        `--config.file=${config}`,
        `--storage.tsdb.path=${join(directory, "data")}`,
        "--web.listen-address=127.0.0.1:0",
      ],
      { cwd: directory, stdio: ["ignore", "ignore", "pipe"] },
    );
    // Not as a hook: a gateway's that fails would leave it running, and the test with it.
    process.once("exit", () => {
      child.kill("SIGKILL");
      rmSync(directory, { recursive: true, force: true });
    });
    await spawned(child);
    const url = await within(START_MS_MAX, "Prometheus", urlOf(child));
    child.unref();
    (child.stderr as Socket).unref();
    return new Prometheus(url);
  }

  /** What the expression is at that moment, in seconds since 1970. */
  async query(expression: string, seconds: number): Promise<Sample[]> {
    const search = new URLSearchParams({ query: expression, time: String(seconds) });
    const data = (await this.get(`query?${search}`)) as {
      readonly result: readonly {
        readonly metric: Record<string, string>;
        readonly value: readonly [number, string];
      }[];
    };
    return data.result.map(({ metric, value }) => ({ labels: metric, value: numberOf(value[1]) }));
  }

  async rules(): Promise<LiveRule[]> {
    const data = (await this.get("rules")) as {
      readonly groups: readonly { readonly rules: readonly LiveRule[] }[];
    };
    return data.groups.flatMap(({ rules }) => rules);
  }

  private async get(path: string): Promise<unknown> {
    const response = await fetch(`${this.url}/api/v1/${path}`, {
      signal: AbortSignal.timeout(QUERY_MS_MAX),
    });
    const answer = (await response.json()) as { data?: unknown; error?: string };
    assert.equal(response.status, 200, `${decodeURIComponent(path)}: ${answer.error}`);
    return answer.data;
  }
}

/** Prometheus writes what JSON has not as words. */
const numberOf = (text: string): number => Number(text.replace("Inf", "Infinity"));

/** Our own file, but for whom it scrapes and how often. */
function configFor(target: string): string {
  const folder = join(ROOT, PROMETHEUS_FOLDER);
  const text = readFileSync(join(folder, "prometheus.yml"), "utf8");
  assert.ok(text.includes(DEFAULT_TARGET), "the scrape config names no gateway");
  return text
    .replaceAll(`"${DEFAULT_TARGET}"`, `"${target}"`)
    .replaceAll(/((?:scrape|evaluation)_interval|scrape_timeout): \w+/g, `$1: ${INTERVAL}`)
    .replaceAll(/^( +- )(\w+\.rules\.yml)$/gm, `$1${folder}/$2`);
}

/** It says where it listens and then that it is ready. */
function urlOf(child: ChildProcess): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  assert.ok(child.stderr !== null);
  const lines: string[] = [];
  let address = "";
  createInterface({ input: child.stderr }).on("line", (line) => {
    if (lines.push(line) > STDERR_LINES_MAX) lines.shift();
    address = /msg="Listening on" address=(\S+)/.exec(line)?.[1] ?? address;
    if (line.includes("Server is ready")) resolve(`http://${address}`);
  });
  child.once("exit", () => reject(new Error(`Prometheus ended:\n${lines.join("\n")}`)));
  return promise;
}

async function spawned(child: ChildProcess): Promise<void> {
  try {
    await once(child, "spawn");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new Error(
      "prometheus is not installed, and this test cannot do without it: apt-get install prometheus",
      { cause: error },
    );
  }
}
