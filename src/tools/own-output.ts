// A tool's stdout and stderr. Whoever reads them may leave at any time, as head(1) does, and hears no more; a disk that
// takes no more is told in a line, and the tool then ends with a status of its own.

import { setImmediate } from "node:timers/promises";
import { WriteError } from "./write-error.ts";

/** What was to be told was not: nobody may take it for anything else. */
export const UNWRITABLE_STATUS = 3;

export class OwnOutput {
  private trouble: WriteError | undefined = undefined;
  private onLost = (): void => {};

  constructor() {
    for (const stream of [process.stdout, process.stderr]) {
      stream.on("error", (error: NodeJS.ErrnoException) => {
        if (error.code !== "EPIPE") this.trouble ??= new WriteError("its own output", error);
        this.onLost();
      });
    }
  }

  /** Nobody hears any more what goes on: it may as well end. May be called more than once. */
  whenLost(end: () => void): void {
    this.onLost = end;
  }

  /** Of the tool, when it has nothing more to say: what became of what it said is told. */
  async status(status: number, unwritable: number = UNWRITABLE_STATUS): Promise<number> {
    await setImmediate(); // by then a stream that cannot be written to has said so
    if (this.trouble === undefined) return status;
    console.error(this.trouble.message);
    return unwritable;
  }
}
