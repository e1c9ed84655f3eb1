// A process of its own: gives recorded inputs to a fresh lane and prints the digest of what it answers.
//   node test/support/replay-inputs.ts FILE BATCH_MAX [late]

import { readFileSync } from "node:fs";
import { SLOT_BYTES } from "../../src/memory/slot-memory.ts";
import { LaneRig } from "./lane-rig.ts";

const [file = "", batchMax = "1", late = ""] = process.argv.slice(2);
const recorded = readFileSync(file);
const rig = new LaneRig({ batchMax: Number(batchMax), isReplay: true, isLate: late === "late" });
for (let offset = 0; offset < recorded.length; offset += SLOT_BYTES) {
  rig.pushSlot(recorded.subarray(offset, offset + SLOT_BYTES));
}
while (rig.lane.turn() + rig.drainUnseen() > 0);
console.log(rig.digest);
