// Everything a lane decides by, as it travels in the CONFIG records at the head of its inbound ring: JSON, cut into
// pieces that fit a slot. Written by main before the port opens, read by the lane, later also by journals and replays.

import {
  CONFIG_MORE,
  INBOUND_KIND,
  INBOUND_PAYLOAD_BYTES_MAX,
  InboundRecord,
} from "./inbound-record.ts";
import { RING_FULL, type RingProducer } from "./ring-producer.ts";

export const LANE_CONFIG_FORMAT_VERSION = 1;
/** Raised whenever the same records would be answered differently. */
export const LANE_BEHAVIOUR_VERSION = 8;

export interface InstrumentConfig {
  readonly symbol: string;
  /** In units of the wire's price: 1 = $0.0001. */
  readonly tickSize: number;
}

export interface LaneVenueConfig {
  readonly kind: "book" | "ack";
  /** "*" = any symbol, at a tick of 1, numbered in order of first use. */
  readonly instruments: "*" | readonly InstrumentConfig[];
  readonly instrumentsMax: number;
  readonly ordersMax: number;
}

export interface LaneConfig {
  readonly formatVersion: typeof LANE_CONFIG_FORMAT_VERSION;
  readonly behaviourVersion: typeof LANE_BEHAVIOUR_VERSION;
  /** At most 10 letters and digits, e.g. 20261121A. */
  readonly session: string;
  /** The midnight that event time counts from, in milliseconds since 1970 UTC. */
  readonly midnightUtcMs: number;
  /** 0 … 63. */
  readonly node: number;
  /** 0 … 15. */
  readonly lane: number;
  readonly outputsPerStepMax: number;
  readonly explainIgnored: boolean;
  /** Malformed messages after which a connection is closed. */
  readonly offencesMax: number;
  readonly venue: LaneVenueConfig;
}

/** The configuration as payloads of CONFIG records, in order. */
export function laneConfigPieces(config: LaneConfig): Buffer[] {
  const json = Buffer.from(JSON.stringify(config), "utf8");
  const pieces: Buffer[] = [];
  for (let start = 0; start < json.length; start += INBOUND_PAYLOAD_BYTES_MAX) {
    pieces.push(json.subarray(start, start + INBOUND_PAYLOAD_BYTES_MAX));
  }
  return pieces;
}

/**
 * Publishes pieces from index `start` on while the ring has room, and returns the index of the first that is left.
 * A long list of instruments can be longer than the ring: call again when the lane has taken some.
 */
export function publishLaneConfig(
  ring: RingProducer,
  pieces: readonly Buffer[],
  start: number,
  eventNs: number,
): number {
  const record = new InboundRecord();
  let index = start;
  for (; index < pieces.length; index++) {
    const offset = ring.claim(0);
    if (offset === RING_FULL) break;
    const piece = pieces[index]!;
    record.wrap(ring.slots, offset).start(INBOUND_KIND.CONFIG, -1, 0);
    record.flags = index + 1 < pieces.length ? CONFIG_MORE : 0;
    record.detail = index;
    record.eventNs = eventNs;
    record.payloadBytes = piece.length;
    piece.copy(ring.slots.bytes, record.payloadOffset);
  }
  ring.publish();
  return index;
}
