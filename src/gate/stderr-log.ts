// Operators' lines: one JSON object each, on stderr. Start, stop, sessions and trouble, never an order. Nothing waits for
// who reads them: who does not gets no more than so many, and is told how many he missed. Main thread.

import type { Writable } from "node:stream";
import type { WallClock } from "../base/clock.ts";
import type { Log, LogFields } from "./gate-config.ts";

const LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LEVELS)[number];

/** Of lines that a pipe has not taken. */
const WAITING_BYTES_MAX = 1024 * 1024;

/** False: the line is lost. */
export type WriteLine = (line: string) => boolean;

/** A reader that has gone, or a disk that is full, takes lines from an operator and nothing from a client. */
export function lineWriter(stream: Writable): WriteLine {
  stream.on("error", () => undefined);
  return (line) => {
    if (stream.writableLength > WAITING_BYTES_MAX) return false;
    stream.write(line);
    return true;
  };
}

export class StderrLog implements Log {
  private readonly wallClock: WallClock;
  private readonly lowest: number;
  private readonly write: WriteLine;
  private lost = 0;

  constructor(
    wallClock: WallClock,
    lowest: LogLevel,
    write: WriteLine = lineWriter(process.stderr),
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
    const { lost } = this;
    if (lost > 0 && this.put("warn", "lines-lost", { lines: lost })) this.lost = 0;
    if (!this.put(level, event, fields)) this.lost++;
  }

  private put(level: LogLevel, event: string, fields: LogFields): boolean {
    const time = new Date(this.wallClock.epochMs()).toISOString();
    return this.write(`${JSON.stringify({ time, level, event, ...fields })}\n`);
  }
}
