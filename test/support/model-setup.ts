// What one history of the model is made of, all of it chosen by its seed: sizes so small that every ring, window and
// pool is full now and then, and the paces at which everybody gets his turn.

import type { SeededRandom } from "./seeded-random.ts";

/** Who may be given the next step. */
export const ACTORS = [
  "lane",
  "doorbell",
  "tick",
  "turn",
  "read",
  "kernel",
  "socket",
  "verdict",
  "clientRead",
  "clientAct",
] as const;
export type Actor = (typeof ACTORS)[number];

export interface HistorySetup {
  readonly laneCount: number;
  readonly accountCount: number;
  readonly steps: number;
  /** Times that the process dies. */
  readonly cuts: number;
  readonly inboundSlots: number;
  readonly outboundSlots: number;
  readonly batchMax: number;
  readonly outputsPerStepMax: number;
  /** Requests that the venue may hold back behind sweeps. */
  readonly venueHeldMax: number;
  readonly ordersMax: number;
  readonly offencesMax: number;
  readonly explainIgnored: boolean;
  readonly windowBytes: number;
  readonly sendBuffersMax: number;
  readonly stashesMax: number;
  readonly connectionsMax: number;
  readonly idleTimeoutMs: number;
  readonly sendStallMsMax: number;
  readonly heartbeatIntervalMs: number;
  /** Passwords are hashes, so that the first check of each takes a while. */
  readonly isHashed: boolean;
  /** Bytes that a kernel holds for a client that does not read. */
  readonly kernelBytesMax: number;
  /** Largest piece in which bytes arrive or leave. */
  readonly chunkBytesMax: number;
  /** Lanes write to sockets themselves, as far as the gate lets them. */
  readonly lendsWires: boolean;
  readonly paces: Readonly<Record<Actor, number>>;
}

const PACES = [1, 2, 4, 8, 16];

export function chooseSetup(random: SeededRandom): HistorySetup {
  const slots = [8, 8, 16, 32, 64];
  const paces = Object.fromEntries(ACTORS.map((actor) => [actor, random.pick(PACES)]));
  return {
    laneCount: random.chance(4) ? 2 : 1,
    accountCount: 2 + random.below(4),
    steps: 500 + random.below(2500),
    cuts: random.pick([0, 1, 1, 2]),
    inboundSlots: random.pick(slots),
    outboundSlots: random.pick(slots),
    batchMax: chooseBatchMax(random),
    outputsPerStepMax: random.pick([1, 1, 2, 4, 16]),
    venueHeldMax: random.pick([2, 8, 64, 1024]),
    ordersMax: random.pick([16, 128, 1024]),
    offencesMax: random.pick([2, 10, 1000]),
    explainIgnored: random.chance(2),
    windowBytes: 256 + random.below(3841),
    sendBuffersMax: random.pick([12, 24, 128]),
    stashesMax: random.pick([1, 2, 8]),
    connectionsMax: random.pick([6, 8, 16]),
    idleTimeoutMs: random.pick([2_500, 15_000, 60_000]),
    sendStallMsMax: random.pick([500, 3_000, 30_000]),
    heartbeatIntervalMs: random.pick([200, 1_000]),
    isHashed: random.chance(2),
    kernelBytesMax: random.pick([64, 300, 2_000, 16_384]),
    chunkBytesMax: random.pick([3, 40, 400, 16_384]),
    lendsWires: !random.chance(3),
    paces: paces as Record<Actor, number>,
  };
}

export const chooseBatchMax = (random: SeededRandom): number =>
  random.pick([1, 2, 3, 7, 16, 1 + random.below(64)]);
