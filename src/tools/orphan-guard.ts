// Ends what a tool has started when the tool was ended by SIGKILL, which nobody hears: a shell beside it waits on a pipe
// whose other end the tool alone holds. What is guarded knows nothing of it, and may be anybody's command.

import { spawn } from "node:child_process";
import type { Socket } from "node:net";
import path from "node:path";

/** A process that has as long as we would give it, then its directory. All shells understand this form of kill, BusyBox's too. */
const SCRIPT = `
read -r over && exit
kill -TERM "-$1" || over=yes
for second in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
  [ -z "$over" ] && kill -0 "-$1" || break
  sleep 1
done
kill -KILL "-$1"
[ -z "$2" ] || rm -rf -- "$2"
`;

export class OrphanGuard {
  /** null: there were no descriptors left for one. */
  private readonly pipe: Socket | null;

  /** `group`: the process that leads it; undefined when it could not be started. `directory`: of what it writes, "" = none. */
  constructor(group: number | undefined, directory: string) {
    // TMPDIR may be a name that means something else in "/".
    const place = directory === "" ? "" : path.resolve(directory);
    const guard = spawn("sh", ["-c", SCRIPT, "sh", String(group), place], {
      // What ends our group must not end it.
      detached: true,
      stdio: ["pipe", "ignore", "ignore"],
      cwd: "/",
    });
    guard.on("error", () => {}); // without a shell there is no guard
    guard.unref();
    this.pipe = (guard.stdin ?? null) as Socket | null;
    this.pipe?.on("error", () => {}); // nor without one that somebody ended
    this.pipe?.unref();
  }

  /** It has ended, or nobody minds that it goes on. */
  dismiss(): void {
    this.pipe?.end("over\n");
  }
}
