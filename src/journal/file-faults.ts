// What a failed call to the file system becomes: a Fault that says which file and which call (semantics §3.6).

import { dirname } from "node:path";
import { errnoOf } from "../base/errno-of.ts";
import { type Fault, FaultError } from "../base/fault.ts";
import type { Files } from "./files.ts";

/** A full disk, a full quota, a file that the process may not make as long. Passes when somebody makes room. */
const NO_ROOM = ["ENOSPC", "EDQUOT", "EFBIG"];
const OUT_OF_DESCRIPTORS = ["EMFILE", "ENFILE"];
/** Not the disk's failure but the operator's to mend: modes, or something else stands where a file or a folder belongs. */
const REFUSED = ["EACCES", "EPERM", "EROFS", "ENOTDIR", "EISDIR", "ELOOP", "EEXIST", "ENOTEMPTY"];

/** Of whatever a call of Files threw. */
export function ioFault(path: string, operation: string, error: unknown): FaultError {
  if (error instanceof FaultError) return error;
  const errno = errnoOf(error);
  if (NO_ROOM.includes(errno)) {
    return new FaultError({ code: "JOURNAL_FULL", directory: dirname(path), errno });
  }
  if (REFUSED.includes(errno)) return new FaultError({ code: "JOURNAL_UNWRITABLE", path, errno });
  return new FaultError({ code: "JOURNAL_IO", path, operation, errno });
}

/** Of a place that cannot be had at the start: no room for it, a disk that fails, or the operator's to mend. */
export function placeFault(path: string, errno: string): Fault {
  if (NO_ROOM.includes(errno)) return { code: "JOURNAL_FULL", directory: dirname(path), errno };
  if (errno === "EIO") return { code: "JOURNAL_IO", path, operation: "open", errno };
  return { code: "JOURNAL_UNWRITABLE", path, errno };
}

/** For want of room: no failure, and it passes. */
export const isNoRoom = (thrown: unknown): boolean =>
  thrown instanceof FaultError
    ? thrown.fault.code === "JOURNAL_FULL"
    : NO_ROOM.includes(errnoOf(thrown));

/** The process, or the machine, has no descriptor left: no failure of the disk, and it passes. */
export const isOutOfDescriptors = (thrown: unknown): boolean =>
  OUT_OF_DESCRIPTORS.includes(
    thrown instanceof FaultError && "errno" in thrown.fault
      ? (thrown.fault.errno ?? "")
      : errnoOf(thrown),
  );

/** Runs a call of Files; its error becomes a JOURNAL_IO. Off the path. */
export function orIoFault<T>(path: string, operation: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw ioFault(path, operation, error);
  }
}

/** Writes all of it, however often the kernel stops short; a disk that takes nothing at all is an error. Returns the calls it took. */
export function writeWhole(
  files: Files,
  path: string,
  descriptor: number,
  bytes: Uint8Array,
  offset: number,
  length: number,
  position: number,
): number {
  try {
    let done = 0;
    let calls = 0;
    while (done < length) {
      calls++;
      const written = files.write(descriptor, bytes, offset + done, length - done, position + done);
      if (written === 0) throw new WroteNothing();
      done += written;
    }
    return calls;
  } catch (error) {
    throw ioFault(path, "write", error);
  }
}

class WroteNothing extends Error {
  readonly code = "WROTE_NOTHING";
}

/** Reads until `length` bytes are there or the file ends. Returns the bytes read. */
export function readWhole(
  files: Files,
  path: string,
  descriptor: number,
  bytes: Uint8Array,
  offset: number,
  length: number,
  position: number,
): number {
  try {
    let done = 0;
    while (done < length) {
      const read = files.read(descriptor, bytes, offset + done, length - done, position + done);
      if (read === 0) break;
      done += read;
    }
    return done;
  } catch (error) {
    throw ioFault(path, "read", error);
  }
}
