// The one line that a gateway ends with, held against ops/runbook.md.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { GatewayExit } from "../../src/tools/gateway-process.ts";
import { runGateway } from "./gateway.ts";

const runbook = readFileSync(new URL("../../ops/runbook.md", import.meta.url), "utf8");

export interface FaultLine {
  readonly code: string;
  readonly advice: string;
  readonly [field: string]: unknown;
}

/** The only fault among the lines of a gateway that has ended; its status must be the runbook's. */
export function onlyFault({ status, signal }: GatewayExit, lines: readonly string[]): FaultLine {
  const log = lines.join("\n");
  assert.equal(signal, null, log);
  for (const line of lines) assert.doesNotThrow(() => JSON.parse(line), `on stderr: ${line}`);
  const faults = lines.filter((line) => line.includes('"event":"fault"'));
  assert.equal(faults.length, 1, log);
  const fault = JSON.parse(faults[0] ?? "") as FaultLine;
  assert.match(runbook, new RegExp(`^\\| ${status} \\| \`${fault.code}\` \\|`, "m"), log);
  assert.ok(fault.advice.length > 0);
  return fault;
}

/** The fault of a gateway that must not come up. */
export async function refusal(
  args: readonly string[],
  how: Parameters<typeof runGateway>[2] = {},
): Promise<FaultLine> {
  const { stdout, stderr, ...exit } = await runGateway(args, undefined, how);
  assert.equal(stdout, "");
  return onlyFault(
    exit,
    stderr.split("\n").filter((line) => line !== ""),
  );
}
