// Files that are read and written in one piece: session.json, crash files. Off the path.

import { orIoFault, readWhole, writeWhole } from "./file-faults.ts";
import type { Files } from "./files.ts";

export function readSmallFile(files: Files, path: string): string {
  const descriptor = orIoFault(path, "open", () => files.openToRead(path));
  try {
    const bytes = Buffer.alloc(orIoFault(path, "size", () => files.size(descriptor)));
    return bytes.toString("utf8", 0, readWhole(files, path, descriptor, bytes, 0, bytes.length, 0));
  } finally {
    files.close(descriptor);
  }
}

/** A file that is not there yet. When it returns, the content is on the disk; the name is the caller's to sync. */
export function writeSmallFile(files: Files, path: string, text: string): void {
  const bytes = Buffer.from(text, "utf8");
  const descriptor = orIoFault(path, "open", () => files.open(path, true));
  try {
    writeWhole(files, path, descriptor, bytes, 0, bytes.length, 0);
    orIoFault(path, "sync", () => files.sync(descriptor));
  } finally {
    files.close(descriptor);
  }
}
