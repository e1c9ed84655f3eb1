// What `status` tells beside the counters (semantics §9): all of it from main's own memory, so that an operator gets it
// while the scribe is dead. src/tools/status.ts puts it into words.

import type { WindowStatus } from "./gate-dump.ts";
import type { LostSession } from "./lost-sessions.ts";
import type { LatencySummary } from "./status-history.ts";

export interface StatusReport {
  readonly version: string;
  readonly build: string;
  readonly configHash: string;
  /** Keys that the files give other values now; null: they cannot be read any more. */
  readonly changedKeys: readonly string[] | null;
  /** Null: not known. */
  readonly lastRun: LastRunStatus | null;
  /** Null: there was no journal to recover from. */
  readonly recovery: RecoveryStatus | null;
  /** Null: nothing is recorded. */
  readonly latency: LatencyStatus | null;
  readonly lostSessions: LostSessionsStatus;
  readonly takeovers: { readonly seconds: number; readonly count: number };
  /** Null: no sync was timed. */
  readonly journalSync: { readonly count: number; readonly p99Ns: number } | null;
  /** Null: no journal, or its disk does not answer. */
  readonly disk: DiskStatus | null;
  readonly windows: WindowStatus;
  readonly outbox: OutboxStatus;
  readonly keeperRestarts: number;
}

export interface LastRunStatus {
  readonly how: string;
  readonly startedAt: string;
  readonly endedAt?: string;
}

export interface RecoveryStatus {
  readonly elapsedMs: number;
  readonly records: number;
  readonly recordsReplayed: number;
}

/** Of the headline, against the SLA. */
export interface ShareStatus {
  readonly seconds: number;
  readonly count: number;
  readonly late: number;
  /** Times as many as allowed. */
  readonly burn: number;
}

export interface LatencyStatus {
  readonly slaMs: number;
  readonly minute: ShareStatus & LatencySummary;
  readonly fiveMinutes: ShareStatus;
  readonly hour: ShareStatus;
  readonly sinceStart: ShareStatus & LatencySummary;
}

export interface LostSessionsStatus {
  readonly seconds: number;
  readonly byReason: Readonly<Record<string, number>>;
  readonly latest: readonly LostSession[];
}

export interface OutboxStatus {
  /** Of memory. */
  readonly bytes: number;
  readonly highWater: number;
  /** What the lanes read from files. */
  readonly fileBytes: number;
}

export interface DiskStatus {
  readonly usedPercent: number;
  /** New orders are shed above. */
  readonly usedPercentMax: number;
  /** Until then. */
  readonly bytesLeft: number;
  /** At the rate of the last hour; null: nothing was written. */
  readonly hoursLeft: number | null;
}
