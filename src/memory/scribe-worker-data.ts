// What main gives the scribe when it starts it, and what the two tell one another over the port.

import type { KeeperStatus } from "./keeper-worker-data.ts";

export interface ScribeWorkerData {
  /** Of the common clock: joinClock(). */
  readonly baseNs: bigint;
  readonly host: string;
  /** 0 = any free port. A scribe that is started anew gets the port that the first one reported. */
  readonly port: number;
  /** The scribe's own ThreadBlock. */
  readonly thread: SharedArrayBuffer;
  /** GateState. */
  readonly gate: SharedArrayBuffer;
  /** LaneSignal of each lane, in the order of their numbers. */
  readonly laneSignals: readonly SharedArrayBuffer[];
  /** The only lane lives on the gate's thread. */
  readonly isLaneOnGate: boolean;
  /** TelemetryMemory; undefined: nothing is recorded. */
  readonly telemetry?: unknown;
  /** What telemetry knows of the process beside that; undefined: nothing is recorded. */
  readonly process?: ScribeProcessData | undefined;
  /** A gate or lane that is silent for longer is not ready. */
  readonly stallMsMax: number;
}

export interface ScribeProcessData {
  /** Of all sources that a lane decides by. */
  readonly build: string;
  readonly version: string;
  readonly configHash: string;
  /** Since 1970. */
  readonly startedMs: number;
  /** GatewayConfig without whatever is secret: accounts and tokens. */
  readonly config: unknown;
  readonly accountCount: number;
  /** Counters by GATE_COUNTERS. */
  readonly gateCounters: SharedArrayBuffer;
  /** By lane: counters by LANE_COUNTERS. */
  readonly laneCounters: readonly SharedArrayBuffer[];
  /** ThreadBlocks. */
  readonly gateThread: SharedArrayBuffer;
  readonly laneThreads: readonly SharedArrayBuffer[];
}

/** To the scribe: the process ends; write what still lies in the rings, close your files, and end. */
export interface ScribeStop {
  readonly command: "stop";
}

/** To the scribe: this session takes clients from now on. A scribe that is started anew hears it again. */
export interface ScribeSession {
  readonly command: "session";
  readonly session: string;
  readonly lanes: readonly {
    readonly inbound: SharedArrayBuffer;
    readonly outbound: SharedArrayBuffer;
    /** JournalBlock; undefined without a journal. */
    readonly journal: SharedArrayBuffer | undefined;
  }[];
  /** Progress of all connections. */
  readonly progress: SharedArrayBuffer;
}

/** To the scribe, once a second: what main alone knows. */
export interface ScribeSample {
  readonly command: "sample";
  readonly nowNs: number;
  /** Milliseconds that the gate's event loop has slept since the process began. */
  readonly idleMs: number;
  readonly heapBytes: number;
  readonly connections: number;
  /** Of these, not logged in. */
  readonly pending: number;
  /** Of these, logged in. The others are on their way out. */
  readonly live: number;
  readonly socketsWaiting: number;
  /** By lane: most slots of its inbound ring that were ever in use. */
  readonly inboundHighWater: readonly number[];
  readonly pools: Readonly<Record<"send" | "stash", PoolSample>>;
  readonly scribeRestarts: number;
  readonly keeperRestarts: number;
  /** Undefined until it has told the first time, and without a journal. */
  readonly keeper: KeeperStatus | undefined;
}

export interface PoolSample {
  readonly inUse: number;
  readonly highWater: number;
  readonly made: number;
  readonly max: number;
  /** Buffers that were taken so far. */
  readonly takes: number;
}

/** To the scribe: write what comes through the ring to a file. A scribe that is started anew hears it again. */
export interface ScribeCaptureStart {
  readonly command: "capture-start";
  /** Of this capture: what the scribe says of it carries the same. Whoever gave one up may start another meanwhile. */
  readonly number: number;
  readonly path: string;
  /** CaptureInfo. */
  readonly info: unknown;
  /** A capture ring. */
  readonly ring: SharedArrayBuffer;
  /** The file ends when it is as large. */
  readonly bytesMax: number;
  /** Another scribe began it: the file is gone on with, if there is one. */
  readonly isResumed: boolean;
}

/** To the scribe: what is in the ring is the last of it; end the file. */
export interface ScribeCaptureStop {
  readonly command: "capture-stop";
}

export type ScribeCommand =
  | ScribeStop
  | ScribeSession
  | ScribeSample
  | ScribeCaptureStart
  | ScribeCaptureStop;

/** Sent once, when the admin port answers. A port that cannot be had ends the scribe with the fault's status instead. */
export interface ScribeListening {
  readonly event: "listening";
  readonly host: string;
  readonly port: number;
}

/** A line for the operator: main alone writes to stderr. */
export interface ScribeLine {
  readonly event: "line";
  readonly level: "info" | "warn" | "error";
  readonly line: string;
  readonly fields: Readonly<Record<string, string | number | boolean>>;
}

/** The file is there, and what comes through the ring will be in it. */
export interface ScribeCaptureBegun {
  readonly event: "capture-begun";
  readonly number: number;
}

/** Nothing more is written. */
export interface ScribeCaptureEnded {
  readonly event: "capture-ended";
  readonly number: number;
  /** Undefined: as it was told to. Otherwise one line. */
  readonly trouble: string | undefined;
  /** Of the file. */
  readonly bytes: number;
  readonly records: number;
}

export type ScribeMessage = ScribeListening | ScribeLine | ScribeCaptureBegun | ScribeCaptureEnded;
