// What else happened while an order was on its way, and which of it explains the stage that took longest. No verdict:
// an event that lies over a stage may have nothing to do with it. Scribe thread.

import { EVENT_KIND, type TelemetryEvent, THREAD } from "../../telemetry/event-record.ts";
import { STAGE } from "../../telemetry/latency-series.ts";

export interface Overlap {
  readonly event: TelemetryEvent;
  /** Of the order's time, and of its worst stage's. */
  readonly overlapNs: number;
  readonly worstStageNs: number;
}

export interface OrderTimes {
  readonly lane: number;
  readonly sinceNs: number;
  readonly writtenNs: number;
  /** STAGE. */
  readonly worstStage: number;
  readonly worstFromNs: number;
  readonly worstToNs: number;
}

/**
 * Some events consist of others: a long turn is mostly the collection in it. Others go on beside the orders and hold
 * them up only a little. They count for so much less, so that what is nearer to the cause stands first.
 */
const WEIGHTS: ReadonlyMap<number, number> = new Map([
  [EVENT_KIND.CPU_TAKEN, 0.7],
  [EVENT_KIND.LONG_TURN, 0.5],
  // Whatever was under way took longer for it.
  [EVENT_KIND.STOOD_STILL, 1.1],
  [EVENT_KIND.LONG_BATCH, 0.4],
  [EVENT_KIND.INBOUND_FULL, 0.3],
  [EVENT_KIND.OUTBOUND_FULL, 0.3],
  [EVENT_KIND.LOG_OVERFLOW, 0.01],
  [EVENT_KIND.SCRAPE, 0.01],
  [EVENT_KIND.RETRANSMITS, 0.01],
]);

/** Of what another thread did than the one that had the order: it may have taken its core. */
const ELSEWHERE_WEIGHT = 0.01;

/** Events in the order in which they began, so that those of a moment are found without looking at all. */
export class Overlaps {
  private readonly events: readonly TelemetryEvent[];
  private readonly isLaneOnGate: boolean;
  /** The latest end among the events up to each. */
  private readonly latestEnds: Float64Array;

  constructor(events: readonly TelemetryEvent[], isLaneOnGate: boolean) {
    this.events = events;
    this.isLaneOnGate = isLaneOnGate;
    this.latestEnds = new Float64Array(events.length);
    let latest = Number.NEGATIVE_INFINITY;
    for (const [index, event] of events.entries()) {
      latest = Math.max(latest, event.startNs + event.durationNs);
      this.latestEnds[index] = latest;
    }
  }

  /** What overlaps with an order on its way, the best explanation of its worst stage first. */
  of(order: OrderTimes): Overlap[] {
    const found: Overlap[] = [];
    for (let index = this.countUntil(order.writtenNs) - 1; index >= 0; index--) {
      if (this.latestEnds[index]! < order.sinceNs) break;
      const event = this.events[index]!;
      if (!isOnItsWay(event, order.lane)) continue;
      const overlapNs = overlapOf(event, order.sinceNs, order.writtenNs);
      if (overlapNs <= 0) continue;
      const worstStageNs = Math.max(0, overlapOf(event, order.worstFromNs, order.worstToNs));
      found.push({ event, overlapNs, worstStageNs });
    }
    const threads = this.threadsOf(order, found);
    const scoreOf = (overlap: Overlap): number =>
      weightOf(overlap.event, threads) * overlap.worstStageNs;
    return found.sort((a, b) => scoreOf(b) - scoreOf(a) || b.overlapNs - a.overlapNs);
  }

  /** Which of gate and lane had the order in its worst stage. */
  private threadsOf(
    { lane, worstStage }: OrderTimes,
    found: readonly Overlap[],
  ): readonly number[] {
    const laneThread = THREAD.LANE + lane;
    const both = [THREAD.GATE, laneThread];
    if (this.isLaneOnGate) return both;
    if (worstStage === STAGE.decide || worstStage === STAGE.journal) return [laneThread];
    if (worstStage !== STAGE.loopWait) return both;
    // Sockets are not read while the lane has no room.
    const isPaused = found.some(
      ({ event, worstStageNs }) => event.kind === EVENT_KIND.INBOUND_FULL && worstStageNs > 0,
    );
    return isPaused ? both : [THREAD.GATE];
  }

  private countUntil(atNs: number): number {
    let from = 0;
    let to = this.events.length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (this.events[middle]!.startNs <= atNs) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}

function weightOf(event: TelemetryEvent, threads: readonly number[]): number {
  const weight = WEIGHTS.get(event.kind) ?? 1;
  // What had no core is told by CPU_TAKEN, which says so.
  if (event.kind === EVENT_KIND.STOOD_STILL) return weight * (1 - event.value / event.durationNs);
  const thread = threadOf(event);
  const isElsewhere = thread !== undefined && !threads.includes(thread);
  return isElsewhere ? Math.min(weight, ELSEWHERE_WEIGHT) : weight;
}

/** Whom it held up; undefined: not one thread alone. */
function threadOf({ kind, thread, detail }: TelemetryEvent): number | undefined {
  switch (kind) {
    case EVENT_KIND.CPU_TAKEN:
    case EVENT_KIND.LOG_OVERFLOW:
      return detail;
    case EVENT_KIND.INBOUND_FULL:
    case EVENT_KIND.OUTBOUND_FULL:
    case EVENT_KIND.SCRAPE:
    case EVENT_KIND.RETRANSMITS:
      return undefined;
    default:
      return thread;
  }
}

function overlapOf(event: TelemetryEvent, fromNs: number, toNs: number): number {
  const endNs = event.startNs + event.durationNs;
  const overlapNs = Math.min(endNs, toNs) - Math.max(event.startNs, fromNs);
  // Of its slice, the thread was without a core for this long; nobody knows when.
  return event.kind === EVENT_KIND.CPU_TAKEN ? Math.min(overlapNs, event.value) : overlapNs;
}

/** Whether the order may have met it: gate, its own lane, or the whole machine. */
function isOnItsWay({ kind, thread, detail }: TelemetryEvent, lane: number): boolean {
  const laneThread = THREAD.LANE + lane;
  switch (kind) {
    case EVENT_KIND.INBOUND_FULL:
    case EVENT_KIND.OUTBOUND_FULL:
      return detail === lane;
    case EVENT_KIND.CPU_TAKEN:
    case EVENT_KIND.LOG_OVERFLOW:
      return detail === THREAD.GATE || detail === laneThread;
    case EVENT_KIND.SCRAPE:
    case EVENT_KIND.RETRANSMITS:
      return true;
    default:
      return thread === THREAD.GATE || thread === laneThread;
  }
}
