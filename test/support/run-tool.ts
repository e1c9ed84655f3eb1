// Runs one of the tools as a user would, and keeps what it wrote.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import type { TestHooks } from "./gateway.ts";

/** Whoever waits for the end of a tool has nobody to leave behind. */
const NO_HOOKS: TestHooks = { after: () => {} };
const ROOT = path.resolve(import.meta.dirname, "../..");

export interface ToolRun {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class Tool {
  readonly child: ChildProcess;
  stdout = "";
  stderr = "";
  private readonly closed: Promise<number | null>;

  /** `file` is under src/tools. It ends with the test, if it has not before. */
  constructor(hooks: TestHooks, file: string, args: readonly string[], cwd: string = ROOT) {
    const entry = path.join(ROOT, "src/tools", file);
    const child = spawn(process.execPath, [entry, ...args], {
      cwd,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.child = child;
    hooks.after(() => void child.kill("SIGKILL"));
    this.closed = once(child, "close").then(([status]) => status as number | null);
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      this.stdout += chunk;
    });
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      this.stderr += chunk;
    });
  }

  /** Resolves when stdout contains that; rejects when the tool ends without. */
  async untilWritten(part: string): Promise<void> {
    let hasEnded = false;
    const ended = this.closed.then(() => {
      hasEnded = true;
    });
    while (!this.stdout.includes(part)) {
      if (hasEnded) throw new Error(`ended before "${part}": ${this.stdout}${this.stderr}`);
      await Promise.race([once(this.child.stdout ?? this.child, "data"), ended]);
    }
  }

  async ended(): Promise<ToolRun> {
    const status = await this.closed;
    return { status, stdout: this.stdout, stderr: this.stderr };
  }
}

export const runTool = (file: string, args: readonly string[], cwd?: string): Promise<ToolRun> =>
  new Tool(NO_HOOKS, file, args, cwd).ended();
