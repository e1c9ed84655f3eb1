// Where a run was measured: what a reader must know before comparing its numbers with others.

import { execFileSync } from "node:child_process";
import os from "node:os";

export interface RunEnvironment {
  readonly node: string;
  /** V8's and Node's, of the tool's own process. */
  readonly flags: readonly string[];
  readonly cpu: string;
  readonly cores: number;
  /** HEAD of the checkout that the tool runs from; null without one. */
  readonly commit: string | null;
  /** Load average over one minute, before and after the run. */
  readonly loadBefore: number;
  readonly loadAfter: number;
  readonly host: string;
}

/** Asked before the run; the answer is for after it. Starts git: not while something is measured. */
export function runEnvironment(): () => RunEnvironment {
  const loadBefore = oneMinuteLoad();
  const commit = headCommit();
  return () => ({
    node: process.version,
    flags: [...process.execArgv, ...(process.env.NODE_OPTIONS?.split(" ") ?? [])],
    cpu: os.cpus()[0]?.model ?? "unknown",
    cores: os.cpus().length,
    commit,
    loadBefore,
    loadAfter: oneMinuteLoad(),
    host: os.hostname(),
  });
}

const oneMinuteLoad = (): number => os.loadavg()[0] ?? 0;

function headCommit(): string | null {
  try {
    const cwd = import.meta.dirname;
    const commit = execFileSync("git", ["rev-parse", "HEAD"], {
      cwd,
      stdio: ["ignore", "pipe", "ignore"],
      encoding: "utf8",
    });
    return commit.trim();
  } catch {
    return null; // no git, or not a checkout
  }
}
