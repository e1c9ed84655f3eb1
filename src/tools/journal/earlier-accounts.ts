// Who was attached when a single segment begins: that stands in the segments before it, where they are still at hand.

import { setImmediate as nextTurn } from "node:timers/promises";
import { FaultError } from "../../base/fault.ts";
import type { AttachedAccounts } from "./attached-accounts.ts";
import type { LanePlace } from "./journal-place.ts";
import { LaneRecords } from "./lane-records.ts";
import type { RunProgress } from "./run-progress.ts";

const SLICE_RECORDS = 100_000;

/** False: they cannot be read, and those accounts stay unknown. */
export async function learnEarlierAccounts(
  { onlySegment, filesAround, ...rest }: LanePlace,
  accounts: AttachedAccounts,
  progress: RunProgress,
): Promise<boolean> {
  if (onlySegment === undefined || onlySegment.segment === 1) return true;
  const lane = { ...rest, files: filesAround, filesAround, onlySegment: undefined };
  const records = new LaneRecords(lane);
  const { reader } = records;
  reader.lastSegment = onlySegment.segment - 1;
  try {
    for (let count = 1; records.next(); count++) {
      accounts.nameOf(records.record, records.slots);
      if (count % SLICE_RECORDS > 0) continue;
      progress.note("the segments before", count, reader.batchBytesRead);
      await nextTurn();
    }
    return records.number === onlySegment.firstRecord - 1;
  } catch (error) {
    if (error instanceof FaultError) return false;
    throw error;
  } finally {
    records.close();
  }
}
