// A log whose lines can be waited for.

import type { Log, LogFields } from "../../src/gate/gate-config.ts";

export class AwaitedLines implements Log {
  private readonly waiting = new Map<string, () => void>();
  readonly fields = new Map<string, LogFields>();
  readonly events: string[] = [];

  /** Resolves when such a line is logged from now on. */
  when(event: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.waiting.set(event, resolve);
    return promise;
  }
  info(event: string, fields: LogFields): void {
    this.fields.set(event, fields);
    this.events.push(event);
    this.waiting.get(event)?.();
  }
  warn(event: string, fields: LogFields): void {
    this.info(event, fields);
  }
  error(event: string, fields: LogFields): void {
    this.info(event, fields);
  }
}
