// All that tells what could explain a slow order: one function makes it, because it hangs together. Scribe thread.

import type { ThreadClock } from "../../base/clock.ts";
import type { EpochOffset } from "../../base/epoch-offset.ts";
import { AccountNames } from "../../telemetry/account-names.ts";
import type { EventLog } from "../../telemetry/event-log.ts";
import type { TelemetryEvent } from "../../telemetry/event-record.ts";
import { watchCollections } from "../../telemetry/gc-watch.ts";
import type { TelemetryMemory } from "../../telemetry/telemetry-memory.ts";
import type { ScribePart } from "../scribe-part.ts";
import { EventStore } from "./event-store.ts";
import { FlightRecorder } from "./flight-recorder.ts";
import { RetransmitWatch } from "./retransmit-watch.ts";
import { ScrapeWatch } from "./scrape-watch.ts";

export interface EventPartsOptions {
  readonly memory: TelemetryMemory;
  /** The scribe's own. */
  readonly events: EventLog;
  readonly clock: ThreadClock;
  readonly epoch: EpochOffset;
  readonly baseNs: bigint;
  /** The only lane lives on the gate's thread. */
  readonly isLaneOnGate: boolean;
  /** What is slower is slow. */
  readonly tailNs: number;
  /** Hears of each event, when it is read from its ring. */
  readonly onEvent?: (event: TelemetryEvent) => void;
}

export interface EventParts {
  readonly store: EventStore;
  readonly parts: readonly ScribePart[];
}

export function eventParts(options: EventPartsOptions): EventParts {
  const { memory, events, clock, epoch, baseNs, isLaneOnGate, tailNs, onEvent } = options;
  const { gate, lanes, scribeEvents, keeperEvents, accountNames } = memory;
  watchCollections(events, clock);
  const rings = [gate.events, scribeEvents, keeperEvents, ...lanes.map((lane) => lane.events)];
  const store = new EventStore({ rings, clock, epoch, baseNs, onEvent });
  const names = new AccountNames(accountNames, lanes.length);
  const { slow } = gate;
  const parts = [
    new RetransmitWatch(events),
    new ScrapeWatch(events, clock),
    store,
    new FlightRecorder({ slow, names, events: store, isLaneOnGate, tailNs, epoch, baseNs }),
  ];
  return { store, parts };
}
