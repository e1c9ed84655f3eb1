// Keys that are accepted and checked, but that nothing reads yet. An entry leaves this list with the change
// that gives its key an effect.

import type { ConfigProblem } from "../base/fault.ts";
import { isRecord, joinPath } from "./rule.ts";

/** A path stands for everything beneath it; `*` for each item of a list. */
export const NOT_IN_EFFECT: readonly string[] = [
  "venue.instruments.*.referencePrice",
  "risk",
  "accounts.*.risk",
  "admin.tokens",
];

/** Keys without effect that the operator has set to something else than the default: what he asked for does not happen. */
export function findWithoutEffect(config: unknown, defaults: unknown): ConfigProblem[] {
  return [...differences(config, defaults, "")]
    .filter((path) => NOT_IN_EFFECT.some((pattern) => covers(pattern, path)))
    .map((path) => ({ path, reason: "is set, but has no effect yet" }));
}

/** Paths of the leaves in which `config` is not what `defaults` is. */
function* differences(config: unknown, defaults: unknown, path: string): Generator<string> {
  const isBranch = isRecord(config) || Array.isArray(config);
  if (!isBranch || Object.keys(config).length === 0) {
    if (JSON.stringify(config) !== JSON.stringify(defaults)) yield path;
    return;
  }
  const beneath = isRecord(defaults) || Array.isArray(defaults) ? Object.entries(defaults) : [];
  const defaultOf = new Map<string, unknown>(beneath);
  for (const [key, value] of Object.entries(config)) {
    yield* differences(value, defaultOf.get(key), joinPath(path, key));
  }
}

function covers(pattern: string, path: string): boolean {
  const keys = path.split(".");
  return pattern.split(".").every((part, index) => part === "*" || part === keys[index]);
}
