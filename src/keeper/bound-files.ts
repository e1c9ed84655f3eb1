// The calls of Files as an object of its own, for wrappers that change a few of them. Keeper thread.

import type { Files } from "../journal/files.ts";

/** The same calls, whether they are methods or functions. */
export const boundFiles = (files: Files): Files => ({
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
