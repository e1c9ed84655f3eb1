// Counters of one thread in a shared block (E5): Float64 words, plain, one writer. Doubles, because 32 bits wrap
// within hours; monotonic except where a line says gauge, so a reader takes differences.

import { assert } from "../base/assert.ts";
import { numbered } from "../base/numbered.ts";
import { DETACH_REASON } from "./inbound-record.ts";

export const GATE_COUNTERS = numbered([
  "connectionsAccepted",
  "connectionsRefused", // a cap of `listen` was reached
  "connectionsOpen", // gauge
  "loginsAccepted",
  "loginsRefused",
  // One for each DETACH_REASON, in its order: detachCounter() finds them.
  "detachesClosed",
  "detachesLogout",
  "detachesIdle",
  "detachesStalled",
  "detachesProtocol",
  "detachesForced",
  "detachesDrain",
  "detachesSuperseded",
  "framesIn",
  "framesOut",
  "bytesIn",
  "bytesOut",
  "pauses", // a socket was not read for a while because its lane's ring was full
  "stashes", // the rest of a chunk was put aside
  "staleOut", // outbound records whose connection was gone
  "controlOut", // outbound records without a sequence number
  // Answers that no kernel took, by request type: the connection was gone.
  "undeliveredO",
  "undeliveredU",
  "undeliveredX",
  "undeliveredM",
  "undeliveredC",
  "undeliveredD",
  "undeliveredE",
  "undeliveredQ",
  // Answers that left later than their batch, by request type: behind a backlog, a full window, a sweep.
  "delayedO",
  "delayedU",
  "delayedX",
  "delayedM",
  "delayedC",
  "delayedD",
  "delayedE",
  "delayedQ",
  "answersUnderwayFull", // answers timed before they were written: too many were on their way
  "headline", // answers that make the headline (semantics §6.1)
  "headlineOverSla", // of these, later than telemetry.slaMs
  "backPressureNs", // time during which at least one socket was not read for want of ring room
]);

export const LANE_COUNTERS = numbered([
  "recordsTaken",
  "recordsStale", // inbound records whose connection was not attached
  "ordersEntered",
  "ordersLive", // gauge
  "ordersMax", // gauge
  "instruments", // gauge: those with orders, 0 with a list of them
  "instrumentsMax", // gauge
  "ordersDone",
  "outputs",
  "rejected",
  "ignoredDuplicate",
  "ignoredZero",
  "ignoredDeadTarget",
  "ignoredSuperfluous",
  "malformed",
  "matches",
  "sharesExecuted",
  "takeovers",
  "takeoversRefused", // logins of an account that is taken over too often
  "loginAhead", // a login asked for a sequence beyond the end
  "outboxBytes", // gauge
  "accounts", // gauge
  "batches",
  "continues",
  "dayPhase", // gauge, DAY_PHASE
  "recordsAfterEnd", // messages and logins that came when the session was over
  "outboxSpilledBytes", // gauge, in files
  "outboxRuns", // gauge, entries of the index of those files
  "outboxReads", // chunks read back
  "outboxSlowReads", // of these, longer than a millisecond
  "outboxSpillFailures", // times that the disk had no room for pages
  // Messages taken from attached connections, by request type; what has no such type is malformed.
  "requestsO",
  "requestsU",
  "requestsX",
  "requestsM",
  "requestsC",
  "requestsD",
  "requestsE",
  "requestsQ",
  "requestsOther",
  // Of these, without an answer (E3).
  "ignoredO",
  "ignoredU",
  "ignoredX",
  "ignoredM",
  "ignoredC",
  "ignoredD",
  "ignoredE",
  "ignoredQ",
  "ignoredOther",
  // Of these, answered when nobody was there to be told any more.
  "undeliveredO",
  "undeliveredU",
  "undeliveredX",
  "undeliveredM",
  "undeliveredC",
  "undeliveredD",
  "undeliveredE",
  "undeliveredQ",
]);

/** The gate counter of a DETACH_REASON. */
export const detachCounter = (reason: number): number => GATE_COUNTERS.detachesClosed + reason - 1;

/** Reason codes of rejects that are told apart; the protocol has fewer. */
export const REJECT_CODES = 64;
const FIRST_REJECT = Object.keys(LANE_COUNTERS).length;

/** The lane counter of a reject's reason code: behind the table, as codes have their names elsewhere. */
export const rejectCounter = (code: number): number =>
  FIRST_REJECT + Math.min(code, REJECT_CODES - 1);

export const createCounters = (table: Readonly<Record<string, number>>): SharedArrayBuffer =>
  new SharedArrayBuffer(
    (Object.keys(table).length + REJECT_CODES) * Float64Array.BYTES_PER_ELEMENT,
  );

/** The one thread that counts. */
export class CounterWriter {
  private readonly counts: Float64Array;

  constructor(memory: SharedArrayBuffer) {
    this.counts = new Float64Array(memory);
  }

  get(index: number): number {
    return this.counts[index]!;
  }
  add(index: number, count: number): void {
    this.counts[index]! += count;
  }
  /** For gauges. */
  set(index: number, value: number): void {
    this.counts[index] = value;
  }
}

/** Any thread. A count may be a moment old, never torn: aligned doubles are stored whole. */
export class CounterReader {
  private readonly counts: Float64Array;

  constructor(memory: SharedArrayBuffer) {
    this.counts = new Float64Array(memory);
  }

  read(index: number): number {
    return this.counts[index]!;
  }
  /** Every counter of the table by its name. Not for the path. */
  readAll<Name extends string>(table: Readonly<Record<Name, number>>): Record<Name, number> {
    const entries = Object.entries<number>(table).map(([name, index]) => [name, this.read(index)]);
    return Object.fromEntries(entries) as Record<Name, number>;
  }
}

/**
 * What a lane's answers of the session take on the disk: the keeper's store has each of them in the end, and what the
 * lane's memory has no room for the lane has in a file of its own as well (decision 0004).
 */
export function outboxDiskBytes(lane: CounterReader): number {
  const inFiles = lane.read(LANE_COUNTERS.outboxSpilledBytes);
  return lane.read(LANE_COUNTERS.outboxBytes) + 2 * inFiles;
}

assert(
  detachCounter(DETACH_REASON.CLOSED) === GATE_COUNTERS.detachesClosed &&
    detachCounter(DETACH_REASON.SUPERSEDED) === GATE_COUNTERS.detachesSuperseded,
  "detach counters are not in the order of their reasons",
);
