// An error as a call of node:fs throws it, also where libuv has no word for what the system said.

import { constants } from "node:os";
import { getSystemErrorMap } from "node:util";

/** `name`: EIO, EDQUOT … */
export function systemError(name: string, syscall: string, path?: string): Error {
  const errno = -(constants.errno as Record<string, number>)[name]!;
  const [code, words] = getSystemErrorMap().get(errno) ?? ["UNKNOWN", "unknown error"];
  const where = path === undefined ? "" : ` '${path}'`;
  return Object.assign(new Error(`${code}: ${words}, ${syscall}${where}`), {
    code,
    errno,
    syscall,
  });
}
