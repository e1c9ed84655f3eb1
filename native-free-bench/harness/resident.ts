// The memory that a process holds, as Linux counts it.

import { readFileSync } from "node:fs";

/** Resident bytes of a process; throws where there is no such process, or no /proc. */
export function residentBytes(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  if (line === null) throw new Error(`/proc/${pid}/status says nothing of resident memory`);
  return Number(line[1]) * 1024;
}
