// The gate's part of `status`.

import type { BufferPool } from "../memory/buffer-pool.ts";
import type { Admission } from "./admission.ts";
import type { Connections } from "./connections.ts";
import type { InboundLane, LaneLink } from "./inbound-lane.ts";

export interface GateStatus {
  readonly isDraining: boolean;
  readonly isRolling: boolean;
  readonly connections: number;
  /** Of these, not logged in. */
  readonly pending: number;
  /** Of these, logged in. The others are on their way out. */
  readonly live: number;
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

export interface GateStatusParts {
  readonly connections: Connections;
  readonly carries: BufferPool;
  readonly stashes: BufferPool;
  readonly lanes: readonly InboundLane[];
  readonly links: readonly LaneLink[];
  readonly admissions: readonly Admission[];
}

export function gateStatus(
  parts: GateStatusParts,
  isDraining: boolean,
  isRolling: boolean,
): GateStatus {
  const { connections, carries, stashes, lanes, links, admissions } = parts;
  return {
    isDraining,
    isRolling,
    connections: connections.openCount,
    pending: connections.pendingCount,
    live: connections.liveCount,
    sendBuffers: poolStatus(carries),
    stashes: poolStatus(stashes),
    lanes: lanes.map((lane, index) => ({
      inboundSlotsUsed: lane.ring.usedSlots(),
      inboundSlots: lane.ring.slotCount,
      inboundHighWater: lane.highWater,
      outboundSlotsWaiting: links[index]!.outbound.waitingSlots(),
      outboundSlots: links[index]!.outbound.slotCount,
      socketsWaiting: admissions[index]!.waitingCount,
    })),
  };
}

const poolStatus = (pool: BufferPool): PoolStatus => ({
  inUse: pool.inUse,
  highWater: pool.highWater,
  made: pool.made,
  max: pool.buffersMax,
  takes: pool.takes,
});
