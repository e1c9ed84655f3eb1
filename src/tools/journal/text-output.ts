// Lines on stdout, many at a time and never more than the reader behind a pipe can take. A reader that has gone (head,
// less) ends the output, and is no error; a full disk throws WriteError.

import { writeSync } from "node:fs";
import { pause } from "../../base/pause.ts";
import { WriteError } from "../write-error.ts";

const STDOUT = 1;
const PIECE_LETTERS = 64 * 1024;
const FULL_PIPE_MS = 2;

export class TextOutput {
  /** Nobody reads any more: there is nothing left to do. */
  isClosed = false;
  lines = 0;
  private pending = "";

  line(text: string): void {
    this.pending += `${text}\n`;
    this.lines++;
    if (this.pending.length >= PIECE_LETTERS) this.flush();
  }

  json(value: object): void {
    this.line(JSON.stringify(value));
  }

  flush(): void {
    const bytes = Buffer.from(this.pending);
    this.pending = "";
    let offset = 0;
    while (offset < bytes.length && !this.isClosed) {
      try {
        offset += writeSync(STDOUT, bytes, offset);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === "EPIPE") this.isClosed = true;
        else if (code === "EAGAIN") pause(FULL_PIPE_MS);
        else throw new WriteError("its own output", error);
      }
    }
  }
}
