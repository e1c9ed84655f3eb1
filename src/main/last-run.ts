// How this gateway's last run ended, for the operator of the next: a small file beside the journal. It says "running"
// until the process ends by itself, whatever for; one that still says so was killed, or lost its power. Main thread.

import { closeSync, constants, openSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

const NAME = "last-run.json";
const FILE_BYTES = 256;

export interface RunRecord {
  readonly pid: number;
  readonly startedAt: string;
  /** Undefined while it runs. */
  readonly endedAt?: string;
  /** Exit status: ops/runbook.md knows what each means. */
  readonly status?: number;
}

export interface LastRun extends RunRecord {
  /** In a few words. */
  readonly how: string;
}

/**
 * Call when nobody else can have the directory. Returns how the run before ended, undefined when there was none, and
 * sees to it that the end of this one is noted.
 */
export function noteRun(
  directory: string,
  startedMs: number,
  onExit: (note: (status: number) => void) => void = (note) => process.on("exit", note),
): LastRun | undefined {
  const file = path.join(directory, NAME);
  const last = readRun(file);
  const run = { pid: process.pid, startedAt: new Date(startedMs).toISOString() };
  writeRun(file, run);
  onExit((status) => writeRun(file, { ...run, endedAt: new Date().toISOString(), status }));
  return last === undefined ? undefined : { ...last, how: howOf(last) };
}

function howOf({ status }: RunRecord): string {
  if (status === undefined) return "killed, or the machine went down";
  if (status === 0) return "drained";
  return `ended with status ${status}`;
}

function readRun(file: string): RunRecord | undefined {
  try {
    const { pid, startedAt, endedAt, status } = JSON.parse(readFileSync(file, "utf8"));
    if (typeof pid !== "number" || typeof startedAt !== "string") return undefined;
    const hasEnded = typeof endedAt === "string" && typeof status === "number";
    return { pid, startedAt, ...(hasEnded ? { endedAt, status } : {}) };
  } catch {
    return undefined; // there is none, or its writer did not come to its end: it is for people only
  }
}

function writeRun(file: string, run: RunRecord): void {
  try {
    // Over what is there and always as long: a disk that is full takes that, and a run may have ended because it is.
    const descriptor = openSync(file, constants.O_WRONLY | constants.O_CREAT);
    try {
      writeFileSync(descriptor, `${JSON.stringify(run).padEnd(FILE_BYTES - 1)}\n`);
    } finally {
      closeSync(descriptor);
    }
  } catch {
    // A disk that is broken has its own lines and faults; this file is worth none.
  }
}
