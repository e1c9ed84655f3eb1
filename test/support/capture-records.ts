// Captures for tests: a description that says nothing, and records that random draws make.

import {
  CAPTURE_KIND,
  CAPTURE_VERSION,
  type CaptureInfo,
  type CaptureRecord,
} from "../../src/capture/capture-record.ts";
import type { SeededRandom } from "./seeded-random.ts";

export const CAPTURE_INFO: CaptureInfo = {
  version: CAPTURE_VERSION,
  protocol: "SoupBinTCP 3.00 / OUCH 5.0",
  origin: "a test",
  host: "host",
  node: "v24",
  cpu: "cpu",
  configHash: "",
  session: "S",
  anchorNs: 1000,
  anchorEpochMs: 1_700_000_000_000,
};

/** Chunks of a few connections, in the order of time. */
export function randomRecords(
  random: SeededRandom,
  count: number,
  bytesMax = 400,
): CaptureRecord[] {
  let atNs = 1000;
  return Array.from({ length: count }, () => {
    atNs += random.below(1_000_000);
    return {
      kind: random.pick([CAPTURE_KIND.IN, CAPTURE_KIND.OUT]),
      flags: 0,
      connection: 1 + random.below(4),
      detail: 0,
      atNs,
      payload: random.bytes(random.below(bytesMax)),
    };
  });
}

/** What of a record is compared. */
export const plainRecord = ({ kind, flags, connection, detail, atNs, payload }: CaptureRecord) => ({
  kind,
  flags,
  connection,
  detail,
  atNs,
  payload: payload.toString("hex"),
});
