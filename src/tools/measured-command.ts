// Runs a command that prints its result as JSON in its last line on stdout, as the demo does with --json.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { OrphanGuard } from "./orphan-guard.ts";

/** A shell that is just starting its command forgets a SIGINT; */
const TERMINATE_AFTER_MS = 2_000;
/** and what goes on for longer than this is ended for good. */
const KILL_AFTER_MS = 10_000;

export interface MeasuredRun {
  /** The parsed last line; undefined when there was none. */
  readonly result: unknown;
  readonly status: number | null;
  readonly stderr: string;
}

export class MeasuredCommand {
  readonly text: string;
  private child: ChildProcess | undefined;

  /** `text` is a command line for the shell. */
  constructor(text: string) {
    this.text = text;
  }

  async run(): Promise<MeasuredRun> {
    // A process group of its own, so that a signal reaches what the shell has started, and only from us.
    const child = spawn(this.text, {
      shell: true,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.child = child;
    const guard = new OrphanGuard(child.pid, "");
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      stdout += chunk;
    });
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      stderr += chunk;
    });
    const [status] = (await once(child, "close")) as [number | null];
    guard.dismiss();
    this.child = undefined;
    return { result: lastJson(stdout), status, stderr };
  }

  /** Asks the running command and all it has started to end, and makes them when they do not. */
  interrupt(): void {
    const { child } = this;
    if (child === undefined) return;
    signalGroup(child, "SIGINT");
    const terminate = setTimeout(() => signalGroup(child, "SIGTERM"), TERMINATE_AFTER_MS);
    const kill = setTimeout(() => signalGroup(child, "SIGKILL"), KILL_AFTER_MS);
    child.once("close", () => {
      clearTimeout(terminate);
      clearTimeout(kill);
    });
  }
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // The group is gone already: that is what was wanted.
  }
}

/** A number at a path such as "latency.response.p999", or null. */
export function numberAt(result: unknown, path: string): number | null {
  let value = result;
  for (const key of path.split(".")) {
    if (typeof value !== "object" || value === null) return null;
    value = (value as Record<string, unknown>)[key];
  }
  return typeof value === "number" ? value : null;
}

function lastJson(stdout: string): unknown {
  const line = stdout.trimEnd().split("\n").at(-1) ?? "";
  try {
    return JSON.parse(line);
  } catch {
    return undefined; // the caller sees that there is no result, and the command's stderr
  }
}
