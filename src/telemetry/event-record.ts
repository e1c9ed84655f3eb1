// What could explain a slow order (design §4): one event of a thread, as it stands in that thread's event ring.

const START_NS_OFFSET = 0; // f64, monotonic
const DURATION_NS_OFFSET = START_NS_OFFSET + 8; // f64
const VALUE_OFFSET = DURATION_NS_OFFSET + 8; // f64, per kind
const KIND_OFFSET = VALUE_OFFSET + 8; // u8, EVENT_KIND
const THREAD_OFFSET = KIND_OFFSET + 1; // u8, THREAD
const DETAIL_OFFSET = THREAD_OFFSET + 3; // i32, per kind
export const EVENT_RECORD_BYTES = DETAIL_OFFSET + 4;
/** Per thread; drained ten times a second. */
export const EVENT_RING_RECORDS = 4096;

/** Only added to: they stand in answers that scripts read. */
export const EVENT_KIND = {
  /** A collection. detail: GC_KIND. */
  GC: 1,
  /**
   * A turn of an event loop that took over a millisecond; of a lane, its stay at home (E18). value: CPU time of it at
   * the least, ns, -1 = not known.
   */
  LONG_TURN: 2,
  /** A lane's batch that took over a millisecond. value: its records; detail: lane. */
  LONG_BATCH: 3,
  /** A journal write or sync over a millisecond. value: bytes; detail: 1 write, 2 sync. */
  SLOW_JOURNAL: 4,
  /** The inbound ring had no room for somebody. value: sockets that waited at the worst; detail: lane. */
  INBOUND_FULL: 5,
  /** The outbound ring had no room for the lane. detail: lane. */
  OUTBOUND_FULL: 6,
  /** A runnable thread had no core (E17). value: ns waited within the slice; detail: THREAD of who waited. */
  CPU_TAKEN: 7,
  /** A log ring closed. value: records dropped meanwhile; detail: THREAD. */
  LOG_OVERFLOW: 8,
  /** Somebody scraped. value: bytes of the answer. */
  SCRAPE: 9,
  /** TCP retransmits of the machine. value: segments within the second. */
  RETRANSMITS: 10,
  /** The lane read packets back from a file, over a millisecond. detail: lane. */
  SLOW_OUTBOX_READ: 11,
  /** The lane waited for the keeper to stage a segment. detail: lane. */
  SEGMENT_WAIT: 12,
  /**
   * The gate slept far longer than its tick allows: the process or its machine was stopped, or it had no core. value:
   * ns of it that it had no core for, at the most.
   */
  STOOD_STILL: 13,
} as const;
export const EVENT_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(EVENT_KIND).map(([name, kind]) => [kind, name.toLowerCase().replaceAll("_", "-")]),
);

/** As Node's performance entries have them. */
export const GC_KIND = {
  MINOR: 1,
  MINOR_MARK_SWEEP: 2,
  MAJOR: 4,
  INCREMENTAL: 8,
  WEAK: 16,
} as const;

/** A shorter turn, batch, write or read is no event. */
export const EVENT_NS_MIN = 1e6;

/** Whose event it is. A lane is LANE + its number. */
export const THREAD = { GATE: 0, SCRIBE: 1, KEEPER: 2, OTHER: 3, LANE: 16 } as const;
export function threadName(thread: number): string {
  if (thread >= THREAD.LANE) return `lane ${thread - THREAD.LANE}`;
  return ["gate", "scribe", "keeper", "other"][thread] ?? `thread ${thread}`;
}
/** As somebody writes it: "lane0" and "lane-0" are "lane 0". */
export const asThreadName = (text: string): string => text.replace(/^lane[ -]?(\d+)$/, "lane $1");

export interface TelemetryEvent {
  readonly startNs: number;
  readonly durationNs: number;
  readonly value: number;
  readonly kind: number;
  readonly thread: number;
  readonly detail: number;
}

export function readEvent(view: DataView, base: number): TelemetryEvent {
  return {
    startNs: view.getFloat64(base + START_NS_OFFSET, true),
    durationNs: view.getFloat64(base + DURATION_NS_OFFSET, true),
    value: view.getFloat64(base + VALUE_OFFSET, true),
    kind: view.getUint8(base + KIND_OFFSET),
    thread: view.getUint8(base + THREAD_OFFSET),
    detail: view.getInt32(base + DETAIL_OFFSET, true),
  };
}

/** `doubles`, `words` and `bytes` lie over the same memory; `base` is a whole 8. */
export function writeEvent(
  doubles: Float64Array,
  words: Int32Array,
  bytes: Uint8Array,
  base: number,
  kind: number,
  thread: number,
  startNs: number,
  durationNs: number,
  value: number,
  detail: number,
): void {
  doubles[(base + START_NS_OFFSET) >> 3] = startNs;
  doubles[(base + DURATION_NS_OFFSET) >> 3] = durationNs;
  doubles[(base + VALUE_OFFSET) >> 3] = value;
  bytes[base + KIND_OFFSET] = kind;
  bytes[base + THREAD_OFFSET] = thread;
  words[(base + DETAIL_OFFSET) >> 2] = detail;
}
