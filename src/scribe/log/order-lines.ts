// Log records as JSON lines, for people at three in the morning and for whoever collects lines. Loaded only when they are
// asked for: pino costs several megabytes. Scribe thread.

import { type Logger, pino } from "pino";
import type { AccountNames } from "../../telemetry/account-names.ts";
import { LOG_STATUS, type LogRecord } from "../../telemetry/log-record.ts";
import { type LoggedEvent, readLoggedEvent } from "../../telemetry/logged-event.ts";

export interface LineTarget {
  write(line: string): void;
}

const MS_PER_SECOND = 1000;
const NS_PER_US = 1000;

export class OrderLines {
  private readonly logger: Logger;
  private readonly names: AccountNames;
  private timeText = "";
  // A second's beginning is the same for thousands of lines.
  private second = -1;
  private secondText = "";

  constructor(target: LineTarget, names: AccountNames) {
    this.names = names;
    this.logger = pino(
      {
        base: null,
        timestamp: () => this.timeText,
        formatters: { level: (label) => ({ level: label }) },
      },
      target,
    );
  }

  /** One record; the time is since 1970. */
  write(record: LogRecord, seconds: number, nanoseconds: number): void {
    const event = readLoggedEvent(record, this.names);
    this.setTime(seconds, nanoseconds);
    this.line(record.status, event);
  }

  /** A log ring closed and took nothing for a while. */
  overflow(thread: string, dropped: number, seconds: number, nanoseconds: number): void {
    this.setTime(seconds, nanoseconds);
    this.logger.warn({ event: "log-overflow", thread, dropped });
  }

  private line(status: number, event: LoggedEvent): void {
    if (status === LOG_STATUS.OK) this.logger.info(event);
    else this.logger.warn(event);
  }

  private setTime(seconds: number, nanoseconds: number): void {
    if (seconds !== this.second) {
      this.second = seconds;
      // 2026-11-20T15:00:00
      this.secondText = new Date(seconds * MS_PER_SECOND).toISOString().slice(0, -".000Z".length);
    }
    const us = String(Math.floor(nanoseconds / NS_PER_US)).padStart(6, "0");
    this.timeText = `,"time":"${this.secondText}.${us}Z"`;
  }
}
