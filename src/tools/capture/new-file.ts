// A file that is to be there whole or not at all: until it is whole it has another name, beside its own. What is no
// file on a disk (a pipe, /dev/stdout) is written as it is.

import { randomBytes } from "node:crypto";
import fs from "node:fs";
import { unusableOut } from "./unusable-capture.ts";

const STDOUT = 1;

/** Can be handed to another thread. */
export interface NewFileNames {
  readonly path: string;
  /** What it is called while it is written; `path` for what is no file on a disk. */
  readonly part: string;
}

/** Throws UnusableCapture where something is that may not be written over. */
export function namesFor(path: string): NewFileNames {
  if (!isThere(path)) return { path, part: `${path}.${randomBytes(4).toString("hex")}.part` };
  const stats = fs.statSync(path, { throwIfNoEntry: false });
  // A link that leads nowhere, too.
  if (stats === undefined || stats.isFile() || stats.isDirectory()) throw alreadyThere(path);
  return { path, part: path };
}

/** It goes by the name that it has from the start. */
export const isStream = ({ path, part }: NewFileNames): boolean => path === part;

/** Whether what is written there comes out where the tool's own words do. */
export function isStdout(names: NewFileNames): boolean {
  const [file, stdout] = [fs.statSync(names.part), fs.fstatSync(STDOUT)];
  return file.dev === stdout.dev && file.ino === stdout.ino;
}

/** `write` closes the descriptor, also when it fails. Throws UnusableCapture, and whatever else `write` throws; nothing is left of the file then. */
export function writeNew<T>(names: NewFileNames, write: (descriptor: number) => T): T {
  try {
    const result = write(fs.openSync(names.part, isStream(names) ? "w" : "wx"));
    keep(names);
    return result;
  } catch (error) {
    discard(names);
    if (typeof (error as NodeJS.ErrnoException).code !== "string") throw error;
    throw unusableOut(names.path, error);
  }
}

/** It is whole. Whoever else made one of that name meanwhile keeps it. */
function keep(names: NewFileNames): void {
  if (isStream(names)) return;
  if (isThere(names.path)) throw alreadyThere(names.path);
  fs.renameSync(names.part, names.path);
}

/** Takes away what there is of it. */
export function discard(names: NewFileNames): void {
  if (!isStream(names)) fs.rmSync(names.part, { force: true });
}

const isThere = (path: string): boolean =>
  fs.lstatSync(path, { throwIfNoEntry: false }) !== undefined;

const alreadyThere = (path: string): Error => unusableOut(path, { code: "EEXIST" });
