import type { Clock, WallClock } from "../../src/base/clock.ts";

/** A clock that moves when a test says so. The wall clock beside it can be moved on its own. */
export class ManualClock implements Clock, WallClock {
  ns: number;
  wallMs: number;

  constructor(ns = 1_000_000_000, wallMs = Date.UTC(2026, 10, 20, 15)) {
    this.ns = ns;
    this.wallMs = wallMs;
  }

  nowNs(): number {
    return this.ns;
  }
  epochMs(): number {
    return this.wallMs;
  }
  advanceMs(ms: number): void {
    this.ns += ms * 1e6;
    this.wallMs += ms;
  }
}
