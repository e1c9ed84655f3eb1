// Another program, for what Node cannot do itself and nobody depends on. Node throws some of what keeps it from starting
// one (ENOMEM: the kernel has no room for a copy of this process) and tells of the rest: here, it only tells.

import { execFile } from "node:child_process";

/** Calls back with why it has not ended well; undefined: it has. At once when it cannot be started. */
export function runProgram(
  program: string,
  args: readonly string[],
  onDone: (error: Error | undefined) => void,
): void {
  try {
    execFile(program, args, (error) => onDone(error ?? undefined));
  } catch (error) {
    onDone(error as Error);
  }
}
