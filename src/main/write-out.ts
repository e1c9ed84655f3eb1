// What other programs have written and the kernel still has in memory goes to the disk while the gateway starts, and
// not half a minute later in one piece with the journal's batches behind it: 250 MB were 40 ms (decision 0016).
// Nobody waits for it. Node has no syncfs(2); coreutils have. Main thread, once.

import type { Clock } from "../base/clock.ts";
import { runProgram } from "../base/run-program.ts";
import type { Log } from "../gate/gate-config.ts";

/** Writes out the file system that has this path; calls back with why it has not, or undefined. */
export type SyncFileSystem = (path: string, onDone: (reason: string | undefined) => void) => void;

const NS_PER_MS = 1_000_000;

const syncFileSystem: SyncFileSystem = (path, onDone) => {
  runProgram("sync", ["-f", "--", path], (error) => onDone(error?.message.trim()));
};

/** Tells how long it took, or that the tail may be longer in the first minute. */
export function writeOut(
  directory: string,
  clock: Clock,
  log: Log,
  sync: SyncFileSystem = syncFileSystem,
): void {
  const beginNs = clock.nowNs();
  sync(directory, (reason) => {
    if (reason === undefined) {
      log.info("disk", { writtenOutMs: Math.round((clock.nowNs() - beginNs) / NS_PER_MS) });
      return;
    }
    const effect = "what other programs wrote may hold orders up when the kernel writes it";
    log.warn("disk", { reason, effect });
  });
}
