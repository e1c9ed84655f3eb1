// Files whose long writes hurt nobody: in pieces, each on the disk before the next, with room for others in between.
// A checkpoint written at once would hold up every sync of the lanes until all of it is on the disk (E31). Keeper thread.

import type { Files } from "../journal/files.ts";
import { boundFiles } from "./bound-files.ts";

export const GENTLE_BYTES = 256 * 1024;

/** `breathe` is called behind each piece. */
export function gentleFiles(files: Files, breathe: () => void): Files {
  let unsynced = 0;
  const sync = (descriptor: number): void => {
    unsynced = 0;
    files.sync(descriptor);
  };
  return {
    ...boundFiles(files),
    sync,
    write(descriptor, bytes, offset, length, position) {
      if (unsynced >= GENTLE_BYTES) {
        sync(descriptor);
        breathe();
      }
      const room = GENTLE_BYTES - unsynced;
      const written = files.write(descriptor, bytes, offset, Math.min(length, room), position);
      unsynced += written;
      return written;
    },
  };
}
