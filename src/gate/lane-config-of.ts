// What a lane decides by, out of the gateway's configuration: the content of its CONFIG records. Main thread, at start.

import type { GatewayConfig } from "../config/gateway-config.ts";
import {
  LANE_BEHAVIOUR_VERSION,
  LANE_CONFIG_FORMAT_VERSION,
  type LaneConfig,
} from "../memory/lane-config.ts";
import { PRICE_UNITS_PER_DOLLAR } from "../protocol/ouch/codes.ts";

export function laneConfigOf(
  { venue, lanes, session }: GatewayConfig,
  sessionId: string,
  midnightUtcMs: number,
  lane: number,
): LaneConfig {
  const { kind, instruments, instrumentsMax, ordersMax } = venue;
  return {
    formatVersion: LANE_CONFIG_FORMAT_VERSION,
    behaviourVersion: LANE_BEHAVIOUR_VERSION,
    session: sessionId,
    midnightUtcMs,
    node: session.node,
    lane,
    outputsPerStepMax: lanes.outputsPerStepMax,
    explainIgnored: session.explainIgnored,
    offencesMax: session.offencesMax,
    venue: {
      kind,
      instruments:
        instruments === "*"
          ? "*"
          : instruments.map(({ symbol, tickSize }) => ({
              symbol,
              tickSize: Math.round(tickSize * PRICE_UNITS_PER_DOLLAR),
            })),
      instrumentsMax,
      ordersMax,
    },
  };
}
