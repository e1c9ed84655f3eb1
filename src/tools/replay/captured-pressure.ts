// The pressure that the captured gateway was under: collections, long turns, full rings, by the moment at which they
// happened, to be seen beside the traffic of a replay.

import type { PressureFacts } from "../../capture/capture-record.ts";
import { timeText } from "../terminal-text.ts";

/** What one thread met of one kind within some time. */
export interface PressureSum {
  readonly event: string;
  readonly thread: string;
  count: number;
  maxNs: number;
}

interface PressureEvent {
  readonly atNs: number;
  readonly event: string;
  readonly thread: string;
  readonly durationNs: number;
}

/** A capture of a bad day may have millions; the first of them say enough. */
const EVENTS_MAX = 100_000;

export class CapturedPressure {
  /** Of the whole capture. */
  count = 0;
  private readonly events: PressureEvent[] = [];

  add(atNs: number, { event, thread, durationNs }: Partial<PressureFacts>): void {
    this.count++;
    if (this.events.length >= EVENTS_MAX) return;
    const name = String(event ?? "unknown");
    this.events.push({
      atNs,
      event: name,
      thread: String(thread ?? ""),
      durationNs: durationNs ?? 0,
    });
  }

  /** What happened in [fromNs, toNs) of the capture, the longest first. */
  between(fromNs: number, toNs: number): PressureSum[] {
    const sums = new Map<string, PressureSum>();
    for (const { atNs, event, thread, durationNs } of this.events) {
      if (atNs < fromNs || atNs >= toNs) continue;
      const key = `${event} ${thread}`;
      const sum = sums.get(key) ?? { event, thread, count: 0, maxNs: 0 };
      sum.count++;
      sum.maxNs = Math.max(sum.maxNs, durationNs);
      sums.set(key, sum);
    }
    return [...sums.values()].toSorted((a, b) => b.maxNs - a.maxNs);
  }
}

/** "gc of gate 12 × up to 3.10 ms, inbound-full of gate" */
export const pressureText = (sums: readonly PressureSum[]): string =>
  sums
    .map(({ event, thread, count, maxNs }) => {
      const often = count > 1 ? ` ${count} ×` : "";
      const long = maxNs === 0 ? "" : ` ${count > 1 ? "up to " : ""}${timeText(maxNs)}`;
      return `${event} of ${thread}${often}${long}`;
    })
    .join(", ");
