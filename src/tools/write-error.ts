// What a tool has to say, and nothing takes: a full disk, a closed pipe.

import fs from "node:fs";
import { messageOf } from "../base/message-of.ts";

/** The message says what cannot be written; Node's own has no path when a disk is full. */
export class WriteError extends Error {
  constructor(name: string, cause: unknown) {
    const why = messageOf(cause);
    super(`${name} cannot be written: ${why}`, { cause });
  }
}

/** Throws WriteError. */
export function writeText(file: string, text: string): void {
  try {
    fs.writeFileSync(file, text);
  } catch (error) {
    throw new WriteError(file, error);
  }
}
