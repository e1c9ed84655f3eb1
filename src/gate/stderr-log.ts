// Operators' lines: one JSON object each, on stderr. Start, stop, sessions and trouble, never an order. Nothing waits for
// who reads them: who does not gets no more than so many, and is told how many he missed. Anybody who can connect causes
// lines, thousands a second if he likes: of one event so many are told in a second, and the others counted. Main thread.

import type { Writable } from "node:stream";
import type { WallClock } from "../base/clock.ts";
import type { Log, LogFields } from "./gate-config.ts";

const LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LEVELS)[number];

/** Of lines that a pipe has not taken. */
const WAITING_BYTES_MAX = 1024 * 1024;

/** Of one event in a second. */
const LINES_PER_SECOND_MAX = 100;
const SECOND_MS = 1000;

interface Tally {
  second: number;
  told: number;
  untold: number;
}

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
  private readonly tallies = new Map<string, Tally>(); // by event

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
    const nowMs = this.wallClock.epochMs();
    const second = Math.floor(nowMs / SECOND_MS);
    this.tellUntold(second, nowMs);
    if (!this.mayTell(event, second)) return;
    const { lost } = this;
    if (lost > 0 && this.put("warn", "lines-lost", { lines: lost }, nowMs)) this.lost = 0;
    if (!this.put(level, event, fields, nowMs)) this.lost++;
  }

  private mayTell(event: string, second: number): boolean {
    let tally = this.tallies.get(event);
    if (tally === undefined) {
      tally = { second, told: 0, untold: 0 };
      this.tallies.set(event, tally);
    }
    if (tally.second !== second) {
      tally.second = second;
      tally.told = 0;
    }
    if (tally.told === LINES_PER_SECOND_MAX) {
      tally.untold++;
      return false;
    }
    tally.told++;
    return true;
  }

  /** With the first line of a later second, whatever that is about. */
  private tellUntold(second: number, nowMs: number): void {
    for (const [of, tally] of this.tallies) {
      if (tally.untold === 0 || tally.second === second) continue;
      if (this.put("warn", "lines-untold", { of, lines: tally.untold }, nowMs)) tally.untold = 0;
    }
  }

  private put(level: LogLevel, event: string, fields: LogFields, nowMs: number): boolean {
    const time = new Date(nowMs).toISOString();
    return this.write(`${JSON.stringify({ time, level, event, ...fields })}\n`);
  }
}
