// The configuration in words: what --help and --check-config print.

import { GATEWAY_RULE } from "./config-rules.ts";
import { NOT_IN_EFFECT } from "./not-in-effect.ts";
import type { LoadedConfig } from "./read-config.ts";
import { isRecord, joinPath, type Rule } from "./rule.ts";

/** Of a configuration that is valid: where it came from, what to mind, and which keys nothing reads yet. */
export function describeCheck({ files, warnings }: LoadedConfig): string {
  const lines = ["configuration is valid", ...files.map((file) => `  read ${file}`)];
  for (const { path, reason } of warnings) lines.push(`  warning: ${path}: ${reason}`);
  lines.push("not in effect yet:", ...NOT_IN_EFFECT.map((path) => `  ${path}`));
  return `${lines.join("\n")}\n`;
}

/** `defaults` is the configuration without file and settings. */
export function describeHelp(defaults: unknown): string {
  return `${[
    "npm start -- [--config FILE] [--set key.path=value]… [--capture FILE] [--check-config] [--help]",
    "",
    "--capture writes what clients send and get to FILE from the start on (ops/capture.md).",
    "Defaults stand in config/gateway.json, FILE overrides them, --set overrides both.",
    "Keys, their defaults, and what they may be:",
    "",
    ...describeKeys(GATEWAY_RULE, defaults, ""),
  ].join("\n")}\n`;
}

function describeKeys(rule: Rule<unknown>, value: unknown, path: string): string[] {
  // A key that may be null and is has nothing beneath it to show.
  if (rule.fields === undefined || !isRecord(value)) {
    const shown = Array.isArray(value) ? `${value.length} items` : JSON.stringify(value);
    return [`  ${path} = ${shown}: ${rule.expects}`];
  }
  return Object.entries(rule.fields).flatMap(([key, field]) =>
    describeKeys(field, value[key], joinPath(path, key)),
  );
}
