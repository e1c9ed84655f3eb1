// Answers of the admin port as events: they are made on the cores that orders need. Scribe thread.

import type { Clock } from "../../base/clock.ts";
import type { EventLog } from "../../telemetry/event-log.ts";
import { EVENT_KIND } from "../../telemetry/event-record.ts";
import type { ScribePart } from "../scribe-part.ts";

/** Asked all the time, and answered from a few words. */
const CHEAP_PATHS = ["/healthz", "/readyz"];

export class ScrapeWatch implements ScribePart {
  private readonly events: EventLog;
  private readonly clock: Clock;

  constructor(events: EventLog, clock: Clock) {
    this.events = events;
    this.clock = clock;
  }

  onAnswered(path: string, tookMs: number, bytes: number): void {
    if (CHEAP_PATHS.includes(path)) return;
    const tookNs = tookMs * 1e6;
    this.events.add(EVENT_KIND.SCRAPE, this.clock.nowNs() - tookNs, tookNs, bytes);
  }
}
