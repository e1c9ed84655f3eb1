// Reads, merges, checks and freezes the configuration: defaults, then the file of --config, then each --set.
// Main thread, once, before anything else exists.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { errnoOf } from "../base/errno-of.ts";
import { type ConfigProblem, FaultError } from "../base/fault.ts";
import type { CommandLine, Setting } from "./command-line.ts";
import { GATEWAY_RULE } from "./config-rules.ts";
import { crossCheck } from "./cross-checks.ts";
import type { GatewayConfig } from "./gateway-config.ts";
import { findWithoutEffect } from "./not-in-effect.ts";
import { isHashed } from "./password-hash.ts";
import { repeatedKeys } from "./repeated-keys.ts";
import { isRecord } from "./rule.ts";

export const DEFAULTS_FILE = fileURLToPath(new URL("../../config/gateway.json", import.meta.url));
/** As the lane has it. */
export const OUTBOX_PAGE_BYTES = 1024;

export interface LoadedConfig {
  readonly config: GatewayConfig;
  /** What the operator should know and what does not stop the gateway. */
  readonly warnings: readonly ConfigProblem[];
  /** The files it was made of, defaults first. */
  readonly files: readonly string[];
}

/** Throws a FaultError: CONFIG_UNREADABLE, or CONFIG_INVALID with every problem there is. */
export function readConfig(
  commandLine: Pick<CommandLine, "configFile" | "settings">,
): LoadedConfig {
  const { configFile, settings } = commandLine;
  const defaults = readJson(DEFAULTS_FILE);
  const override = configFile === undefined ? {} : readJson(configFile);
  const merged = [override, ...settings.map(treeOf)].reduce(merge, defaults);

  const problems = findProblems(merged);
  if (!isChecked(merged, problems)) throw new FaultError({ code: "CONFIG_INVALID", problems });
  return {
    config: deepFreeze(merged),
    warnings: [
      ...findNobody(merged),
      ...findClearPasswords(merged),
      ...findNothingKept(merged),
      ...findOutboxTooSmall(merged),
      ...findWithoutEffect(merged, defaults),
    ],
    files: configFile === undefined ? [DEFAULTS_FILE] : [DEFAULTS_FILE, configFile],
  };
}

/** Everything that is wrong with a whole configuration. */
export function findProblems(merged: unknown): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  GATEWAY_RULE.check(merged, "", problems);
  crossCheck(merged, problems);
  return problems;
}

const isChecked = (
  _merged: unknown,
  problems: readonly ConfigProblem[],
): _merged is GatewayConfig => problems.length === 0;

/** Records are merged key by key; anything else replaces what was there, lists included. */
export function merge(base: unknown, override: unknown): unknown {
  if (!isRecord(base) || !isRecord(override)) return override;
  const entries = new Map(Object.entries(base));
  for (const [key, value] of Object.entries(override)) {
    entries.set(key, entries.has(key) ? merge(entries.get(key), value) : value);
  }
  // fromEntries defines keys of its own, whatever their name: "__proto__" stays an unknown key.
  return Object.fromEntries(entries);
}

/** `listen.port` = 0 as { listen: { port: 0 } }. */
const treeOf = ({ path, value }: Setting): unknown =>
  path.split(".").reduceRight((beneath, key) => Object.fromEntries([[key, beneath]]), value);

function readJson(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new FaultError({ code: "CONFIG_UNREADABLE", file, errno: errnoOf(error) });
  }
  const value = parseJson(text, file);
  if (isRecord(value)) return value;
  throw invalidFile(file, "must hold one JSON object");
}

function parseJson(text: string, file: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    throw invalidFile(file, `is no JSON${placeOf(error, text)}`);
  }
  const repeated = repeatedKeys(text);
  if (repeated.length === 0) return value;
  const problems = repeated.map((path) => ({ path, reason: `stands twice in ${file}` }));
  throw new FaultError({ code: "CONFIG_INVALID", problems });
}

/** JSON.parse quotes what it stumbles over, and that may be a password: only the place is passed on. */
function placeOf(error: unknown, text: string): string {
  const position = /at position (\d+)/.exec(String(error))?.[1];
  if (position === undefined) return "";
  const before = text.slice(0, Number(position)).split("\n");
  return `: line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}

const invalidFile = (file: string, reason: string): FaultError =>
  new FaultError({ code: "CONFIG_INVALID", problems: [{ path: file, reason }] });

function* findNobody({ accounts }: GatewayConfig): Iterable<ConfigProblem> {
  if (accounts.length > 0) return;
  yield { path: "accounts", reason: "there is none: nobody can log in" };
}

function* findClearPasswords({ accounts }: GatewayConfig): Iterable<ConfigProblem> {
  const clear = accounts.filter(({ password }) => !isHashed(password));
  if (clear.length === 0) return;
  yield {
    path: "accounts",
    reason: `${clear.length} of ${accounts.length} passwords are in the clear: for a demo only`,
  };
}

function* findNothingKept({ journal }: GatewayConfig): Iterable<ConfigProblem> {
  if (journal.durability !== "none") return;
  yield {
    path: "journal.durability",
    reason: "nothing is kept: for tests and benches only",
  };
}

/** A page of each account that logged in stays in memory, and one is needed to go on with. */
function* findOutboxTooSmall({ accounts, lanes }: GatewayConfig): Iterable<ConfigProblem> {
  const room = (Math.floor(lanes.outboxBytesMax / OUTBOX_PAGE_BYTES) - 1) * lanes.count;
  const counts = accounts.map((entry) => ("count" in entry ? entry.count : 1));
  const count = counts.reduce((sum, each) => sum + each, 0);
  if (count <= room) return;
  yield {
    path: "lanes.outboxBytesMax",
    reason: `has room for ${room} of ${count} accounts; if more log in on one day, the process stops (OUTBOX_FULL)`,
  };
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  for (const beneath of Object.values(value)) deepFreeze(beneath);
  return Object.freeze(value);
}
