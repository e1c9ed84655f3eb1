// The gateway as a process of its own, for the demo, comparisons and tests: started with the start script's own
// command line, known to be up by its ready line, ended by SIGTERM.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { OrphanGuard } from "./orphan-guard.ts";

/** The repository: where package.json and config/ are. */
export const PROJECT_ROOT = path.resolve(import.meta.dirname, "../..");

const READY_MS_MAX = 30_000;
/** A gateway that drains longer than this after SIGTERM is ended for good. */
const STOP_MS_MAX = 15_000;
const STDERR_LINES_MAX = 200;

interface Address {
  readonly host: string;
  readonly port: number;
}

/** The one line on stdout that says that everything is up. */
export interface ReadyLine {
  readonly event: "ready";
  readonly pid: number;
  readonly order: Address;
  readonly admin: Address;
  readonly control: string;
  readonly session: string;
  readonly durability: string;
}

export interface GatewayExit {
  readonly status: number | null;
  readonly signal: string | null;
}

export class GatewayProcess {
  readonly child: ChildProcess;
  readonly ready: ReadyLine;
  /** Resolves when the process has ended, however. */
  readonly ended: Promise<GatewayExit>;
  private readonly stderrLines: readonly string[];

  private constructor(
    child: ChildProcess,
    ready: ReadyLine,
    ended: Promise<GatewayExit>,
    stderrLines: readonly string[],
  ) {
    this.child = child;
    this.ready = ready;
    this.ended = ended;
    this.stderrLines = stderrLines;
  }

  /** `args` follow the start script: --config FILE, --set a.b=value; `env` comes on top of our own; `directory` goes with us and it, should we be killed. Rejects with what the gateway said when it does not come up. */
  static async start(
    args: readonly string[],
    env: NodeJS.ProcessEnv = {},
    directory = "",
  ): Promise<GatewayProcess> {
    const command = startCommand();
    // A process group of its own: Ctrl-C at the terminal is for us, and we end the gateway in our order.
    const child = spawn(process.execPath, [...command, ...args], {
      cwd: PROJECT_ROOT,
      env: { ...process.env, ...env },
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const ended = once(child, "close").then(
      ([status, signal]): GatewayExit => ({ status, signal }),
      (): GatewayExit => ({ status: null, signal: null }),
    );
    // Whatever ends us: a gateway in a process group of its own must not be left behind.
    const killAtExit = (): void => {
      child.kill("SIGKILL");
    };
    process.once("exit", killAtExit);
    const guard = new OrphanGuard(child.pid, directory);
    void ended.then(() => {
      process.off("exit", killAtExit);
      guard.dismiss();
    });
    const stderrLines: string[] = [];
    createInterface({ input: child.stderr }).on("line", (line) => {
      stderrLines.push(line);
      if (stderrLines.length > STDERR_LINES_MAX) stderrLines.shift();
    });
    const readyLine = new Promise<ReadyLine>((resolve) => {
      createInterface({ input: child.stdout }).on("line", (line) => {
        const ready = asReadyLine(line);
        if (ready) resolve(ready);
      });
    });
    const { promise: tooLong, timer } = after(READY_MS_MAX);
    const outcome = await Promise.race([readyLine, ended, tooLong]);
    clearTimeout(timer);
    if (outcome !== undefined && "event" in outcome) {
      return new GatewayProcess(child, outcome, ended, stderrLines);
    }
    child.kill("SIGKILL");
    const why = outcome
      ? `ended with ${exitText(outcome)}`
      : `said nothing within ${READY_MS_MAX} ms`;
    throw new Error(`the gateway did not come up: it ${why}\n${stderrLines.join("\n")}`);
  }

  /** What the gateway wrote to stderr, the last lines of it. */
  get stderr(): readonly string[] {
    return this.stderrLines;
  }

  /** SIGTERM, and SIGKILL when that does not end it in time. */
  async stop(): Promise<GatewayExit> {
    this.child.kill("SIGTERM");
    const { promise: tooLong, timer } = after(STOP_MS_MAX);
    const exit = await Promise.race([this.ended, tooLong]);
    clearTimeout(timer);
    if (exit) return exit;
    this.child.kill("SIGKILL");
    return this.ended;
  }
}

export const exitText = (exit: GatewayExit): string =>
  exit.signal ? `signal ${exit.signal}` : `status ${exit.status}`;

/** The arguments of the start script after `node`: V8 flags stand there and nowhere else. */
export function startCommand(): string[] {
  const text = fs.readFileSync(path.join(PROJECT_ROOT, "package.json"), "utf8");
  const { scripts } = JSON.parse(text) as { scripts: { start: string } };
  const args = nodeArguments(scripts.start);
  if (args === undefined) throw new Error("the start script of package.json does not run node");
  return args;
}

/** What a start script has behind `node`; undefined: it runs something else. */
export function nodeArguments(startScript: string): string[] | undefined {
  // A shell that execs leaves its place, and npm's signals, to node.
  const [node, ...args] = startScript.replace(/^exec /, "").split(" ");
  return node === "node" ? args : undefined;
}

function asReadyLine(line: string): ReadyLine | undefined {
  try {
    const parsed = JSON.parse(line) as { event?: unknown } | null;
    return parsed?.event === "ready" ? (parsed as ReadyLine) : undefined;
  } catch {
    return undefined; // stdout is the gateway's; a line that is no JSON is not the one we wait for
  }
}

function after(ms: number): { promise: Promise<undefined>; timer: NodeJS.Timeout } {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  return { promise, timer: setTimeout(resolve, ms, undefined) };
}
