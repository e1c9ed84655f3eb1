// A process with a real lane thread under the product's own watch, that loses it the way its first argument says:
// "throws" an invariant of the lane is broken, "ends" the thread goes without a word, "stalls" it makes no sign of
// life. What becomes of the process is for the test to see.

import assert from "node:assert/strict";
import { startClock } from "../../src/base/clock.ts";
import { configureLane, startLane, watchLanes } from "../../src/gate/lane-workers.ts";
import { createCounters, LANE_COUNTERS } from "../../src/memory/counters.ts";
import { openDoorbell } from "../../src/memory/doorbell.ts";
import { InboundRecord } from "../../src/memory/inbound-record.ts";
import { createLaneSignal, LaneSignal } from "../../src/memory/lane-signal.ts";
import { createProgress } from "../../src/memory/progress.ts";
import { createRing } from "../../src/memory/ring-layout.ts";
import { RingProducer } from "../../src/memory/ring-producer.ts";
import { laneConfig } from "./lane-rig.ts";

const STALL_MS_MAX = 400;
const NO_SUCH_KIND = 250;
/** Somebody has to end it if the watch does not; 99 is no status of the product's. */
const PATIENCE_MS = 40_000;

const { clock, baseNs } = startClock();
const doorbell = openDoorbell();
const inbound = createRing(64);
const memory = createLaneSignal();
const signal = new LaneSignal(memory);
const ring = new RingProducer(inbound);
const started = startLane(
  {
    lane: 0,
    inbound,
    outbound: createRing(64),
    signal: memory,
    progress: createProgress(4),
    counters: createCounters(LANE_COUNTERS),
    doorbell: doorbell.transfer,
    baseNs,
    windowBytes: 65_536,
    batchMax: 16,
    outboxBytesMax: 2 ** 20,
    spinNs: 0,
    parkMsMax: 5,
    journal: undefined,
  },
  doorbell.transferList,
  { inbound: ring, signal },
  { warn: (message) => assert.fail(message) },
);
doorbell.listen(() => undefined);
await configureLane(started, laneConfig(), 1);
setTimeout(() => process.exit(99), PATIENCE_MS);
process.stdout.write("configured\n");

switch (process.argv[2]) {
  case "throws": {
    const offset = ring.claim(0);
    new InboundRecord().wrap(ring.slots, offset).start(NO_SUCH_KIND, 0, 1);
    ring.publish();
    signal.wakeLaneIfParked();
    break;
  }
  case "ends":
    void started.worker?.terminate();
    break;
  case "stalls": {
    // The thread cannot be held from outside: the watch looks at a lane that nobody beats for. Before the other one, which
    // has been silent for less time wherever a busy machine has left it no core.
    const silent = new LaneSignal(createLaneSignal());
    silent.beat(clock.nowNs() / 1e6);
    watchLanes([{ ...started, lane: 1, signal: silent }, started], clock, STALL_MS_MAX);
    break;
  }
  default:
    // A lane that is well, under the same watch: only the patience above ends it.
    watchLanes([started], clock, STALL_MS_MAX);
}
