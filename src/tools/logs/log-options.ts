// The command line of npm run logs.

import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { DEFAULTS_FILE } from "../../config/read-config.ts";
import { LOG_KIND_NAMES, LOG_STATUS_NAMES } from "../../telemetry/logged-event.ts";
import { parseOnce } from "../parse-once.ts";

const EVENTS = [...LOG_KIND_NAMES.values(), "log-overflow"];
const STATUSES = [...LOG_STATUS_NAMES.values()];

export const LOGS_HELP = `npm run logs -- [DIRECTORY | FILE …] [options]

Shows what the gateway logged: sampled answers, and every slow one, every reject, every connection's end. Without a
directory, the one that config/gateway.json names.

  --account ALICE     of that account; in binary files, which have no names: lane/number, as 0/3
  --type O            of requests of that OUCH letter
  --event answer      ${EVENTS.join(", ")}
  --status error      ${STATUSES.join(", ")}
  --over 5ms          that took longer (us, ms, s)
  --since, --until    2026-11-20T15:00, 15:00:30 (today), or 10m (ago; s, m, h); UTC
  --last 100          only so many, the latest
  --binary            of a directory, the binary files (.bin) instead of the lines (.log)
  --json              one line of JSON each

Ends with status 0, or 1 when there is nothing to read, or 2 when it was asked for something impossible, or 3 when
what it found cannot be written.`;

export interface LogsOptions {
  readonly paths: readonly string[];
  readonly isBinary: boolean;
  readonly isJson: boolean;
  /** Infinity: all. */
  readonly last: number;
  readonly filter: LogFilter;
}

/** What a record must be; undefined = whatever it is. */
export interface LogFilter {
  readonly account: string | undefined;
  readonly type: string | undefined;
  readonly event: string | undefined;
  readonly status: string | undefined;
  readonly overUs: number | undefined;
  /** As in the lines: ISO, UTC. */
  readonly since: string | undefined;
  readonly until: string | undefined;
}

/** Undefined: help was asked for. Throws an Error that says what cannot be. */
export function parseLogsOptions(words: readonly string[], nowMs: number): LogsOptions | undefined {
  const text = { type: "string" } as const;
  const flag = { type: "boolean", default: false } as const;
  const { values, positionals } = parseOnce({
    args: [...words],
    allowPositionals: true,
    options: {
      account: text,
      type: text,
      event: text,
      status: text,
      over: text,
      since: text,
      until: text,
      last: text,
      binary: flag,
      json: flag,
      help: flag,
    },
  });
  if (values.help) return undefined;
  const { status, event, type, account, over, since, until, last } = values;
  mustBeOneOf("--status", status, STATUSES);
  mustBeOneOf("--event", event, EVENTS);
  return {
    paths: positionals.length === 0 ? [defaultDirectory()] : positionals,
    isBinary: values.binary,
    isJson: values.json,
    last: last === undefined ? Number.POSITIVE_INFINITY : countOf(last),
    filter: {
      account: account?.toUpperCase(),
      type: type?.toUpperCase(),
      event,
      status,
      overUs: over === undefined ? undefined : durationMs(over, "--over") * 1000,
      since: since === undefined ? undefined : timeOf(since, nowMs, "--since"),
      until: until === undefined ? undefined : timeOf(until, nowMs, "--until"),
    },
  };
}

function mustBeOneOf(option: string, word: string | undefined, words: readonly string[]): void {
  if (word === undefined || words.includes(word)) return;
  throw new Error(`${option} ${word}: must be one of ${words.join(", ")}`);
}

/** Where a gateway without settings of its own writes. */
function defaultDirectory(): string {
  const { journal, telemetry } = JSON.parse(readFileSync(DEFAULTS_FILE, "utf8"));
  return telemetry.dir ?? join(journal.dir, "telemetry");
}

export const isDirectory = (path: string): boolean => statSync(path).isDirectory();

function countOf(word: string): number {
  const count = Number(word);
  if (!Number.isSafeInteger(count) || count < 1)
    throw new Error(`--last ${word}: must be a number`);
  return count;
}

const MS_OF_UNIT: Readonly<Record<string, number>> = {
  us: 0.001,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

function durationMs(word: string, option: string): number {
  const [, count, unit] = /^(\d+(?:\.\d+)?)(us|ms|s|m|h)$/.exec(word) ?? [];
  if (count === undefined || unit === undefined) {
    throw new Error(`${option} ${word}: must be a number and its unit, as 5ms`);
  }
  return Number(count) * MS_OF_UNIT[unit]!;
}

function timeOf(word: string, nowMs: number, option: string): string {
  if (/^\d+(\.\d+)?[smh]$/.test(word)) return isoOf(nowMs - durationMs(word, option));
  const today = new Date(nowMs).toISOString().slice(0, "2026-11-20".length);
  const whole = /^\d\d:\d\d/.test(word) ? `${today}T${word}` : word;
  const ms = Date.parse(/Z$/.test(whole) ? whole : `${whole}Z`);
  if (Number.isNaN(ms)) throw new Error(`${option} ${word}: is no time`);
  return isoOf(ms);
}

const isoOf = (ms: number): string => new Date(ms).toISOString();
