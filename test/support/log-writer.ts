// A lane's log, written by a thread of its own as fast as it can.

import { workerData } from "node:worker_threads";
import { LaneLog } from "../../src/telemetry/lane-log.ts";

const { ring, records } = workerData as { ring: SharedArrayBuffer; records: number };
const log = new LaneLog(ring, 0);
for (let number = 1; number <= records; number++) {
  log.lateFill(3, number, number, (number % 1_000) * 1_000);
}
