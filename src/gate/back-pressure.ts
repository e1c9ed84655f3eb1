// For how long sockets were not read for want of room in a lane's ring: an episode begins with the first that has to
// wait and ends with the last that goes on. Main thread.

import type { Clock } from "../base/clock.ts";
import { type CounterWriter, GATE_COUNTERS } from "../memory/counters.ts";
import type { EventLog } from "../telemetry/event-log.ts";
import { EVENT_KIND, EVENT_NS_MIN } from "../telemetry/event-record.ts";

export class BackPressure {
  private readonly lane: number;
  private readonly clock: Clock;
  private readonly counters: CounterWriter;
  private readonly events: EventLog | undefined;
  private isOn = false;
  private waitingMax = 0;
  private readonly times = new Float64Array(2); // typed, as fields would box each new value

  /** Without `events` it is only counted. */
  constructor(lane: number, clock: Clock, counters: CounterWriter, events: EventLog | undefined) {
    this.lane = lane;
    this.clock = clock;
    this.counters = counters;
    this.events = events;
  }

  /** Whenever somebody begins or ends to wait, and now and then: so many wait now. */
  note(waitingCount: number): void {
    if (waitingCount === 0 && !this.isOn) return;
    const { times } = this;
    const nowNs = this.clock.nowNs();
    if (!this.isOn) {
      this.isOn = true;
      this.waitingMax = waitingCount;
      times[SINCE_NS] = nowNs;
      times[COUNTED_NS] = nowNs;
      return;
    }
    this.counters.add(GATE_COUNTERS.backPressureNs, nowNs - times[COUNTED_NS]!);
    times[COUNTED_NS] = nowNs;
    if (waitingCount > this.waitingMax) this.waitingMax = waitingCount;
    if (waitingCount === 0) this.end(nowNs);
  }

  /** A flooder has many short ones, which explain nothing. */
  private end(nowNs: number): void {
    this.isOn = false;
    const sinceNs = this.times[SINCE_NS]!;
    if (nowNs - sinceNs <= EVENT_NS_MIN) return;
    const { INBOUND_FULL } = EVENT_KIND;
    this.events?.add(INBOUND_FULL, sinceNs, nowNs - sinceNs, this.waitingMax, this.lane);
  }
}

const SINCE_NS = 0;
const COUNTED_NS = 1; // what is in the counter reaches to here
