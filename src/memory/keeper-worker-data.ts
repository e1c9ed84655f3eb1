// What main gives the keeper when it starts it, and what the two tell one another over the port. One keeper has all
// lanes of one session.

export interface KeeperLaneData {
  readonly lane: number;
  readonly laneDirectory: string;
  /** JournalBlock. */
  readonly block: SharedArrayBuffer;
  /** The one behind the segment that the lane goes on with; 1 in a new session. */
  readonly firstSegmentToStage: number;
}

export interface KeeperWorkerData {
  /** Of the common clock: joinClock(). */
  readonly baseNs: bigint;
  readonly session: string;
  readonly lanes: readonly KeeperLaneData[];
  readonly segmentBytes: number;
  /** New orders are shed while the disk is fuller. */
  readonly diskUsedPercentMax: number;
  readonly recoverySecondsMax: number;
  /** Stands in every checkpoint: another build does not use it. */
  readonly build: string;
  /** Of the outbox that the keeper rebuilds for each lane; it spills to disk before. */
  readonly outboxBytesMax: number;
  /** Event ring of the keeper's thread; undefined: nothing is recorded. */
  readonly events?: SharedArrayBuffer | undefined;
  /** DescriptorList: what is to be closed when the keeper dies. */
  readonly descriptors?: SharedArrayBuffer;
}

/** To the keeper: the lanes have stopped, and so shall you. */
export interface KeeperStop {
  readonly command: "stop";
  /** What is staged will not be needed by a restart either. */
  readonly isSessionOver: boolean;
}

export type KeeperMessage =
  | {
      readonly kind: "line";
      readonly level: "info" | "warn" | "error";
      readonly event: string;
      readonly fields: Readonly<Record<string, string | number | boolean>>;
    }
  | { readonly kind: "status"; readonly status: KeeperStatus };

/** Once a second. */
export interface KeeperStatus {
  /** The kernel's number of the thread; 0 where the kernel does not say. */
  readonly tid: number;
  readonly diskUsedPercent: number;
  readonly isShort: boolean;
  readonly heapBytes: number;
  readonly lanes: readonly KeeperLaneStatus[];
}

export interface KeeperLaneStatus {
  readonly lane: number;
  /** The lane's. */
  readonly currentSegment: number;
  readonly stagedSegments: number;
  /** The newest segment that a checkpoint covers; 0 = there is none. */
  readonly checkpointSegment: number;
  /** Finished segments that no checkpoint covers. */
  readonly segmentsBehind: number;
  /** Packets that the keeper holds in memory, until they are in the store. */
  readonly outboxBytes: number;
  /** Records that the keeper replays in a second; 0 = not known yet. */
  readonly recordsPerSecond: number;
  /** False: something went wrong, and the log said what. A restart then replays more. */
  readonly isCheckpointing: boolean;
}
