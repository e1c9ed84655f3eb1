// Files whose long writes hurt nobody: in pieces, each on the disk before the next, with room for others in between.
// A checkpoint written at once would hold up every sync of the lanes until all of it is on the disk (E31). Keeper thread.

import type { Files } from "../journal/files.ts";

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

/** The same calls, whether they are methods or functions. */
const boundFiles = (files: Files): Files => ({
  open: (path, isNew) => files.open(path, isNew),
  openToRead: (path) => files.openToRead(path),
  close: (descriptor) => files.close(descriptor),
  write: (descriptor, bytes, offset, length, position) =>
    files.write(descriptor, bytes, offset, length, position),
  read: (descriptor, bytes, offset, length, position) =>
    files.read(descriptor, bytes, offset, length, position),
  sync: (descriptor) => files.sync(descriptor),
  size: (descriptor) => files.size(descriptor),
  truncate: (descriptor, bytes) => files.truncate(descriptor, bytes),
  exists: (path) => files.exists(path),
  list: (directory) => files.list(directory),
  makeDirectory: (directory) => files.makeDirectory(directory),
  syncDirectory: (directory) => files.syncDirectory(directory),
  rename: (from, to) => files.rename(from, to),
  remove: (path) => files.remove(path),
  space: (path) => files.space(path),
});
