// What the journal's calls cost a lane, as counts and, where it was long, as events. Lane thread.

import { JOURNAL_CALL, type JournalTimes } from "../journal/journal-times.ts";
import { EVENT_KIND, EVENT_NS_MIN } from "../telemetry/event-record.ts";
import type { LaneTelemetry } from "../telemetry/lane-telemetry.ts";
import { LANE_TIME } from "../telemetry/latency-series.ts";

const WRITE = 1;
const SYNC = 2;

export class JournalWatch implements JournalTimes {
  readonly call = new Float64Array(Object.keys(JOURNAL_CALL).length);
  private readonly telemetry: LaneTelemetry;

  constructor(telemetry: LaneTelemetry) {
    this.telemetry = telemetry;
  }

  onWrite(): void {
    this.count(LANE_TIME.journalWrite, WRITE);
  }
  onSync(): void {
    this.count(LANE_TIME.journalSync, SYNC);
  }
  onSegmentWait(): void {
    const { call, telemetry } = this;
    const durationNs = call[JOURNAL_CALL.DURATION_NS]!;
    const { events, lane } = telemetry;
    events.add(EVENT_KIND.SEGMENT_WAIT, call[JOURNAL_CALL.START_NS]!, durationNs, 0, lane);
  }

  private count(series: number, detail: number): void {
    const { call, telemetry } = this;
    const durationNs = call[JOURNAL_CALL.DURATION_NS]!;
    telemetry.times.record(series, durationNs);
    if (durationNs <= EVENT_NS_MIN) return;
    const startNs = call[JOURNAL_CALL.START_NS]!;
    const bytes = call[JOURNAL_CALL.BYTES]!;
    telemetry.events.add(EVENT_KIND.SLOW_JOURNAL, startNs, durationNs, bytes, detail);
  }
}
