// How many descriptors the process may have.

import { readFileSync } from "node:fs";

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
