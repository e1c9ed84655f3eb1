// A directory and those above it. One at a time: where nothing can be made (/proc), Node's recursive way never comes back.

import { accessSync, existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";

/** Throws the system's error, whose `path` is the directory that could not be made. */
export function makeDirectories(directory: string): void {
  makeMissing(directory);
  accessSync(join(directory, "/")); // throws if what is there is a file
}

function makeMissing(directory: string): void {
  if (existsSync(directory)) return;
  makeMissing(dirname(directory));
  try {
    mkdirSync(directory);
  } catch (error) {
    // Another process that starts in the same moment may have been first.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}
