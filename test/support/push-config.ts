// A configuration as CONFIG records into the ring of a LaneRig: the second and later ones are changes.

import { CONFIG_MORE, INBOUND_KIND } from "../../src/memory/inbound-record.ts";
import { type LaneConfig, laneConfigPieces } from "../../src/memory/lane-config.ts";
import type { LaneRig } from "./lane-rig.ts";

/** The writer may be killed before all pieces are written. */
export function pushConfig(
  rig: LaneRig,
  config: LaneConfig,
  piecesMax: number = Number.POSITIVE_INFINITY,
): void {
  const pieces = laneConfigPieces(config);
  for (const [index, piece] of pieces.entries()) {
    if (index >= piecesMax) return;
    const flags = index + 1 < pieces.length ? CONFIG_MORE : 0;
    rig.push(INBOUND_KIND.CONFIG, -1, 0, index, piece, flags);
  }
}
