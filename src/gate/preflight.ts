// What the machine and the command line must offer before anything is opened. Main thread, once.

import { readFileSync } from "node:fs";
import { FaultError } from "../base/fault.ts";
import type { Log } from "./gate-config.ts";

/** Workers, files, pipes and the admin port. */
const DESCRIPTORS_BESIDE = 64;
/** Stands in the start script of package.json, and nowhere else (E20). */
const FLAG = /^--min-semi-space-size=/;

/** Throws a FaultError when the configured connections cannot all be open at once (E27). */
export function checkDescriptors(connectionsMax: number, limit = descriptorLimit()): void {
  const needed = connectionsMax + DESCRIPTORS_BESIDE;
  if (needed > limit) throw new FaultError({ code: "DESCRIPTORS_TOO_FEW", needed, limit });
}

export function checkFlags(log: Log, flags: readonly string[] = process.execArgv): void {
  if (flags.some((flag) => FLAG.test(flag))) return;
  log.warn("flags", {
    reason: "started without the V8 flags of `npm start`: collections will be more frequent",
  });
}

/** The soft limit, which Node has raised to the hard one; no limit where the system does not say. */
export function descriptorLimit(limitsFile = "/proc/self/limits"): number {
  try {
    const soft = /^Max open files\s+(\S+)/m.exec(readFileSync(limitsFile, "utf8"))?.[1];
    const limit = Number(soft);
    return Number.isNaN(limit) ? Number.POSITIVE_INFINITY : limit;
  } catch {
    return Number.POSITIVE_INFINITY; // not Linux: the first refused accept will tell
  }
}
