// An event in words and numbers that people and scripts read. Scribe thread.

import type { EpochOffset } from "../../base/epoch-offset.ts";
import {
  EVENT_KIND,
  EVENT_NAMES,
  GC_KIND,
  type TelemetryEvent,
  threadName,
} from "../../telemetry/event-record.ts";

export interface DescribedEvent {
  /** "major gc on gate": short, and the same for events of the same sort. */
  readonly what: string;
  readonly kind: string;
  readonly thread: string;
  readonly time: string;
  readonly durationMs: number;
  /** On the machine's CLOCK_MONOTONIC, as perf and its like print it. */
  readonly monotonicNs: number;
  /** Per kind. */
  readonly [detail: string]: string | number;
}

export const GC_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(GC_KIND).map(([name, kind]) => [kind, name.toLowerCase().replaceAll("_", "-")]),
);
const gcName = (detail: number): string => GC_NAMES.get(detail) ?? `kind ${detail}`;
const JOURNAL_SYNC = 2;
const callName = (detail: number): string => (detail === JOURNAL_SYNC ? "sync" : "write");

/** Of events of the same sort. */
export function whatOf({ kind, thread, detail }: TelemetryEvent): string {
  const where = threadName(thread);
  switch (kind) {
    case EVENT_KIND.GC:
      return `${gcName(detail)} gc on ${where}`;
    case EVENT_KIND.SLOW_JOURNAL:
      return `slow journal ${callName(detail)} on ${where}`;
    case EVENT_KIND.CPU_TAKEN:
      return `cpu taken from ${threadName(detail)}`;
    case EVENT_KIND.INBOUND_FULL:
      return `inbound ring of lane ${detail} full`;
    case EVENT_KIND.OUTBOUND_FULL:
      return `outbound ring of lane ${detail} full`;
    case EVENT_KIND.LOG_OVERFLOW:
      return `log of ${threadName(detail)} overflown`;
    case EVENT_KIND.STOOD_STILL:
      return "process stood still";
    case EVENT_KIND.SCRAPE:
    case EVENT_KIND.RETRANSMITS:
      return nameOf(kind);
    default:
      return `${nameOf(kind).replaceAll("-", " ")} on ${where}`;
  }
}

export const nameOf = (kind: number): string => EVENT_NAMES.get(kind) ?? `kind-${kind}`;

export function describeEvent(
  event: TelemetryEvent,
  epoch: EpochOffset,
  baseNs: bigint,
): DescribedEvent {
  return {
    what: whatOf(event),
    kind: nameOf(event.kind),
    thread: threadName(event.thread),
    time: timeText(epoch, event.startNs),
    durationMs: thousandths(event.durationNs / 1e6),
    monotonicNs: Number(baseNs) + event.startNs,
    ...detailsOf(event),
  };
}

function detailsOf({ kind, value, detail }: TelemetryEvent): Record<string, string | number> {
  switch (kind) {
    case EVENT_KIND.GC:
      return { collection: gcName(detail) };
    case EVENT_KIND.LONG_TURN:
      return value < 0 ? {} : { cpuMs: thousandths(value / 1e6) };
    case EVENT_KIND.LONG_BATCH:
      return { records: value };
    case EVENT_KIND.SLOW_JOURNAL:
      return { call: callName(detail), bytes: value };
    case EVENT_KIND.INBOUND_FULL:
      return { lane: detail, sockets: value };
    case EVENT_KIND.CPU_TAKEN:
      return { from: threadName(detail), waitedMs: thousandths(value / 1e6) };
    case EVENT_KIND.LOG_OVERFLOW:
      return { from: threadName(detail), records: value };
    case EVENT_KIND.STOOD_STILL:
      return { waitedMs: thousandths(value / 1e6) };
    case EVENT_KIND.SCRAPE:
      return { bytes: value };
    case EVENT_KIND.RETRANSMITS:
      return { segments: value };
    default:
      return {};
  }
}

export const thousandths = (value: number): number => Math.round(value * 1e3) / 1e3;

/** As toISOString(), with microseconds. */
export function timeText(epoch: EpochOffset, atNs: number): string {
  const [seconds, nanoseconds] = epoch.timeOf(atNs);
  const micros = Math.floor(nanoseconds / 1e3)
    .toString()
    .padStart(6, "0");
  return `${new Date(seconds * 1e3).toISOString().slice(0, -".000Z".length)}.${micros}Z`;
}
