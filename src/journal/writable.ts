// Whether we may write in a directory: asked at the start, because the next file may be needed in the middle of the day.
// Main thread.

import { accessSync, constants, statSync } from "node:fs";
import { errnoOf } from "../base/errno-of.ts";
import { FaultError } from "../base/fault.ts";
import { placeFault } from "./file-faults.ts";

/** What the system says against it; undefined: nothing. */
export function errnoOfWriting(directory: string): string | undefined {
  try {
    // With the dot, a file in its place is none.
    accessSync(`${directory}/.`, constants.R_OK | constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    return errnoOf(error);
  }
}

/** Throws JOURNAL_UNWRITABLE for the first that we may not write in, or what else is against it. */
export function checkWritable(directories: readonly string[]): void {
  for (const path of directories) {
    const errno = errnoOfWriting(path);
    if (errno !== undefined) throw new FaultError(placeFault(path, errno));
  }
}

const OTHER_DISK =
  "it is on another file system than journal.dir, and no folder can be renamed to there: have the archive beside the sessions, and move on by hand what is in it";

/** The archive is where no session can be put away. */
export const otherDiskFault = (archive: string): FaultError =>
  new FaultError({
    code: "JOURNAL_UNWRITABLE",
    path: archive,
    errno: "EXDEV",
    reason: OTHER_DISK,
  });

/** Throws JOURNAL_UNWRITABLE when the end of the day could not put the session away: by then clients have its end. */
export function checkSameDisk(directory: string, archive: string): void {
  if (statSync(directory).dev !== statSync(archive).dev) throw otherDiskFault(archive);
}
