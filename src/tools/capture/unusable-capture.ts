import { errnoOf } from "../../base/errno-of.ts";
import { messageOf } from "../../base/message-of.ts";

/** A file that nothing can be done with. The message is one line for the user, and says what to do. */
export class UnusableCapture extends Error {}

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "this user may not read it",
  EEXIST: "is there already: choose another name for --out, or remove it",
  ENOSPC: "the disk is full: what was written of it is removed",
  ESPIPE: "is no file on a disk: write it to one first",
  EISDIR: "is a directory, not a file",
};

/** Of a file that is to be made. */
const OUT_WORDS: typeof WORDS = {
  ...WORDS,
  ENOENT: "its directory is not there: make it first",
  EACCES: "this user may not write there",
  EROFS: "the disk is mounted read-only: choose another place for --out",
  EDQUOT: "this user's quota is used up: what was written of it is removed",
  EFBIG: "is larger than a file may be here (ulimit -f): what was written of it is removed",
  EPIPE: "whoever read it has gone",
};

/** What the file system said about a path that is read, for the user. */
export const unusableFile = (path: string, error: unknown): UnusableCapture =>
  unusable(path, error, WORDS);
/** The same of one that is written. */
export const unusableOut = (path: string, error: unknown): UnusableCapture =>
  unusable(path, error, OUT_WORDS);

function unusable(path: string, error: unknown, words: typeof WORDS): UnusableCapture {
  return new UnusableCapture(`${path}: ${words[errnoOf(error)] ?? messageOf(error)}`);
}
