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

/** What the file system said about a path, for the user. */
export function unusableFile(path: string, error: unknown): UnusableCapture {
  const { code = "", message = String(error) } = error as NodeJS.ErrnoException;
  return new UnusableCapture(`${path}: ${WORDS[code] ?? message}`);
}
