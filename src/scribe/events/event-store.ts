// What could explain a slow order, of all threads: drained from their rings, counted, and the last minutes kept.
// Scribe thread.

import type { Clock } from "../../base/clock.ts";
import type { EpochOffset } from "../../base/epoch-offset.ts";
import {
  EVENT_KIND,
  EVENT_NAMES,
  EVENT_RECORD_BYTES,
  EVENT_RING_RECORDS,
  readEvent,
  type TelemetryEvent,
  threadName,
} from "../../telemetry/event-record.ts";
import { RecordRingReader } from "../../telemetry/record-ring.ts";
import { checkedRoute, queryNumber, queryThread, queryWord } from "../query-values.ts";
import { type AdminReply, type AdminRoute, jsonReply, type ScribePart } from "../scribe-part.ts";
import { describeEvent } from "./described-event.ts";

/** Minutes, unless a machine is in a very bad way. */
const EVENTS_KEPT = 20_000;
const DRAIN_EVERY_NS = 100e6;
const SECONDS_DEFAULT = 120;
const SECONDS_MAX = 86_400;
const SHOWN_DEFAULT = 1000;

/** All there ever were of one sort. */
export interface EventTotal {
  readonly kind: number;
  readonly thread: number;
  /** GC_KIND for collections, else 0. */
  readonly sort: number;
  count: number;
  totalNs: number;
  maxNs: number;
}

export interface EventStoreOptions {
  /** Event rings of the threads. */
  readonly rings: readonly SharedArrayBuffer[];
  readonly clock: Clock;
  readonly epoch: EpochOffset;
  /** Of the common clock, on the machine's. */
  readonly baseNs: bigint;
  readonly eventsMax?: number;
  readonly onEvent?: ((event: TelemetryEvent) => void) | undefined;
}

interface Source {
  readonly ring: RecordRingReader;
  readonly take: (offset: number) => void;
}

export class EventStore implements ScribePart {
  readonly routes: Readonly<Record<string, AdminRoute>>;
  private readonly options: EventStoreOptions;
  private readonly sources: readonly Source[];
  private readonly eventsMax: number;
  private readonly kept: TelemetryEvent[] = [];
  /** Where the next one goes, once there are eventsMax. */
  private next = 0;
  private readonly counts = new Map<number, EventTotal>();
  private drainAtNs = 0;

  constructor(options: EventStoreOptions) {
    this.options = options;
    this.eventsMax = options.eventsMax ?? EVENTS_KEPT;
    this.sources = options.rings.map((memory) => {
      const view = new DataView(memory);
      const ring = new RecordRingReader(memory, EVENT_RECORD_BYTES);
      return { ring, take: (offset) => this.keep(readEvent(view, offset)) };
    });
    this.routes = { "/events.json": checkedRoute((query) => this.answer(query)) };
  }

  tick(nowNs: number): void {
    if (nowNs < this.drainAtNs) return;
    this.drainAtNs = nowNs + DRAIN_EVERY_NS;
    this.drain();
  }

  /** What has come since. Before anybody looks. */
  drain(): void {
    for (const { ring, take } of this.sources) ring.drain(EVENT_RING_RECORDS, take);
  }

  /** Of every kind, thread and sort that there were any of. */
  totals(): Iterable<EventTotal> {
    return this.counts.values();
  }
  /** Lost for want of room in a ring. */
  get droppedCount(): number {
    return this.sources.reduce((count, { ring }) => count + ring.droppedCount, 0);
  }
  /** The longest of a kind on a thread that ended at that moment or later; 0 = there is none. */
  longestNs(kind: number, thread: number, sinceNs: number): number {
    let longestNs = 0;
    for (const event of this.kept) {
      if (event.kind !== kind || event.thread !== thread) continue;
      if (event.startNs + event.durationNs < sinceNs) continue;
      longestNs = Math.max(longestNs, event.durationNs);
    }
    return longestNs;
  }

  /** Those that have something of [fromNs, toNs], in the order in which they began. */
  between(fromNs: number, toNs: number): TelemetryEvent[] {
    return this.kept
      .filter(({ startNs, durationNs }) => startNs <= toNs && startNs + durationNs >= fromNs)
      .sort((a, b) => a.startNs - b.startNs);
  }

  private keep(event: TelemetryEvent): void {
    if (this.kept.length < this.eventsMax) this.kept.push(event);
    else {
      this.kept[this.next] = event;
      this.next = (this.next + 1) % this.eventsMax;
    }
    const total = this.totalOf(event);
    total.count++;
    total.totalNs += event.durationNs;
    total.maxNs = Math.max(total.maxNs, event.durationNs);
    this.options.onEvent?.(event);
  }

  private totalOf({ kind, thread, detail }: TelemetryEvent): EventTotal {
    const sort = kind === EVENT_KIND.GC ? detail : 0;
    const key = (kind << 16) | (thread << 8) | sort;
    let total = this.counts.get(key);
    if (total === undefined) {
      total = { kind, thread, sort, count: 0, totalNs: 0, maxNs: 0 };
      this.counts.set(key, total);
    }
    return total;
  }

  private answer(query: URLSearchParams): AdminReply {
    const seconds = queryNumber(query, "seconds", SECONDS_DEFAULT, 0, SECONDS_MAX);
    const last = queryNumber(query, "last", SHOWN_DEFAULT, 1, this.eventsMax);
    const kind = queryWord(query, "kind", [...EVENT_NAMES.values()]);
    const thread = queryThread(query, "thread");
    this.drain();
    const { clock, epoch, baseNs } = this.options;
    const nowNs = clock.nowNs();
    const found = this.between(nowNs - seconds * 1e9, nowNs).filter(
      (event) =>
        (kind === undefined || EVENT_NAMES.get(event.kind) === kind) &&
        (thread === undefined || threadName(event.thread) === thread),
    );
    return jsonReply({
      seconds,
      found: found.length,
      dropped: this.droppedCount,
      events: found.slice(-last).map((event) => describeEvent(event, epoch, baseNs)),
    });
  }
}
