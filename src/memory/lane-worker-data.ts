// What a lane worker gets from main when it is spawned. Nothing in here decides anything: that comes in CONFIG records.

export interface LaneWorkerData {
  readonly lane: number;
  readonly inbound: SharedArrayBuffer;
  readonly outbound: SharedArrayBuffer;
  readonly signal: SharedArrayBuffer;
  readonly progress: SharedArrayBuffer;
  readonly counters: SharedArrayBuffer;
  /** What joinDoorbell() takes. */
  readonly doorbell: unknown;
  /** Base of the process's monotonic clock (E6). */
  readonly baseNs: bigint;
  readonly windowBytes: number;
  readonly batchMax: number;
  readonly outboxBytesMax: number;
  /** How long an idle lane polls before it parks. */
  readonly spinNs: number;
  /** Longest sleep; at most the 10 ms after which the lane goes home (E18). */
  readonly parkMsMax: number;
}
