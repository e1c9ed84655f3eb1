// How full the disk is, looked at once a second: lack of space is seen before it hurts (semantics §3.6). Keeper thread.

import type { Clock } from "../base/clock.ts";
import type { Files } from "../journal/files.ts";
import { journalFault } from "./file-trouble.ts";

const LOOK_EVERY_MS = 1000;
/** It is roomy again only so far below, so that the orders at the edge do not come and go. */
const HYSTERESIS_PERCENT = 2;

export class DiskSpace {
  private readonly files: Files;
  private readonly clock: Clock;
  private readonly directory: string;
  private readonly usedPercentMax: number;
  private used = 0;
  private isFullNow = false;
  private nextMs = 0;

  constructor(files: Files, clock: Clock, directory: string, usedPercentMax: number) {
    this.files = files;
    this.clock = clock;
    this.directory = directory;
    this.usedPercentMax = usedPercentMax;
  }

  get usedPercent(): number {
    return this.used;
  }
  get isFull(): boolean {
    return this.isFullNow;
  }

  /** Returns in how many milliseconds to look again. */
  step(): number {
    const nowMs = this.clock.nowNs() / 1e6;
    if (nowMs >= this.nextMs) {
      this.look();
      this.nextMs = nowMs + LOOK_EVERY_MS;
    }
    return this.nextMs - nowMs;
  }

  private look(): void {
    try {
      this.used = this.files.space(this.directory).usedShare * 100;
    } catch (thrown) {
      throw journalFault(thrown, this.directory);
    }
    const limit = this.isFullNow ? this.usedPercentMax - HYSTERESIS_PERCENT : this.usedPercentMax;
    this.isFullNow = this.used > limit;
  }
}
