// The gate's part of `status`.

import type { BufferPool } from "../memory/buffer-pool.ts";

export interface GateStatus {
  readonly isDraining: boolean;
  readonly isRolling: boolean;
  readonly connections: number;
  /** Of these, not logged in. */
  readonly pending: number;
  readonly sendBuffers: PoolStatus;
  readonly stashes: PoolStatus;
  readonly lanes: readonly LaneRingStatus[];
}

export interface PoolStatus {
  readonly inUse: number;
  readonly highWater: number;
  readonly made: number;
  readonly max: number;
  readonly takes: number;
}

export interface LaneRingStatus {
  readonly inboundSlotsUsed: number;
  readonly inboundSlots: number;
  /** Most that were ever in use. */
  readonly inboundHighWater: number;
  readonly outboundSlotsWaiting: number;
  readonly outboundSlots: number;
  /** Sockets that are not read until there is room. */
  readonly socketsWaiting: number;
}

export const poolStatus = (pool: BufferPool): PoolStatus => ({
  inUse: pool.inUse,
  highWater: pool.highWater,
  made: pool.made,
  max: pool.buffersMax,
  takes: pool.takes,
});
