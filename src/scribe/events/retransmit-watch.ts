// Seconds in which the machine sent TCP segments again: an answer may have been among them. Scribe thread.

import type { EventLog } from "../../telemetry/event-log.ts";
import { EVENT_KIND } from "../../telemetry/event-record.ts";
import { readNetworkCounts } from "../metrics/network-counts.ts";
import type { ScribePart } from "../scribe-part.ts";

const LOOK_EVERY_NS = 1e9;

export class RetransmitWatch implements ScribePart {
  private readonly events: EventLog;
  private readonly read: () => number | undefined;
  private lookedNs = 0;
  private retransmits: number | undefined;

  /** `read`: segments that were ever sent again; undefined: the kernel does not say. */
  constructor(events: EventLog, read = (): number | undefined => readNetworkCounts()?.retransmits) {
    this.events = events;
    this.read = read;
  }

  tick(nowNs: number): void {
    const { lookedNs, retransmits: before } = this;
    if (nowNs - lookedNs < LOOK_EVERY_NS) return;
    this.lookedNs = nowNs;
    this.retransmits = this.read();
    if (before === undefined || this.retransmits === undefined) return;
    const more = this.retransmits - before;
    if (more > 0) this.events.add(EVENT_KIND.RETRANSMITS, lookedNs, nowNs - lookedNs, more);
  }
}
