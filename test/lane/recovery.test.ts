import assert from "node:assert/strict";
import { test } from "node:test";
import { JournaledLane, LANE_DIRECTORY } from "../support/journaled-lane.ts";
import { SimulatedDisk } from "../support/simulated-disk.ts";

test("each start is told apart from all before it in what it writes", () => {
  const disk = new SimulatedDisk(LANE_DIRECTORY);
  const starts = Array.from({ length: 4 }, () => {
    const { recovery, rig } = new JournaledLane(disk);
    rig.lane.close();
    return recovery.incarnation;
  });
  assert.deepEqual(starts, [1, 2, 3, 4]);
});
