// What a lane worker gets from main when it is spawned. Nothing in here decides anything: that comes in CONFIG records.

import type { LaneConfig } from "./lane-config.ts";

/** Where a lane keeps its inputs. */
export interface LaneJournalData {
  /** The lane's own directory within its session's. */
  readonly directory: string;
  /** Of journal.dir: where a record is written down that the lane broke on. */
  readonly crashDirectory: string;
  readonly session: string;
  readonly build: string;
  readonly durability: "power-loss" | "process-crash";
  readonly segmentBytes: number;
  /** JournalBlock. */
  readonly block: SharedArrayBuffer;
}

/** To a lane: nobody needs you any more; close what you have open, and end. */
export interface LaneStop {
  readonly command: "stop";
}

/** To a lane: what are you at? Answered on its next way home (E42). */
export interface LaneAsk {
  readonly command: "describe";
}

export interface LaneDescribed {
  readonly event: "described";
  readonly lane: LaneDescription;
}

/** Requests of an account that were answered with nothing, by reason (semantics §1.5). */
export interface IgnoredOf {
  readonly account: string;
  readonly duplicate: number;
  readonly zero: number;
  readonly deadTarget: number;
  readonly superfluous: number;
}

/** For an operator who wonders what hangs. */
export interface LaneDescription {
  readonly waitsFor: string;
  readonly recordsWaiting: number;
  /** Work that goes on in CONTINUE records. */
  readonly hasUnfinishedWork: boolean;
  /** False: answers of the latest batch found no room in the outbound ring. */
  readonly isHandedOver: boolean;
  /** False: packets wait for their clients, or for the disk. */
  readonly isEverythingDelivered: boolean;
  readonly ordersLive: number;
  /** DAY_PHASE. */
  readonly dayPhase: number;
  readonly isDiskShort: boolean;
  /** Event time that the lane has reached. */
  readonly eventNs: number;
  readonly packetsWritten: number;
  readonly outboxBytes: number;
  readonly outboxSpilledBytes: number;
  /** Whose requests are ignored most, and why; at most ten accounts. */
  readonly ignoredMost: readonly IgnoredOf[];
}

/** Sent by a lane over its parent port when it stands where its journal ends; before that it takes nothing. */
export interface LaneRecovered {
  readonly event: "recovered";
  readonly lane: number;
  /** What the lane decides by; undefined when the journal has no configuration, and so nothing at all. */
  readonly config: LaneConfig | undefined;
  /** Names of the accounts that have logged in, by firmsText(). */
  readonly accountsByFirms: ReadonlyMap<string, readonly string[]>;
  /** DAY_PHASE: how far the end of the day had come. */
  readonly phase: number;
  /** Event time of the latest record. */
  readonly eventNs: number;
  readonly records: number;
  /** Of these, read behind the checkpoint. */
  readonly recordsReplayed: number;
  /** The segment that a checkpoint stood for, 0 = none. */
  readonly checkpointSegment: number;
  /** Why a checkpoint was not used, for the log; empty when it was, or when there is none. */
  readonly checkpointRefusal: string;
  /** Number of the segment that the lane goes on in; the next one is to be staged. 0 = none. */
  readonly segment: number;
  /** What a batch that was not finished left behind, cut off. */
  readonly tornBytes: number;
  readonly tornFile: string;
  readonly elapsedMs: number;
}

/** Sent by a lane that could not rehearse: its first orders will be slow. */
export interface LaneUnrehearsed {
  readonly event: "unrehearsed";
  readonly reason: string;
}

/** All that a lane says over its parent port. */
export type LaneMessage = LaneDescribed | LaneRecovered | LaneUnrehearsed;

export interface LaneWarmUp {
  readonly requests: number;
  /** What the lane will decide by, unless its journal says otherwise. */
  readonly config: LaneConfig;
}

export interface LaneWorkerData {
  readonly lane: number;
  readonly inbound: SharedArrayBuffer;
  readonly outbound: SharedArrayBuffer;
  readonly signal: SharedArrayBuffer;
  readonly progress: SharedArrayBuffer;
  /** Undefined: the gate writes everything. */
  readonly wires?: SharedArrayBuffer | undefined;
  readonly counters: SharedArrayBuffer;
  /** LaneTelemetryMemory; undefined: nothing is recorded. */
  readonly telemetry?: unknown;
  /** ThreadBlock, of all lanes that ever have this number. */
  readonly thread?: SharedArrayBuffer | undefined;
  /** What joinDoorbell() takes. */
  readonly doorbell: unknown;
  /** Base of the process's monotonic clock (E6). */
  readonly baseNs: bigint;
  readonly windowBytes: number;
  readonly batchMax: number;
  readonly outboxBytesMax: number;
  /** Undefined: durability "none". */
  readonly journal: LaneJournalData | undefined;
  /** What the lane rehearses before it takes its first record; undefined: nothing. */
  readonly warmUp?: LaneWarmUp | undefined;
  /** How long an idle lane polls before it parks. */
  readonly spinNs: number;
  /** Longest sleep; at most the 10 ms after which the lane goes home (E18). */
  readonly parkMsMax: number;
}
