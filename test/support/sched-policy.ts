// What the kernel says of a thread's scheduling, by its word and not by ours.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

export const SCHED_OTHER = 0;
export const SCHED_IDLE = 5;

/** SCHED_… of a process or thread, by its directory in /proc; proc(5). */
export const policyOf = (directory: string): number =>
  Number(/\) (.*)/.exec(readFileSync(`${directory}/stat`, "utf8"))?.[1]?.split(" ")[38]);

/** A thread that gives way may take it back. */
export function isReturnAllowed(): boolean {
  try {
    execFileSync("chrt", ["--idle", "0", "chrt", "--other", "0", "true"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
