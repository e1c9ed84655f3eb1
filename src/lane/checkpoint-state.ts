// What a checkpoint holds of a lane, and in which order: all that it knows, then its outbox. The keeper writes it, the
// keeper and a lane at its start read it.

import { assert } from "../base/assert.ts";
import type { StateFileReader } from "../journal/state-file.ts";
import type { StateWriter } from "../journal/state-stream.ts";
import type { LaneCore } from "./lane-core.ts";
import type { Outbox } from "./outbox.ts";

/** The outbox has been flushed and synced. */
export function saveCheckpointState(core: LaneCore, outbox: Outbox, out: StateWriter): void {
  core.save(out);
  outbox.save(out);
}

/** Into fresh ones. What it throws makes them useless, and the checkpoint too. */
export function restoreCheckpointState(
  core: LaneCore,
  outbox: Outbox,
  from: StateFileReader,
): void {
  core.restore(from);
  outbox.restore(from);
  const { digestHigh, digestLow } = from.facts;
  assert(from.isAtEnd, "a checkpoint holds more than a lane's state");
  assert(
    core.digest.high === digestHigh && core.digest.low === digestLow,
    "a checkpoint's state has another digest than its header",
  );
}
