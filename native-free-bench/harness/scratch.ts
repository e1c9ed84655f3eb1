// A directory for the length of a scenario, gone behind it, however it ends.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export class Scratch {
  readonly path: string;
  private readonly removeAtExit = (): void => {
    rmSync(this.path, { recursive: true, force: true });
  };

  constructor(name: string) {
    this.path = mkdtempSync(join(tmpdir(), `tailgate-${name}-`));
    process.once("exit", this.removeAtExit);
  }

  [Symbol.dispose](): void {
    this.removeAtExit();
    process.off("exit", this.removeAtExit);
  }
}

/** Of a scenario as a program. Without this a signal would end it and leave its gateway and its files behind. */
export function exitOnSignals(): void {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => process.exit(1));
  }
}
