// What a lane's own time is spent on, as counts and, where it was long, as events. Nothing of it decides anything.
// Lane thread.

import type { Clock } from "../base/clock.ts";
import { EVENT_KIND, EVENT_NS_MIN } from "../telemetry/event-record.ts";
import type { LaneTelemetry } from "../telemetry/lane-telemetry.ts";
import { LANE_TIME } from "../telemetry/latency-series.ts";
import type { BatchStamps } from "./batch-stamps.ts";

export class LaneWatch {
  private readonly telemetry: LaneTelemetry;
  private readonly clock: Clock;
  private isFull = false;
  // Typed, as fields would box each new value.
  private readonly own = new Float64Array(1);

  constructor(telemetry: LaneTelemetry, clock: Clock) {
    this.telemetry = telemetry;
    this.clock = clock;
  }

  /** A batch of so many records is as durable as configured. */
  onBatch(stamps: BatchStamps): void {
    const { times, events, lane } = this.telemetry;
    const durationNs = stamps.durableNs - stamps.laneNs;
    times.moveTo(stamps.durableNs);
    times.record(LANE_TIME.batch, durationNs);
    if (durationNs <= EVENT_NS_MIN) return;
    events.add(EVENT_KIND.LONG_BATCH, stamps.laneNs, durationNs, stamps.count, lane);
  }

  /** A chunk was read back from a file, which took long and began then. */
  onSlowRead(startNs: number): void {
    const { events, lane } = this.telemetry;
    const durationNs = this.clock.nowNs() - startNs;
    events.add(EVENT_KIND.SLOW_OUTBOX_READ, startNs, durationNs, 0, lane);
  }

  /** After each attempt to hand over: while something is left, the outbound ring has no room for it. */
  onHandOver(isDone: boolean): void {
    // A whole lane that is well costs this comparison.
    if (isDone !== this.isFull) return;
    this.isFull = !isDone;
    const nowNs = this.clock.nowNs();
    if (!isDone) {
      this.own[FULL_NS] = nowNs;
      return;
    }
    const { events, lane } = this.telemetry;
    const durationNs = nowNs - this.own[FULL_NS]!;
    if (durationNs <= EVENT_NS_MIN) return;
    events.add(EVENT_KIND.OUTBOUND_FULL, this.own[FULL_NS]!, durationNs, 0, lane);
  }
}

const FULL_NS = 0; // since when the outbound ring is full
