// What an error of a file call means to the keeper, unless it is for want of room: a Fault that ends the gateway.

import { errnoOf } from "../base/errno-of.ts";
import { FaultError } from "../base/fault.ts";
import { ioFault } from "../journal/file-faults.ts";

/** Whatever is no error of a file call stays what it is. */
export function journalFault(thrown: unknown, path: string): unknown {
  if (thrown instanceof FaultError || !(thrown instanceof Error)) return thrown;
  const { syscall } = thrown as NodeJS.ErrnoException;
  // Node's own complaints (ERR_…) are about us and no errno.
  const isErrno = /^E[A-Z0-9]+$/.test(errnoOf(thrown));
  return isErrno ? ioFault(path, syscall ?? "call", thrown) : thrown;
}
