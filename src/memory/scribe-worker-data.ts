// What main gives the scribe when it starts it, and what the scribe reports back over its parent port.

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
  /** TelemetryMemory; undefined: nothing is recorded. */
  readonly telemetry?: unknown;
  /** A gate or lane that is silent for longer is not ready. */
  readonly stallMsMax: number;
}

/** Sent once, when the admin port answers. A port that cannot be had ends the scribe with the fault's status instead. */
export interface ScribeListening {
  readonly event: "listening";
  readonly host: string;
  readonly port: number;
}

/** To the scribe: the process ends; write what still lies in the rings, close your files, and end. */
export interface ScribeStop {
  readonly command: "stop";
}
