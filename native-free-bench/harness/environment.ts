// Where and with what a result came to be: without it a figure is worth nothing.

import { execFileSync } from "node:child_process";
import { statfsSync } from "node:fs";
import { availableParallelism, cpus, loadavg, release, tmpdir, totalmem } from "node:os";
import { PROJECT_ROOT, startCommand } from "../../src/tools/gateway-process.ts";

export interface Environment {
  /** ISO 8601. */
  readonly startedAt: string;
  /** "-dirty" behind it when the checkout had changes of its own; "unknown" outside of one. */
  readonly commit: string;
  readonly node: string;
  /** Of the gateway and of the servers beside it. */
  readonly flags: readonly string[];
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly kernel: string;
  /** Over 1, 5 and 15 minutes. */
  readonly loadBefore: readonly number[];
  /** Where the journals were, and whether that is a disk at all. */
  readonly journalDirectory: string;
  readonly isOnDisk: boolean;
}

/** As statfs(2) has it. */
const TMPFS = 0x01021994;

export function environment(): Environment {
  const directory = tmpdir();
  return {
    startedAt: new Date().toISOString(),
    commit: commitOf(PROJECT_ROOT),
    node: process.version,
    flags: startCommand().slice(0, -1), // what follows is main.ts
    cpu: cpus()[0]?.model ?? "unknown CPU",
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    kernel: release(),
    loadBefore: loadavg(),
    journalDirectory: directory,
    isOnDisk: statfsSync(directory).type !== TMPFS,
  };
}

function commitOf(directory: string): string {
  try {
    const args = ["describe", "--always", "--dirty"];
    return execFileSync("git", args, { cwd: directory, stdio: "pipe" }).toString().trim();
  } catch {
    return "unknown"; // a copy without its history
  }
}

export const loadText = (load: readonly number[]): string =>
  load.map((value) => value.toFixed(2)).join(" ");
