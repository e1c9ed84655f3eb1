// The real file system in a directory of its own, with its calls counted and, on demand, failing.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Files, realFiles } from "../../src/journal/files.ts";
import { systemError } from "./system-error.ts";

export class CountingFiles {
  readonly directory = mkdtempSync(join(tmpdir(), "tailgate-outbox-"));
  reads = 0;
  writes = 0;
  /** Of the largest read. */
  readBytesMax = 0;
  /** Descriptors that nobody has closed. */
  opened = 0;
  /** Error code of every write from now on; "" = they work. */
  writeError = "";
  readError = "";
  /** A write takes at most so many bytes, as the kernel may. */
  writeBytesMax = Number.POSITIVE_INFINITY;
  readBytesLimit = Number.POSITIVE_INFINITY;

  readonly files: Files = {
    ...realFiles,
    open: (path, isNew) => {
      const descriptor = realFiles.open(path, isNew);
      this.opened++;
      return descriptor;
    },
    openToRead: (path) => {
      const descriptor = realFiles.openToRead(path);
      this.opened++;
      return descriptor;
    },
    close: (descriptor) => {
      this.opened--;
      realFiles.close(descriptor);
    },
    write: (descriptor, bytes, offset, length, position) => {
      this.writes++;
      if (this.writeError !== "") throw systemError(this.writeError, "write");
      const taken = Math.min(length, this.writeBytesMax);
      return realFiles.write(descriptor, bytes, offset, taken, position);
    },
    read: (descriptor, bytes, offset, length, position) => {
      this.reads++;
      this.readBytesMax = Math.max(this.readBytesMax, length);
      if (this.readError !== "") throw systemError(this.readError, "read");
      const wanted = Math.min(length, this.readBytesLimit);
      return realFiles.read(descriptor, bytes, offset, wanted, position);
    },
  };

  path(name: string): string {
    return join(this.directory, name);
  }
  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
