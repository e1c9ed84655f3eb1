// What an error of a file call means to the keeper: no room, which passes, or a broken disk, which does not.

import { FaultError } from "../base/fault.ts";

/** A full disk, a full quota, a file that the process may not make as long. */
const NO_ROOM = ["ENOSPC", "EDQUOT", "EFBIG"];

export const isForWantOfRoom = (thrown: unknown): boolean => NO_ROOM.includes(errnoOf(thrown));

/** Whatever is no error of a file call stays what it is. */
export function journalFault(thrown: unknown, path: string): unknown {
  const errno = errnoOf(thrown);
  if (thrown instanceof FaultError || errno === "") return thrown;
  const operation = (thrown as NodeJS.ErrnoException).syscall ?? "call";
  return new FaultError({ code: "JOURNAL_IO", path, operation, errno });
}

/** Node's own complaints (ERR_…) are about us and no errno. */
function errnoOf(thrown: unknown): string {
  if (thrown instanceof FaultError) {
    return thrown.fault.code === "JOURNAL_IO" ? thrown.fault.errno : "";
  }
  const code = thrown instanceof Error ? (thrown as NodeJS.ErrnoException).code : undefined;
  return typeof code === "string" && /^E[A-Z0-9]+$/.test(code) ? code : "";
}
