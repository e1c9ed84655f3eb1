// Which gateway the operator's tools speak to, and what they ask it.

import path from "node:path";
import { controlSocketPath } from "../config/cross-checks.ts";
import { readConfig } from "../config/read-config.ts";
import { mustBeOnce } from "./parse-once.ts";

/** Of every tool that asks a gateway. */
export const CONTROL_HELP = `  --control PATH   the gateway's control socket (that of the configuration, as npm start reads it)
  --config FILE    the configuration that the gateway was started with`;

export const CONTROL_OPTIONS = {
  control: { type: "string" },
  config: { type: "string" },
  help: { type: "boolean", default: false },
} as const;

interface ControlValues {
  readonly control?: string | undefined;
  readonly config?: string | undefined;
}

/** Throws a FaultError when a configuration is to be read and is wrong. */
export function socketOf({ control, config: configFile }: ControlValues): string {
  if (control !== undefined) return control;
  const { config } = readConfig({ configFile, settings: [] });
  return path.resolve(controlSocketPath(config));
}

export interface ControlRequest {
  readonly command: string;
  readonly [field: string]: unknown;
}

/**
 * `dump limit=5`, `status account=ALICE`, `profile lane0 10s`: a command, and its fields as JSON where they read as JSON.
 * An account is a scope.
 */
export function requestOf(words: readonly string[]): ControlRequest {
  const [command, ...fields] = words;
  if (command === undefined) throw new Error("what shall the gateway do?");
  if (command === "profile") return { command, ...profileFields(fields) };
  const entries = fields.map((field) => {
    const [name = "", ...value] = field.split("=");
    if (name === "" || value.length === 0) throw new Error(`"${field}" is no name=value`);
    return [name, jsonOrText(value.join("="))] as const;
  });
  mustBeOnce(
    entries.map(([name]) => name),
    "",
  );
  const { account, ...others } = Object.fromEntries(entries);
  return { ...others, command, ...(account === undefined ? {} : { scope: { account } }) };
}

function profileFields([thread = "gate", time = "10s", ...more]: readonly string[]) {
  const seconds = Number(/^(\d+(?:\.\d+)?)s?$/.exec(time)?.[1]);
  if (more.length > 0 || Number.isNaN(seconds)) {
    throw new Error(`profile takes a thread and a time, as in: lane0 10s`);
  }
  return { thread, seconds };
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text; // no JSON: the words themselves
  }
}
