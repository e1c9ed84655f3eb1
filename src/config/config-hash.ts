// A short name for a configuration: two gateways that show the same one do the same. Nothing secret goes into it, as
// whoever sees the name could otherwise try passwords against it.

import { createHash } from "node:crypto";
import type { GatewayConfig } from "./gateway-config.ts";

const HASH_LETTERS = 12;
const SECRETS: readonly string[] = ["password", "hash"];

export function configHash(config: GatewayConfig): string {
  const text = JSON.stringify(config, (key, value: unknown) =>
    SECRETS.includes(key) ? undefined : inOrder(value),
  );
  return createHash("sha256").update(text).digest("hex").slice(0, HASH_LETTERS);
}

/** The order in which keys were written says nothing. */
function inOrder(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
