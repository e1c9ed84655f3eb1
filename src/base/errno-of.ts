// The system's word for what it refused. Node passes on libuv's, which has none for a quota that is used up (EDQUOT) or a
// file that its server has lost (ESTALE): there only the number tells.

import { constants } from "node:os";

/** Node's code then: "UNKNOWN", or "Unknown system error -122". */
const UNNAMED = /^unknown\b/i;
const NAMES = new Map(Object.entries(constants.errno).map(([name, number]) => [number, name]));

/** An error's code, or what else is known. */
export function errnoOf(error: unknown): string {
  const { code, errno = 0 } = error as NodeJS.ErrnoException;
  if (code === undefined) return String(error);
  return UNNAMED.test(code) ? nameOf(-errno) : code;
}

/** Those without a name have their number: E117. */
const nameOf = (number: number): string => NAMES.get(number) ?? `E${number}`;
