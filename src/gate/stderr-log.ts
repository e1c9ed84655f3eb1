// Operators' lines: one JSON object each, on stderr. Start, stop, sessions and trouble, never an order. Main thread.

import type { WallClock } from "../base/clock.ts";
import type { Log, LogFields } from "./gate-config.ts";

const LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LEVELS)[number];

export class StderrLog implements Log {
  private readonly wallClock: WallClock;
  private readonly lowest: number;
  private readonly write: (line: string) => void;

  constructor(
    wallClock: WallClock,
    lowest: LogLevel,
    write: (line: string) => void = (line) => void process.stderr.write(line),
  ) {
    this.wallClock = wallClock;
    this.lowest = LEVELS.indexOf(lowest);
    this.write = write;
  }

  info(event: string, fields: LogFields): void {
    this.line("info", event, fields);
  }
  warn(event: string, fields: LogFields): void {
    this.line("warn", event, fields);
  }
  error(event: string, fields: LogFields): void {
    this.line("error", event, fields);
  }

  private line(level: LogLevel, event: string, fields: LogFields): void {
    if (LEVELS.indexOf(level) < this.lowest) return;
    const time = new Date(this.wallClock.epochMs()).toISOString();
    this.write(`${JSON.stringify({ time, level, event, ...fields })}\n`);
  }
}
